package ledger

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Entry classifies an event in the history of an operation.
type Entry string

// The kinds of entries.
const (
	// EntryTransition is an operation entering a state.
	EntryTransition Entry = "transition"
	// EntryApproval is an approval that did not complete the number needed.
	EntryApproval Entry = "approval"
	// EntryRefusal is a request that was refused, and EntryNote any other fact: that conditions
	// have changed under an open proposal, or that a card is lost.
	EntryRefusal Entry = "refusal"
	EntryNote    Entry = "note"
)

// Entry classifies the event. An event that changes no state is a refusal unless its code is a
// known note: a new refusal code must not pass for a mere note.
func (e Event) Entry() Entry {
	switch {
	case e.State != "":
		return EntryTransition
	case e.Code == CodeApproval:
		return EntryApproval
	case e.Code == "" || e.Code == CodeCardLost || e.Code == CodeCardTold || e.Code == scale.RefusedDrift:
		// A drift without a new state is only a remark on an open card. Where a drift refuses an
		// approval, the proposal is replaced, and that is a transition.
		return EntryNote
	}
	return EntryRefusal
}
