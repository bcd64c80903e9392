package ledger

import (
	"slices"
)

// State is where an operation stands.
type State string

// The states of an operation. Proposed to Settling are live: one live operation per
// component.
const (
	// Proposed waits for a decision.
	Proposed State = "proposed"
	// Approved has a recorded approval and waits for the Runner.
	Approved State = "approved"
	// Applying is the recorded intent, written before the effect.
	Applying State = "applying"
	// Settling means the API server accepted the write; the rollout is watched.
	Settling State = "settling"
	// Watching means the rollout ended well; reports are still to come.
	Watching State = "watching"
	// Done is the end: all reports made.
	Done State = "done"
	// Failed is the end of a change that was not carried out or did not settle.
	Failed State = "failed"
	// Superseded means that a newer operation took over while this was watched.
	Superseded State = "superseded"
	// Declined, Cancelled, Expired and Replaced are ends of a proposal.
	Declined  State = "declined"
	Cancelled State = "cancelled"
	Expired   State = "expired"
	Replaced  State = "replaced"
)

// States lists every state in the order of the story.
var States = []State{
	Proposed, Approved, Applying, Settling, Watching, Done, Failed, Superseded,
	Declined, Cancelled, Expired, Replaced,
}

// follows is the state table: what may come after what.
var follows = map[State][]State{
	"":       {Proposed},
	Proposed: {Approved, Declined, Cancelled, Expired, Replaced},
	// An approved change can still be cancelled, be replaced after a drift, expire when the bot
	// was down for too long, or fail before the intent is written.
	Approved: {Applying, Cancelled, Expired, Replaced, Failed},
	// Applying may repeat itself: after a crash the intent is renewed.
	Applying: {Applying, Settling, Failed, Replaced},
	Settling: {Watching, Failed, Superseded},
	Watching: {Done, Failed, Superseded},
}

// CanFollow reports whether the table allows next after now.
func CanFollow(now, next State) bool {
	for _, s := range follows[now] {
		if s == next {
			return true
		}
	}
	return false
}

// Known reports whether it is one of the states of the table. A record written by a newer version
// of the bot may hold another state, from which nothing can be concluded.
func (s State) Known() bool { return slices.Contains(States, s) }

// Live reports whether the state excludes another operation on the component.
func (s State) Live() bool {
	switch s {
	case Proposed, Approved, Applying, Settling:
		return true
	case Watching, Done, Failed, Superseded, Declined, Cancelled, Expired, Replaced:
		return false
	}
	return false
}

// Final reports whether nothing may follow.
func (s State) Final() bool { return s != "" && len(follows[s]) == 0 }

// Effective reports whether a write may have happened. A failed operation may have failed before
// or after its write; its rollout says which.
func (s State) Effective() bool {
	switch s {
	case Applying, Settling, Watching, Done, Superseded, Failed:
		return true
	case Proposed, Approved, Declined, Cancelled, Expired, Replaced:
		return false
	}
	return false
}
