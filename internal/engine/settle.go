package engine

import (
	"context"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// settle follows a rollout by one reading, and makes the reports that fall due meanwhile: the
// first report matters most when a rollout hangs.
func (r *Runner) settle(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	now := r.clock.Now()
	if !op.Rollout().Now.At.IsZero() && now.Sub(op.Rollout().Now.At) < r.policy.Times.Live {
		return op
	}
	r.sampler.Follow(component, 4*r.policy.Times.Live)
	r.supersede(ctx, op)
	// A newer write of the bot would have superseded this operation, so somebody else made a
	// revert.
	s, err := r.observer.settlement(ctx, component, op)
	if err != nil {
		return op
	}
	switch {
	case s.Failed != "":
		return r.unsettled(ctx, op, s)
	case s.Done:
		return r.settled(ctx, op, s.Rollout)
	}
	op, err = r.records.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		return op.WithRollout(s.Rollout), nil
	})
	if err != nil {
		return r.unless(ctx, err, op, op)
	}
	return r.report(ctx, component, op)
}

// settled records that every pod is ready and consuming. The count was read for that, so the
// reading also serves the revert checks that are due.
func (r *Runner) settled(ctx context.Context, op ledger.Operation, rollout ledger.Rollout) ledger.Operation {
	watching, err := r.records.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		rollout.RevertChecks = r.revertChecked(op)
		return op.WithRollout(rollout).To(ledger.Event{State: ledger.Watching, At: r.clock.Now(), By: bot})
	})
	return r.unless(ctx, err, op, watching)
}

// unsettled records a rollout that did not end well. If somebody has undone the change, it says
// in the thread who (T-01).
func (r *Runner) unsettled(ctx context.Context, op ledger.Operation, s lever.Settlement) ledger.Operation {
	code := "not_settled"
	if !s.Rollout.RevertedAt.IsZero() {
		code = "reverted"
	}
	failed, err := r.records.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op = closeReports(op.WithRollout(s.Rollout), s.Failed)
		return op.To(ledger.Event{State: ledger.Failed, At: r.clock.Now(), By: bot, Code: code, Note: s.Failed})
	})
	if err != nil {
		return r.unless(ctx, err, op, failed)
	}
	r.publisher.remark(ctx, failed.Message, failed.ID+"/"+code, scale.Sentence(s.Failed))
	return failed
}

// watch makes the reports, and checks whether the change was reverted, until the last report is
// made.
func (r *Runner) watch(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	op, reverted := r.checkRevert(ctx, component, op)
	if reverted {
		return op
	}
	return r.report(ctx, component, op)
}

// revertCheckDue reports whether it is time to check for a revert.
func (r *Runner) revertCheckDue(op ledger.Operation, now time.Time) bool {
	checks, done := lever.Of(op).RevertChecks(r.policy), op.Rollout().RevertChecks
	return done < len(checks) && now.Sub(op.Rollout().WrittenAt) >= checks[done]
}

// revertChecked returns how many of the revert checks are done by a reading at this moment that
// shows the change in place.
func (r *Runner) revertChecked(op ledger.Operation) int {
	checks, done := lever.Of(op).RevertChecks(r.policy), op.Rollout().RevertChecks
	for done < len(checks) && r.clock.Since(op.Rollout().WrittenAt) >= checks[done] {
		done++
	}
	return done
}

// checkRevert checks at the times of T-01 whether the change was reverted. The last check comes
// after the owner that the card named has had time to act.
func (r *Runner) checkRevert(ctx context.Context, component scale.Component, op ledger.Operation) (ledger.Operation, bool) {
	if !r.revertCheckDue(op, r.clock.Now()) {
		return op, false
	}
	seen, err := r.observer.read(ctx, component, readCount)
	if err != nil {
		return op, false
	}
	of := lever.Of(op)
	switch position := of.Where(seen).Position; {
	case position == lever.Unknown:
		return op, false
	case position != lever.There:
		if r.maybeSuperseded(ctx, op) {
			return op, false
		}
		return r.unsettled(ctx, op, of.Reverted(r.observer.withOwner(ctx, component, seen))), true
	}
	done := r.revertChecked(op)
	intact, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		return op.WithStep(func(s *ledger.Step) { s.Rollout.RevertChecks = done }), nil
	})
	return r.unless(ctx, err, op, intact), false
}

// maybeSuperseded reports whether a newer change of the bot has set the count, or may just have.
// Then nobody has reverted this change. It is called after the count was read, and an intent is
// stored before its write, so no such change is missed. If the store does not answer, the next
// check decides.
func (r *Runner) maybeSuperseded(ctx context.Context, op ledger.Operation) bool {
	newer, err := r.records.newer(ctx, op)
	return err != nil || slices.ContainsFunc(newer, func(later ledger.Operation) bool {
		return later.State() == ledger.Applying || later.Written()
	})
}
