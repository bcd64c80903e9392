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

// followProposal expires an open proposal when its time is over, and notes on its card when the
// component has changed since the proposal was made.
func (r *Runner) followProposal(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	now := r.clock.Now()
	if !now.Before(op.Request.ExpiresAt) {
		expired, _ := r.records.expire(ctx, op)
		return expired
	}
	if !r.checkDue(op.ID, now) {
		return op
	}
	r.wasChecked(op.ID, now)
	snapshot := r.observer.last(component.Name)
	if !snapshot.At.After(op.Before.At) {
		return op
	}
	drift := lever.Of(op).Drift(r.policy, snapshot)
	if drift == nil || hasDriftNote(op, drift.Why) {
		return op
	}
	return r.records.note(ctx, op, ledger.Event{By: bot, Code: drift.Code, Note: drift.Why})
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

// hasDriftNote reports whether the card has this remark already, with whatever numbers. A lag
// that keeps moving is one remark; fifty of them would leave no room for refusals.
func hasDriftNote(op ledger.Operation, why string) bool {
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
