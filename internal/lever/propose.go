package lever

import (
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Wish is a requested change of a component.
type Wish struct {
	Target judge.Target
	Reason string
	// OverrideMinimum asks for a count below the minimum on purpose.
	OverrideMinimum bool
	// Undo restores the value before another change in one step, whatever its size: the card
	// shows both values.
	Undo bool
}

// Basis is the data that a wish is judged by.
type Basis struct {
	Component scale.Component
	Policy    scale.Policy
	Now       scale.Snapshot
	Past      []scale.Point
	Advice    ledger.Recommendation
}

// Proposal is the change that fulfils a wish.
type Proposal struct {
	Steps []change.Step
	Plan  ledger.Plan
	// BelowMinimum says that the wish overrides the minimum.
	BelowMinimum bool
}

// Propose makes the steps and the plan for a wish, or refuses with the reason. A target is a
// replica count, so the lever of replica counts answers.
func Propose(s Basis, w Wish) (Proposal, *scale.Refusal) { return proposeReplicas(s, w) }

// AsksForMore reports whether a wish is for more workers. The result of the last scale-up then
// matters, and the caller has to add it to the basis before the plan is made
// ([scale.Snapshot.Tried]).
func AsksForMore(s Basis, w Wish) bool { return moreReplicas(s, w) }
