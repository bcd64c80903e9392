package lever

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Lever judges the current step of an operation. Every kind of change implements all of it.
type Lever interface {
	// Where compares the component with the values before and after the step.
	Where(now scale.Snapshot) Standing
	// Effect is what the write does, as a clause: "the count was set to 9".
	Effect() string
	// Drift refuses with the code RefusedDrift when conditions have changed so much that an
	// approval of the card would no longer be valid.
	Drift(p scale.Policy, now scale.Snapshot) *scale.Refusal
	// Settle judges the rollout by one more reading.
	Settle(p scale.Policy, now scale.Snapshot) Settlement
	// Hangs reports whether the rollout is stuck and will not continue by itself. The rollback is
	// then offered at once, and not only after the deadline.
	Hangs() bool
	// GivenUp says what a person gives up who rolls back a stuck rollout.
	GivenUp() string
	// RevertChecks are the times after the write at which to check that the change is still in
	// place, in order.
	RevertChecks(p scale.Policy) []time.Duration
	// Reverted is the end of a settled step that somebody has undone since, and names who did it.
	Reverted(now scale.Snapshot) Settlement
	// Report fills in the report of a horizon, an index of the policy's; past reaches back to
	// at least 15 minutes before the write where it exists.
	Report(c scale.Component, p scale.Policy, horizon int, now scale.Snapshot, past []scale.Point) ledger.Report
	// Again is the request for the same change once more, and Back the request to undo it.
	Again() judge.Target
	Back() judge.Target
	// RefuseBack refuses to undo the change for the given reason, and says what to request
	// instead.
	RefuseBack(why string) *scale.Refusal
	// MayGoBack refuses to undo the change unless the component still has the value that the step
	// set.
	MayGoBack(now scale.Snapshot) *scale.Refusal
}

// Of is the lever of the operation's current step. Stores never return an operation without a
// step, or with a step of an unknown kind.
func Of(op ledger.Operation) Lever {
	switch do := op.Change().(type) {
	case change.Replicas:
		return replicas{op: op, do: do}
	default:
		panic(fmt.Sprintf("lever: operation %q changes %T, which has no lever", op.ID, do))
	}
}
