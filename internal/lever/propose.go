package lever

import (
	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Wish is what somebody wants of a component.
type Wish struct {
	Target judge.Target
	Reason string
	// OverrideMinimum asks for a count below the minimum on purpose.
	OverrideMinimum bool
	// Undo goes back to before another change, in one step: the person sees both values on its
	// card.
	Undo bool
}

// Basis is what a wish is judged on.
type Basis struct {
	Component scale.Component
	Policy    scale.Policy
	Now       scale.Snapshot
	Past      []scale.Point
	Advice    ledger.Recommendation
}

// Proposal is what would be done for a wish.
type Proposal struct {
	Steps []change.Step
	Plan  ledger.Plan
	// BelowMinimum says that the wish overrides the minimum.
	BelowMinimum bool
}

// Propose makes the steps and the plan for a wish, or says why there are none. A target is a
// replica count, so the lever of replica counts is the one that answers.
func Propose(s Basis, w Wish) (Proposal, *scale.Refusal) { return proposeReplicas(s, w) }

// AsksForMore reports whether a wish is for more workers, so that what the last scale-up did
// matters to it: that has to be on the basis before the plan is made ([scale.Snapshot.Tried]).
func AsksForMore(s Basis, w Wish) bool { return moreReplicas(s, w) }
