package ledger

import (
	"fmt"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// Who counts once and who twice: the same account, one human with two accounts in an
// organisation (self-approval on Enterprise Grid), and nobody.
func TestApprovalsAreByDifferentPeople(t *testing.T) {
	op := Operation{Approvals: 2}
	op, err := op.To(Event{State: Proposed, At: scaletest.Start})
	if err != nil {
		t.Fatal(err)
	}
	first := scale.Person{ID: "U1", Grid: "W1"}
	for _, tt := range []struct {
		who  scale.Person
		want int
	}{{first, 1}, {scale.Person{ID: "U1"}, 1}, {scale.Person{ID: "U2", Grid: "W1"}, 1}, {scale.Person{ID: "U2", Grid: "W2"}, 2}, {scale.Person{ID: "U2"}, 2}} {
		one, err := op.Approve(Event{At: scaletest.Start, By: first})
		if err != nil || one.State() != Proposed {
			t.Fatalf("got %s and %v, want one of two", one.State(), err)
		}
		two, err := one.Approve(Event{At: scaletest.Start.Add(time.Second), By: tt.who})
		if err != nil || len(two.Approvers()) != tt.want || two.Authorised() != (tt.want == 2) {
			t.Errorf("%+v: got approvers %v (%v), want %d", tt.who, two.Approvers(), err, tt.want)
		}
	}
	if (scale.Person{}).Is(scale.Person{}) {
		t.Error("nobody is taken for somebody")
	}
}

// Every event is one kind of entry, for the audit trail and kubectl alike.
func TestEntriesOfAStory(t *testing.T) {
	for _, tt := range []struct {
		event Event
		want  Entry
	}{
		{Event{State: Approved, Code: CodeBreakGlass}, EntryTransition}, {Event{State: Replaced, Code: scale.RefusedDrift}, EntryTransition},
		{Event{Code: CodeApproval}, EntryApproval}, {Event{Code: scale.RefusedNotOnCall}, EntryRefusal}, {Event{Code: "shared_channel"}, EntryRefusal},
		{Event{Code: CodeCardLost}, EntryNote}, {Event{Code: CodeCardTold}, EntryNote}, {Event{Code: scale.RefusedDrift}, EntryNote}, {Event{Note: "by the way"}, EntryNote},
	} {
		if got := tt.event.Entry(); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.event, got, tt.want)
		}
	}
}

// refusals are bounded, by person and reason and in all, and what the bot notes of
// itself, which happens once, always finds room.
func TestRefusalsLeaveRoomForOthers(t *testing.T) {
	op := Operation{}
	for i := range 3 * MaxNotes {
		op = op.Noted(Event{By: scale.Person{ID: "U1"}, Code: "external"})
		op = op.Noted(Event{By: scale.Person{ID: fmt.Sprint("U", i)}, Code: scale.RefusedNotOnCall})
	}
	own := 0
	for _, e := range op.Events {
		if e.By.ID == "U1" && e.Code == "external" {
			own++
		}
	}
	if own != MaxAlike || len(op.Events) != MaxNotes {
		t.Errorf("got %d of one person and %d in all, want %d and %d", own, len(op.Events), MaxAlike, MaxNotes)
	}
	if got := op.Noted(Event{By: scale.Person{ID: "scalebot"}, Code: CodeCardLost}); len(got.Events) != MaxNotes+1 {
		t.Error("there is no room for the lost card")
	}
	for i := range 3 * MaxNotes {
		op = op.Noted(Event{By: scale.Person{ID: "scalebot"}, Code: scale.RefusedDrift, Note: fmt.Sprint("set by ", i)})
	}
	if len(op.Events) != 2*MaxNotes {
		t.Errorf("got %d events, want %d refusals and as many notes", len(op.Events), MaxNotes)
	}
}
