package stage

import (
	"fmt"
	"strings"
	"testing"
)

// TestSlackFails has Slack throttle, fail, lose answers and refuse blocks while a change
// is made: nothing is lost and nothing is there twice.
func TestSlackFails(t *testing.T) {
	quietly(t, Config{}, func(h *hall) {
		h.part("posting", func() { h.postingFails() })
		h.part("editing and reporting", func() { h.reportingFails() })
	})
}

func withPicture(m message) bool { return strings.Contains(fmt.Sprint(m.files), "image/png") }

// onlyCard waits for the card of a proposal and checks that it is there once.
func (h *hall) onlyCard(id, text string) message {
	h.Helper()
	card := h.ask(ana, text)
	h.eventually(pauseAfter, func() bool { return len(only(h.messages(IncidentChannel, ana), inChannel, saying(id))) > 1 })
	if n := len(only(h.messages(IncidentChannel, ana), inChannel, saying(id))); n != 1 {
		h.Errorf("got %d cards of %s, want one", n, id)
	}
	return card
}

func (h *hall) postingFails() {
	for i, fault := range []object{
		{"status": 429, "retry_after": 1, "count": 2},
		{"status": 500},
		{"cut": "after"},
		{"cut": "before"},
		{"error": "internal_error"},
	} {
		fault["method"] = "chat.postMessage"
		h.fault(fault)
		h.onlyCard(fmt.Sprintf("event-ingester-%d", i+1), fmt.Sprintf("event-ingester %d", 4+i%2))
	}
	for _, kind := range []string{"throttled", "unknown_outcome"} {
		if n := h.counted(`scalebot_slack_errors_total{kind="` + kind + `",method="chat.postMessage"}`); n <= 0 {
			h.Errorf("counted %v errors of the kind %s, want some", n, kind)
		}
	}
}

// reportingFails breaks the edits of a rollout, the answer to the first report, and
// the native chart.
func (h *hall) reportingFails() {
	card := h.ask(ana, "download-worker 8")
	h.fault(object{"refuse_blocks": []string{"data_visualization"}})
	for _, fault := range []object{{"status": 429, "retry_after": 1}, {"status": 500}, {"cut": "after"}, {"error": "internal_error"}} {
		fault["method"] = "chat.update"
		h.fault(fault)
	}
	h.click(ben, card, "approve")
	h.see(ana, "8/8 in spite of failing edits", at(card.ts), saying("8/8 ready"))
	h.seeIn(IncidentChannel, ana, hour, "the first report", inThread(card.ts), saying("*5 min after scaling"))
	h.seeIn(IncidentChannel, ana, hour, "the chart as a picture", inThread(card.ts), func(m message) bool { return strings.Contains(fmt.Sprint(m.files), "image/png") })
	h.seeIn(IncidentChannel, ana, hour, "the second report", inThread(card.ts), saying("*15 min after scaling"))
	for _, horizon := range []string{"5 min", "15 min"} {
		reports := only(h.messages(IncidentChannel, ana), inThread(card.ts), saying("*"+horizon+" after scaling"), func(m message) bool { return !withPicture(m) })
		if len(reports) != 1 {
			h.Errorf("got %d reports at %s, want one", len(reports), horizon)
		}
		for _, r := range reports {
			if strings.Contains(fmt.Sprint(r.blocks), "data_visualization") {
				h.Errorf("the report at %s has the block that the workspace refuses", horizon)
			}
		}
	}
}

// TestSocketsFail sends commands while Slack refreshes and drops connections.
func TestSocketsFail(t *testing.T) {
	quietly(t, Config{Speed: 20}, func(h *hall) {
		h.part("refresh", func() { h.refreshes() })
		h.part("drop", func() { h.drops() })
		h.part("no connection at all", func() { h.deaf() })
		h.part("an event twice", func() { h.twice() })
	})
}

func (h *hall) versions() int {
	h.Helper()
	return len(only(h.messages(general, carl), privately, saying("1.2.3")))
}

// refreshes asks both connections at once to make way for new ones, which is worse than
// what Slack does. Slack tells the person when a command found no connection; every
// command that was taken is answered, once.
func (h *hall) refreshes() {
	const rounds, each = 4, 10
	taken := 0
	for range rounds {
		for i := range each {
			if i == each/2 {
				h.fault(object{"disconnect": "refresh_requested", "links": "all"})
			}
			if h.do("/emulator/slash", object{"user": carl, "channel": general, "text": "version"})["ok"] == true {
				taken++
			}
		}
		h.until(h.soon, "two connections again", func() bool { return h.counted("scalebot_slack_sockets") == 2 })
	}
	h.until(h.soon, "every command to be answered", func() bool { return h.versions() >= taken })
	// One whose ack was lost with the connection was taken as well, though Slack says it failed.
	if n := h.versions(); n < taken || n > rounds*each || taken < rounds*each/2 {
		h.Errorf("got %d answers to %d commands taken of %d", n, taken, rounds*each)
	}
}

// drops cuts the connections without a word; the bot comes back by itself, and what
// was proposed is there once.
func (h *hall) drops() {
	before := h.counted("scalebot_slack_connects_total")
	h.slash(ana, "event-ingester 4")
	h.fault(object{"drop_sockets": true})
	h.see(ana, "the card in spite of the drop", inChannel, saying("event-ingester-1"))
	h.until(h.soon, "two connections again", func() bool {
		return h.counted("scalebot_slack_sockets") == 2 && h.counted("scalebot_slack_connects_total") >= before+2
	})
	h.answer(carl, "version")
}

// deaf refuses new connections: the probe says so, and recovers.
func (h *hall) deaf() {
	h.fault(object{"refuse_connects": true, "drop_sockets": true})
	var body string
	h.until(h.soon, "/readyz to say that Slack is away", func() bool {
		var status int
		status, body = h.face("/readyz")
		return status == 503
	})
	h.wants("/readyz", body, `"name":"slack","ok":false`, `"name":"sampler","ok":true`, "why")
	if status, _ := h.face("/healthz"); status != 200 {
		h.Errorf("/healthz: got %d, want 200: a restart would not bring Slack back", status)
	}
	h.fault(object{"refuse_connects": false})
	h.until(h.soon, "the bot to be ready again", func() bool { status, _ := h.face("/readyz"); return status == 200 })
	h.until(h.soon, "both connections", func() bool { return h.counted("scalebot_slack_sockets") == 2 })
}

// twice delivers one mention two times, as Slack does when an ack was late.
func (h *hall) twice() {
	card := h.ask(ana, "result-processor 3")
	h.fault(object{"duplicate_event": 1})
	h.must("/emulator/mention", object{"user": ben, "channel": IncidentChannel, "thread_ts": card.ts, "text": "approve"})
	h.see(ana, "3/3", at(card.ts), saying("3/3 ready"))
	if n := h.counted(`scalebot_slack_envelopes_odd_total{kind="duplicate"}`); n != 1 {
		h.Errorf("counted %v duplicates, want one", n)
	}
	if told := only(h.messages(IncidentChannel, ben), after(card.ts), privately, saying("already")); len(told) != 0 {
		h.Errorf("the second delivery was answered: %+v", told)
	}
}
