package stage

import (
	"sync"
	"testing"
)

// TestWhoMay plays the people of the demo before one card: who may ask, who
// may decide, who may neither. What others are told is private and names what is missing.
func TestWhoMay(t *testing.T) {
	quietly(t, Config{Speed: 20}, func(h *hall) {
		card := h.ask(ana, "download-worker 9")
		h.part("others are refused", func() { h.refusals(card) })
		h.part("two at once", func() { h.twoApprovers() })
		h.part("somebody who left the group", func() { h.offCall() })
	})
}

// refusals has everybody press Approve who must not.
func (h *hall) refusals(card message) {
	h.fault(object{"force": true})
	for user, want := range map[string]string{carl: "on call", gina: "guest", eve: "people of other companies", dan: "deactivated"} {
		before := h.now(IncidentChannel)
		h.click(user, card, "approve")
		told := h.see(user, "what "+user+" is told", after(before), privately)
		h.wants("what "+user+" is told", told.all, want)
		if n := len(only(h.messages(IncidentChannel, ben), after(before), privately)); n != 0 {
			h.Errorf("Ben sees %d messages meant for %s", n, user)
		}
	}
	if desired, _ := h.replicas("download-worker"); desired != 6 {
		h.Errorf("got %d replicas, want 6: nobody who may has approved", desired)
	}
	if now := only(h.messages(IncidentChannel, ben), at(card.ts), offering("approve")); len(now) != 1 {
		h.Errorf("the card can no longer be approved: %+v", only(h.messages(IncidentChannel, ben), at(card.ts)))
	}
	h.fault(object{"force": false})
}

// twoApprovers press at the same instant: one wins, the other is told who was first.
func (h *hall) twoApprovers() {
	card := h.ask(carl, "download-worker 8")
	var both sync.WaitGroup
	for _, user := range []string{ana, ben} {
		both.Go(func() { h.click(user, card, "approve") })
	}
	both.Wait()
	tell := func(user string) []message {
		return only(h.messages(IncidentChannel, user), after(card.ts), privately)
	}
	h.until(h.soon, "one of them to be told", func() bool { return len(tell(ana))+len(tell(ben)) > 0 })
	h.see(carl, "8/8", at(card.ts), saying("8/8 ready"))
	if n := len(tell(ana)) + len(tell(ben)); n != 1 {
		h.Errorf("%d of the two were told that they were too late, want one", n)
	}
	winner, loser := ana, ben
	if len(tell(ana)) > 0 {
		winner, loser = ben, ana
	}
	for _, m := range tell(loser) {
		h.wants("what the second one is told", m.all, "already", map[string]string{ana: "ana", ben: "ben"}[winner])
	}
	if n := h.counted(`scalebot_effects_total{component="download-worker",outcome="written"}`); n != 1 {
		h.Errorf("the count was written %v times, want once", n)
	}
}

// offCall removes Ben from the group after the card was made: membership is read at the
// click.
func (h *hall) offCall() {
	card := h.ask(ana, "event-ingester 4")
	h.fault(object{"group": object{"id": onCall, "members": []string{ana}}})
	before := h.now(IncidentChannel)
	h.click(ben, card, "approve")
	h.wants("what Ben is told", h.see(ben, "a refusal", after(before), privately).all, "on call")
	h.fault(object{"group": object{"id": onCall, "members": []string{ana, ben}}})
	h.click(ben, card, "approve")
	h.see(ana, "4/4", at(card.ts), saying("4/4 ready"))
}

// TestRooms loses the bot's place in a channel, and a card, in the middle of things.
func TestRooms(t *testing.T) {
	quietly(t, Config{Speed: 20}, func(h *hall) {
		h.part("not a member", func() { h.removed() })
		h.part("card deleted", func() { h.deleted() })
		h.part("channel archived", func() { h.archived() })
	})
}

// removed has the bot asked in a channel it is not in.
func (h *hall) removed() {
	h.fault(object{"remove_bot": general})
	h.slashIn(general, ana, "download-worker 7")
	h.seeIn(general, ana, h.soon, "how to get the bot in", privately, saying("/invite @scalebot"))
	if n := len(only(h.messages(general, ana), inChannel, offering("approve"))); n != 0 {
		h.Errorf("got %d cards in a channel the bot is not in", n)
	}
	h.fault(object{"add_bot": general})
	before := h.now(general)
	h.slashIn(general, ana, "download-worker 8")
	h.seeIn(general, ana, h.soon, "the card", after(before), inChannel, offering("approve"))
}

// deleted removes the card from under the operation; the next news is a new card.
func (h *hall) deleted() {
	card := h.ask(ana, "event-ingester 4")
	h.fault(object{"delete_message": object{"channel": IncidentChannel, "ts": card.ts}})
	before := h.now(IncidentChannel)
	h.slash(ben, "approve event-ingester")
	anew := h.see(ana, "the card again", after(before), inChannel, saying("event-ingester", "4/4 ready"))
	if n := len(only(h.messages(IncidentChannel, ana), inChannel, saying("event-ingester-1"))); n != 1 {
		h.Errorf("got %d cards of the operation, want one (%s)", n, anew.ts)
	}
}

// archived closes the channel of a card; the change still goes its way, and the bot
// stays well.
func (h *hall) archived() {
	before := h.now(general)
	h.slashIn(general, ana, "result-processor 3")
	h.seeIn(general, ana, h.soon, "the card", after(before), inChannel, offering("approve"), saying("result-processor"))
	h.fault(object{"archive": general})
	h.slash(ben, "approve result-processor")
	h.until(h.soon, "the change", func() bool { desired, ready := h.replicas("result-processor"); return desired == 3 && ready == 3 })
	h.until(h.soon, "the refused edits to be counted", func() bool {
		return h.counted(`scalebot_slack_errors_total{kind="rejected",method="chat.update"}`) > 0
	})
	h.wants("the status elsewhere", h.answer(carl, "result-processor").all, "result-processor", "3")
}
