package ledger

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Entry is what kind of fact an event is in the story of an operation.
type Entry string

// The kinds of entries.
const (
	// EntryTransition is an operation entering a state.
	EntryTransition Entry = "transition"
	// EntryApproval is an approval that did not complete the number needed.
	EntryApproval Entry = "approval"
	// EntryRefusal is what somebody wanted and did not get, and EntryNote any other fact:
	// that the world has changed under an open proposal, that a card is lost.
	EntryRefusal Entry = "refusal"
	EntryNote    Entry = "note"
)

// Entry says which kind of fact the event is. An event that changes no state and carries
// the code of anything but a noted fact is a refusal: there are many reasons to refuse,
// and what is new among them must not pass for a mere note.
func (e Event) Entry() Entry {
	switch {
	case e.State != "":
		return EntryTransition
	case e.Code == CodeApproval:
		return EntryApproval
	case e.Code == "" || e.Code == CodeCardLost || e.Code == CodeCardTold || e.Code == scale.RefusedDrift:
		// A drift by itself is a remark on an open card; whoever is refused because of one
		// replaces the proposal, which is a transition.
		return EntryNote
	}
	return EntryRefusal
}
