package ledger

import (
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// The codes of recorded facts that are not refusals.
const (
	// CodeApproval is an approval that did not complete the number needed.
	CodeApproval = "approval"
	// CodeBreakGlass marks an approval by which one person alone approves a change that needs
	// two.
	CodeBreakGlass = "break_glass"
	// CodeCardLost says that a card can no longer be updated: the channel was archived, or the
	// bot was removed from it.
	CodeCardLost = "card_lost"
	// CodeCardTold says that the requester got a private message about it.
	CodeCardTold = "card_told"
)

// Needed is how many different people on call have to approve.
func (o Operation) Needed() int { return max(o.Approvals, 1) }

// Approvers are the different people who have approved, in order.
func (o Operation) Approvers() []scale.Person {
	var people []scale.Person
	for _, e := range o.ApprovalEvents() {
		people = append(people, e.By)
	}
	return people
}

// ApprovalEvents are the events by which people approved, one for each person.
func (o Operation) ApprovalEvents() []Event {
	var events []Event
	for _, e := range o.Events {
		if e.State != Approved && (e.State != "" || e.Code != CodeApproval) {
			continue
		}
		if !slices.ContainsFunc(events, func(earlier Event) bool { return earlier.By.Is(e.By) }) {
			events = append(events, e)
		}
	}
	return events
}

// HasApproved reports whether the person is among the approvers.
func (o Operation) HasApproved(who scale.Person) bool {
	return slices.ContainsFunc(o.Approvers(), who.Is)
}

// BrokeGlass is the event by which one person alone approved a change that needs two.
func (o Operation) BrokeGlass() (Event, bool) {
	e, ok := o.Entered(Approved)
	return e, ok && e.Code == CodeBreakGlass
}

// Authorised reports whether the recorded approvals are enough to act on.
func (o Operation) Authorised() bool {
	if _, approved := o.Entered(Approved); !approved {
		return false
	}
	_, broken := o.BrokeGlass()
	return broken || len(o.Approvers()) >= o.Needed()
}

// Approve returns the operation with the approval in event.By's name. It completes
// the number needed, or is recorded as one of them; with the code CodeBreakGlass it
// completes in any case. The receiver is not changed. The error is that of
// [Operation.To] when the operation is not proposed any more.
func (o Operation) Approve(event Event) (Operation, error) {
	event.State = Approved
	approved, err := o.To(event)
	if err != nil || approved.Authorised() {
		return approved, err
	}
	event.State, event.Code = "", CodeApproval
	// This does not use Noted, whose bound could drop an approval. The number of approvals is
	// bounded by the number of people on call.
	o.Events = append(o.Events[:len(o.Events):len(o.Events)], event)
	return o, nil
}
