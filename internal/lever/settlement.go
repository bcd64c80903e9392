package lever

import "github.com/scalebot/scalebot/internal/ledger"

// Settlement is the judgement about a running rollout.
type Settlement struct {
	Rollout ledger.Rollout
	// Done says that the step has taken effect in full; Failed says why it never will, in
	// words for people, empty otherwise.
	Done   bool
	Failed string
}
