package engine

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

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
	if drift == nil || told(op, drift.Why) {
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

// told reports whether the card says this already, whatever the numbers are: lag that
// keeps moving is one remark and not fifty, which would also crowd out the refusals
// that have to be recorded.
func told(op scale.Operation, why string) bool {
	return slices.ContainsFunc(op.Events, func(e scale.Event) bool {
		return e.Code == scale.RefusedDrift && withoutNumbers(e.Note) == withoutNumbers(why)
	})
}

func withoutNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) || r == ',' || r == '.' {
			return -1
		}
		return r
	}, text)
}
