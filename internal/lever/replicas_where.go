package lever

import (
	"cmp"
	"fmt"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Where compares the deployment's wanted replica count with the step's counts before and after.
func (r replicas) Where(now scale.Snapshot) Standing {
	w, known := now.Workload.Get()
	if !known {
		return Standing{Why: now.Workload.Why()}
	}
	standing := Standing{Seen: ledger.SeenOf(w), By: w.ReplicasBy, Touched: r.op.Step().Intended.Changed(w)}
	switch w.Desired {
	case r.do.To:
		standing.Position, standing.Why = There, fmt.Sprintf("%s set it to %d", cmp.Or(w.ReplicasBy, "somebody else"), w.Desired)
	case r.do.From:
		standing.Position, standing.Why = Before, r.sinceIntent(w, standing.Touched)
	default:
		standing.Position, standing.Why = Elsewhere, r.elsewhere(w, now)
	}
	return standing
}

// sinceIntent says what is known of a deployment that has the count from before the step, but may
// have had another one since the intent was stored.
func (r replicas) sinceIntent(w scale.Workload, touched bool) string {
	intended := r.op.Step().Intended
	switch {
	case !touched:
		return "the count is as it was"
	case intended.Generation == 0 || w.Generation == 0:
		return fmt.Sprintf("the count is %d, and whether it was another one meanwhile cannot be told", w.Desired)
	}
	text := fmt.Sprintf("the deployment was changed since, and the count is %d", w.Desired)
	if w.ReplicasBy != "" && w.ReplicasBy != ownManager {
		text += ", set by " + w.ReplicasBy
	}
	return text
}

// ownManager is the field manager under which the bot itself writes.
const ownManager = "scalebot"

// elsewhere says who has set a count that is neither of the step's.
func (r replicas) elsewhere(w scale.Workload, now scale.Snapshot) string {
	by := w.ReplicasBy
	if owner, ok := now.Owner.Get(); ok && owner.Kind != scale.OwnerNone {
		by = fmt.Sprintf("%s %s", owner.Kind, owner.Name)
	}
	return fmt.Sprintf("the count is %d, set by %s, and not the %d that was approved to be changed", w.Desired, cmp.Or(by, "somebody else"), r.do.From)
}
