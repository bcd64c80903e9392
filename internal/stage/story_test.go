package stage

import (
	"net/http"
	"testing"
	"time"
)

// TestTheStory is the main job, R-139 to: the command, the
// approval by somebody on call, 9/9, and the three reports in the thread, each once.
// Afterwards the bot's own face has counted all of it.
func TestTheStory(t *testing.T) {
	quietly(t, Config{Speed: 240}, func(h *hall) {
		card := h.ask(carl, "download-worker 9 because lag is rising")
		h.wants("the card", card.all, "~6~", "*9*", "<@"+carl+">", "lag is rising", "kubectl")
		h.click(ben, card, "approve")
		h.see(carl, "9/9 on the card", at(card.ts), saying("9/9 ready", "Approved by <@"+ben+">"))
		if desired, ready := h.replicas("download-worker"); desired != 9 || ready != 9 {
			t.Errorf("the world has %d replicas, %d of them ready, want 9 and 9", desired, ready)
		}
		horizons := []string{"5 min", "15 min", "1 h"}
		for _, horizon := range horizons {
			report := h.seeIn(IncidentChannel, carl, hour, "the report at "+horizon, inThread(card.ts), saying("*"+horizon+" after scaling"))
			h.wants("the report", report.all, "download-worker-1", "6 → 9", "Kafka", "counted from")
		}
		h.until(h.soon, "the operation to be done", func() bool {
			return h.counted(`scalebot_operation_states_total{component="download-worker",state="done"}`) == 1
		})
		for _, horizon := range horizons {
			if n := len(only(h.messages(IncidentChannel, carl), saying("*"+horizon+" after scaling"), publicly)); n != 1 {
				t.Errorf("got %d reports at %s, want one", n, horizon)
			}
		}
		if n := len(only(h.messages(IncidentChannel, carl), inChannel, saying("download-worker-1"))); n != 1 {
			t.Errorf("got %d cards, want one", n)
		}
		h.checkFace(t)
	})
}

// TestOverLoopback is the beginning of the story over real sockets and in real time, since
// everything else here plays in memory. It waits for facts, and for as long as it takes.
func TestOverLoopback(t *testing.T) {
	t.Parallel()
	h := opened(t, Config{Speed: 10}, &http.Transport{})
	h.soon = 5 * time.Minute
	h.calm()
	card := h.ask(carl, "download-worker 9 because lag is rising")
	h.click(ben, card, "approve")
	h.see(carl, "9/9 on the card", at(card.ts), saying("9/9 ready", "Approved by <@"+ben+">"))
	if desired, ready := h.replicas("download-worker"); desired != 9 || ready != 9 {
		t.Errorf("the world has %d replicas, %d of them ready, want 9 and 9", desired, ready)
	}
}

// checkFace looks at the probes and the series after the story.
func (h *hall) checkFace(t *testing.T) {
	for _, path := range []string{"/healthz", "/readyz"} {
		if status, body := h.face(path); status != http.StatusOK {
			t.Errorf("%s: got %d %s, want 200", path, status, body)
		}
	}
	for series, want := range map[string]float64{
		`scalebot_decisions_total{component="download-worker",outcome="ok",verb="propose"}`: 1,
		`scalebot_decisions_total{component="download-worker",outcome="ok",verb="approve"}`: 1,
		`scalebot_effects_total{component="download-worker",outcome="written"}`:             1,
		`scalebot_component_replicas{component="download-worker"}`:                          9,
		`scalebot_component_replicas{component="dlq-handler"}`:                              1,
		`scalebot_slack_sockets`:                             2,
		`scalebot_slack_connects_total`:                      2,
		`scalebot_slack_envelopes_total{type="interactive"}`: 1,
		`scalebot_leading`:                                   1,
	} {
		if got := h.counted(series); got != want {
			t.Errorf("%s: got %v, want %v", series, got, want)
		}
	}
	for _, state := range []string{"proposed", "approved", "applying", "settling", "watching", "done"} {
		if got := h.counted(`scalebot_operation_states_total{component="download-worker",state="` + state + `"}`); got != 1 {
			t.Errorf("entered %s %v times, want once", state, got)
		}
	}
	for series, most := range map[string]float64{
		`scalebot_sample_age_seconds`:                                  300,
		`scalebot_component_lag_messages{component="download-worker"}`: 1e6,
		`scalebot_slack_ack_worst_seconds`:                             3,
	} {
		if got := h.counted(series); got < 0 || got > most {
			t.Errorf("%s: got %v, want from 0 to %v", series, got, most)
		}
	}
	// Each report has a verdict of its own, so the series are added up.
	if n := h.summed(`scalebot_reports_total{component="download-worker"`); n != 3 {
		t.Errorf("counted %v reports, want 3", n)
	}
}
