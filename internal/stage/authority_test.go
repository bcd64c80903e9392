package stage

import (
	"strings"
	"testing"
)

// TestTwoPeopleAtTheSlackEnd plays what takes two people, and the way out when there is
// only one, as people see it.
func TestTwoPeopleAtTheSlackEnd(t *testing.T) {
	quietly(t, Config{Speed: 20}, func(h *hall) {
		h.part("two people", func() { h.twoPeople() })
		h.part("break-glass", func() { h.breakGlass() })
		h.part("shared channel", func() { h.outsiders() })
	})
}

// twoPeople: Carl asks for twice the count; the first approval shows, the same person again
// is told, and the second person completes it.
func (h *hall) twoPeople() {
	card := h.ask(carl, "download-worker 12 because the outage left a backlog")
	h.wants("the card", card.all, "0 of 2 approvals")
	h.click(ana, card, "approve")
	h.wants("the card", h.see(carl, "one of two", at(card.ts), saying("1 of 2 approvals")).all, "<@"+ana+">", "Another person on call has to approve")
	before := h.now(IncidentChannel)
	h.click(ana, card, "approve")
	h.wants("what Ana is told", h.see(ana, "that she counts already", after(before), privately).all, "1 of 2", "Another on-call person")
	if desired, _ := h.replicas("download-worker"); desired != 6 {
		h.Errorf("got %d replicas, want 6: one approval of two is there", desired)
	}
	h.click(ben, card, "approve")
	done := h.see(carl, "12/12", at(card.ts), saying("12/12 ready"))
	h.wants("the card", done.all, "<@"+ana+">", "<@"+ben+">")
	h.wants("the history", h.answer(carl, "history download-worker").all, "approved by <@"+ana+">, <@"+ben+">")
	if n := h.counted(`scalebot_decisions_total{component="download-worker",outcome="already_approved",verb="approve"}`); n != 1 {
		h.Errorf("Ana's second approval was counted %v times as refused, want once", n)
	}
}

// breakGlass: Ana is alone. Without a reason it is refused; with one the change goes ahead
// and is told where it was asked for and where everybody looks, with the group called.
func (h *hall) breakGlass() {
	before, there := h.now(IncidentChannel), h.now(general)
	h.slashIn(general, carl, "event-ingester 8 because the backlog grows")
	card := h.seeIn(general, ana, h.soon, "the card", after(there), inChannel, offering("approve"))
	h.wants("the card", card.all, "0 of 2 approvals")
	h.wants("what Ana is told", h.answer(ana, "approve event-ingester --break-glass").all, "needs a reason")
	h.slash(ana, "approve event-ingester --break-glass because nobody else is awake")
	for _, channel := range []string{general, IncidentChannel} {
		since := map[string]string{general: there, IncidentChannel: before}[channel]
		alarm := h.seeIn(channel, ben, h.soon, "the alarm in "+channel, after(since), inChannel, alarming)
		h.wants("the alarm in "+channel, alarm.all, "<@"+ana+">", "nobody else is awake", "<!subteam^"+onCall+">")
	}
	done := h.seeIn(general, ana, h.soon, "8/8", at(card.ts), saying("8/8 ready"))
	h.wants("the card", done.all, "carried alone by <@"+ana+">")
	h.eventually(pauseAfter, func() bool { return false })
	for _, channel := range []string{general, IncidentChannel} {
		if n := len(only(h.messages(channel, ben), inChannel, alarming)); n != 1 {
			h.Errorf("%s has %d alarms, want one", channel, n)
		}
	}
}

// alarming picks the announcements of broken glass, and not the card that tells of it.
func alarming(m message) bool { return strings.HasPrefix(m.text, "Break-glass") }

// outsiders: the channel of an open card is shared with another company. Nobody decides
// there any more; who tries is on the record, and what was asked for can be decided
// elsewhere.
func (h *hall) outsiders() {
	there := h.now(general)
	h.slashIn(general, carl, "result-processor 3")
	card := h.seeIn(general, ana, h.soon, "the card", after(there), inChannel, offering("approve"))
	const news = `scalebot_slack_envelopes_total{type="events_api"}`
	heard := h.counted(news)
	h.fault(object{"share": general})
	h.until(h.soon, "the news that the channel is shared", func() bool { return h.counted(news) > heard })
	h.click(eve, card, "approve")
	h.wants("what Eve is told", h.seeIn(general, eve, h.soon, "a refusal", after(card.ts), privately).all, "shared with another company")
	h.seeIn(general, ana, h.soon, "the refusal on the card", at(card.ts), saying("approve: this channel is shared", "<@"+eve+">"))
	if n := h.counted(`scalebot_decisions_total{component="result-processor",outcome="shared_channel",verb="approve"}`); n != 1 {
		h.Errorf("the refusal was counted %v times, want once", n)
	}
	h.wants("the timeline", h.answer(carl, "timeline result-processor-1").all, "refused (shared\\_channel)")
	h.slash(ben, "approve result-processor")
	h.until(h.soon, "the change", func() bool { desired, ready := h.replicas("result-processor"); return desired == 3 && ready == 3 })
	h.fault(object{"unshare": general})
}
