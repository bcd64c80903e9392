package lever

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Lever judges the step that an operation is at. Every kind of change answers all of it.
type Lever interface {
	// Where finds how far the component is on the way of the step.
	Where(now scale.Snapshot) Standing
	// Effect is what the write does, as a clause: "the count was set to 9".
	Effect() string
	// Drift refuses with the code RefusedDrift when the approval would not be for this world
	// any more.
	Drift(p scale.Policy, now scale.Snapshot) *scale.Refusal
	// Settle follows the rollout one reading further.
	Settle(p scale.Policy, now scale.Snapshot) Settlement
	// Hangs reports whether the rollout stands still and will not get on by itself. The way
	// back is offered from then on, and not only after the deadline.
	Hangs() bool
	// GivenUp says what somebody has given up who goes back while it hangs.
	GivenUp() string
	// RevertChecks are the times after the write at which to check whether it still stands, in
	// order.
	RevertChecks(p scale.Policy) []time.Duration
	// Reverted is how a settled step ends that now shows to be undone, and names who did it.
	Reverted(now scale.Snapshot) Settlement
	// Report fills in the report of a horizon, an index of the policy's; past reaches back to
	// at least 15 minutes before the write where it exists.
	Report(c scale.Component, p scale.Policy, horizon int, now scale.Snapshot, past []scale.Point) ledger.Report
	// Again is what to ask for to get the same change once more, and Back to undo it.
	Again() judge.Target
	Back() judge.Target
	// RefuseBack refuses to undo it with the given reason, and says what to ask for instead.
	RefuseBack(why string) *scale.Refusal
	// MayGoBack refuses to undo it unless the component is as the step has left it.
	MayGoBack(now scale.Snapshot) *scale.Refusal
}

// Of is the lever of the step that the operation is at. Stores hand out no operation without a
// step, and no step of a kind that is unknown.
func Of(op ledger.Operation) Lever {
	switch do := op.Change().(type) {
	case change.Replicas:
		return replicas{op: op, do: do}
	default:
		panic(fmt.Sprintf("lever: operation %q changes %T, which has no lever", op.ID, do))
	}
}
