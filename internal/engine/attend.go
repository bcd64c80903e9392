package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// attend looks after an open proposal: it lapses by itself, and its card says by itself
// when the world is not the one it was made for.
func (r *Runner) attend(ctx context.Context, component scale.Component, op scale.Operation) scale.Operation {
	now := r.Clock.Now()
	if !now.Before(op.Request.ExpiresAt) {
		return r.expire(ctx, op)
	}
	if !r.checkDue(op.ID, now) {
		return op
	}
	r.wasChecked(op.ID, now)
	snapshot := r.sampler.Snapshot(component.Name)
	if !snapshot.At.After(op.Before.At) {
		return op
	}
	drift := scale.Drift(op, r.policy, snapshot)
	if drift == nil || lastNote(op) == drift.Why {
		return op
	}
	return r.note(ctx, op, scale.Event{By: bot, Code: drift.Code, Note: drift.Why})
}

// checkDue reports whether an open proposal is to be compared with the world again.
func (r *Runner) checkDue(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.checked[id]) >= r.policy.Times.Sample
}

// wasChecked notes that an open proposal has been compared with the world.
func (r *Runner) wasChecked(id string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked[id] = now
}

func lastNote(op scale.Operation) string {
	for i := len(op.Events) - 1; i >= 0; i-- {
		if op.Events[i].Code == scale.RefusedDrift {
			return op.Events[i].Note
		}
	}
	return ""
}
