package engine

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// attend looks after an open proposal: it expires it in time, and notes on its card when the
// component has changed since the proposal was made.
func (r *Runner) attend(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
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
	drift := lever.Of(op).Drift(r.policy, snapshot)
	if drift == nil || told(op, drift.Why) {
		return op
	}
	return r.note(ctx, op, ledger.Event{By: bot, Code: drift.Code, Note: drift.Why})
}

// checkDue reports whether an open proposal is to be compared with the component again.
func (r *Runner) checkDue(id string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return now.Sub(r.checked[id]) >= r.policy.Times.Sample
}

// wasChecked notes when an open proposal was compared with the component.
func (r *Runner) wasChecked(id string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checked[id] = now
}

// told reports whether the card has this remark already, whatever numbers are in it. A lag that
// keeps moving is one remark and not fifty, which would use up the room for refusals.
func told(op ledger.Operation, why string) bool {
	return slices.ContainsFunc(op.Events, func(e ledger.Event) bool {
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
