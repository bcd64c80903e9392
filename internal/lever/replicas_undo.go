package lever

import (
	"cmp"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/review"
	"github.com/scalebot/scalebot/internal/scale"
)

// RevertChecks are the times at which the count is read again. The last of them is after the
// owner on the card has had time to act (T-01).
func (r replicas) RevertChecks(p scale.Policy) []time.Duration {
	return ownership.RevertChecks(r.op.Before.Owner, r.do.From, r.do.To, p)
}

// Reverted names who set another count after the change had settled (T-01).
func (r replicas) Reverted(now scale.Snapshot) Settlement {
	w, _ := now.Workload.Get()
	rollout := r.op.Rollout()
	rollout.RevertedTo, rollout.RevertedBy, rollout.RevertedAt = w.Desired, review.Reverter(now), now.At
	return Settlement{Rollout: rollout, Failed: fmt.Sprintf("the count was set to %d by %s", w.Desired, rollout.RevertedBy)}
}

// RefuseBack suggests the count before the change as a request of its own.
func (r replicas) RefuseBack(why string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedState, Understood: "roll back " + r.op.ID, Why: why,
		Next: "Name the count you want.", Try: fmt.Sprintf("/scale %s %d", r.op.Component, r.do.From),
	}
}

// MayGoBack requires that the count is the one this change has set.
func (r replicas) MayGoBack(now scale.Snapshot) *scale.Refusal {
	w, known := now.Workload.Get()
	switch {
	case !known:
		refusal := r.RefuseBack("How many replicas run now is unknown: " + scale.Sentence(now.Workload.Why()))
		refusal.Code, refusal.Next = scale.RefusedUnknown, "Look again in a moment."
		return refusal
	case w.Desired != r.do.To:
		return r.RefuseBack(fmt.Sprintf("The count is %d now, set by %s, and not the %d of %s any more.",
			w.Desired, cmp.Or(w.ReplicasBy, "somebody else"), r.do.To, r.op.ID))
	}
	return nil
}
