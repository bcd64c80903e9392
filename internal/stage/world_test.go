package stage

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAnOwnerUndoesIt scales what an autoscaler owns: the card warns with its name, and
// the revert is reported with who did it (T-01).
func TestAnOwnerUndoesIt(t *testing.T) {
	quietly(t, Config{Scenario: "keda-owned"}, func(h *hall) {
		card := h.ask(ana, "download-worker 9 because the backlog has to go")
		h.wants("the card", card.all, "Will be undone", "ScaledObject download-worker-scaler", "The way out")
		h.click(ben, card, "approve")
		told := h.see(carl, "the revert in the thread", inThread(card.ts), saying("set to 6 by ScaledObject download-worker-scaler"))
		end := h.see(carl, "the revert on the card", at(card.ts), saying("Failed"))
		h.wants("the card", end.all, "Undone", "ScaledObject download-worker-scaler")
		if n := len(only(h.messages(IncidentChannel, carl), inThread(card.ts))); n != 1 {
			t.Errorf("got %d messages in the thread, want the one about the revert: %s", n, told.text)
		}
	})
}

// TestItSpeaksFirst: lag crosses the limit and nobody has asked; the prepared
// change under the alert's button leads to an approved change and a rollout.
func TestItSpeaksFirst(t *testing.T) {
	inHall(t, Config{Scenario: "spike", Speed: 30}, func(h *hall) {
		alert := h.seeIn(IncidentChannel, carl, hour, "the alert", inChannel, offering("scale_recommended"), saying("Critical"))
		h.wants("the alert", alert.all, "download-worker", "lag", "Scale to")
		h.click(ben, alert, "scale_recommended")
		h.seeIn(IncidentChannel, carl, hour, "the rollout", saying("watching what it does", "Approved by <@"+ben+">"))
		if n := len(only(h.messages(IncidentChannel, carl), inChannel, saying("download-worker-alert-1 · "))); n != 1 {
			t.Errorf("got %d alerts of one episode, want one card edited in place", n)
		}
	})
}

// TestKafkaIsAway starts the bot beside a Kafka that does not answer: what is unknown is
// shown as unknown, and nothing is advised, alerted or changed on the ground of it.
func TestKafkaIsAway(t *testing.T) {
	quietly(t, Config{brokers: []string{"127.0.0.1:1"}}, func(h *hall) {
		status := h.answer(carl, "download-worker")
		h.wants("the status", status.all, "unknown", "127.0.0.1:1")
		if strings.Contains(status.all, "*Lag*\n0") {
			t.Errorf("the unknown lag is shown as zero:\n%s", status.all)
		}
		overview := h.answer(carl, "")
		h.wants("the overview", overview.all, "download-worker", "unknown")
		advice := h.answer(ana, "download-worker recommended")
		h.wants("the refusal to recommend", advice.all, "Too little is known", "lag is unknown")
		if got := h.counted(`scalebot_component_lag_messages{component="download-worker"}`); got != -1 {
			t.Errorf("the lag on /metrics is %v, want no series while it is unknown", got)
		}
		if got := h.counted(`scalebot_component_replicas{component="download-worker"}`); got != 6 {
			t.Errorf("the replicas on /metrics are %v, want 6: only Kafka is away", got)
		}
		// Ten minutes of the runbook, in which everything "sustained" would have been: all that
		// is told is that nothing is known.
		if h.eventually(10*time.Second, func() bool {
			return len(only(h.messages(IncidentChannel, carl), publicly, inChannel)) > 1
		}) {
			t.Errorf("something was posted without anything being known:\n%s", h.transcript())
		}
		note := h.seeIn(IncidentChannel, carl, hour, "the note", publicly, inChannel, saying("❔ *No lag from Kafka since at least"))
		h.wants("the note", note.all, "5 of 5 components have rules that cannot be judged", "The lag cannot be judged anywhere, and no alert opens until it can", "scalebot doctor")
		for _, path := range []string{"/healthz", "/readyz"} {
			if status, body := h.face(path); status != http.StatusOK {
				t.Errorf("%s: got %d %s; a restart would not bring Kafka back", path, status, body)
			}
		}
	})
}

// TestMetricsAreDown: what the workers and the metrics API do not say is unknown on the
// status and never a pass; the change itself is still a person's right.
func TestMetricsAreDown(t *testing.T) {
	quietly(t, Config{Scenario: "metrics-down"}, func(h *hall) {
		var status message
		h.until(h.soon, "the last good readings to be too old", func() bool {
			status = h.answer(carl, "download-worker")
			return strings.Contains(status.all, "*p95 latency*\nunknown") && strings.Contains(status.all, "*CPU and memory*\nunknown")
		})
		note := h.seeIn(IncidentChannel, carl, hour, "the note", publicly, inChannel, saying("❔ *No metrics from "))
		h.wants("the note", note.all, "download-worker", "retry-scheduler*: p95 latency, CPU, memory, timeouts, throughput (R-002 to R-006)", "Lag is read, so alerts about lag still come", "scalebot doctor")
		for _, part := range []string{"*CPU and memory*\nunknown", "*Errors*\nunknown", "*p95 latency*\nunknown"} {
			h.wants("the status", status.all, part)
		}
		card := h.ask(ana, "download-worker 8")
		h.click(ben, card, "approve")
		h.see(carl, "8/8", at(card.ts), saying("8/8 ready"))
		report := h.seeIn(IncidentChannel, carl, hour, "the first report", inThread(card.ts), saying("*5 min after scaling"))
		for line := range strings.Lines(report.all) {
			if strings.Contains(line, "no error spike") && !strings.Contains(line, "unknown") {
				t.Errorf("the error rate is not known, and the report says: %s", line)
			}
		}
	})
}
