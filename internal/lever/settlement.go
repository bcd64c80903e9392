package lever

import "github.com/scalebot/scalebot/internal/ledger"

// Settlement is the judgement about a rollout at one reading.
type Settlement struct {
	Rollout ledger.Rollout
	// Done says that the step has taken full effect. Failed says why it never will, in words for
	// people; empty otherwise.
	Done   bool
	Failed string
}
