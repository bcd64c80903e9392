package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// approvalLasts is how long an approval is good for when nobody acted on it: the
	// world it was given for is gone then.
	approvalLasts = 10 * time.Minute
	// applyFor is how long a write is tried; applyWall is that in wall time at least.
	applyFor  = 2 * time.Minute
	applyWall = 30 * time.Second
	// conflictTries is how often one step reads again after a conflict: any status
	// update of the deployment changes the version, without anybody having touched
	// the count.
	conflictTries = 5
	// landsWithin is how long after it was sent a write without an answer may still be
	// carried out, in wall time: an API server gives up on a request after a minute
	// (kube-apiserver's --request-timeout).
	landsWithin = time.Minute
)

// carryOut moves an approved operation on, as far as its record allows: that it is approved
// is asked of the approvals themselves and not only of the state.
func (r *Runner) carryOut(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	switch {
	case !op.Authorised():
		return r.fail(ctx, op, "not_approved", "the recorded approvals are not enough")
	case op.State() == ledger.Approved:
		return r.begin(ctx, component, op)
	}
	return r.apply(ctx, component, op)
}

// begin starts an approved operation: it reads the component once more, records the intent, and
// then writes.
func (r *Runner) begin(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	if r.clock.Since(op.Last().At) > r.clock.AtLeast(approvalLasts, time.Minute) {
		expired, err := r.records.enter(ctx, op, ledger.Event{State: ledger.Expired, By: bot, Note: "approved, but not begun within " + scale.Span(approvalLasts)})
		return r.unless(ctx, err, op, expired)
	}
	if r.pausing(op.ID) {
		return op
	}
	seen, err := r.observer.read(ctx, component, readDrift)
	if err != nil {
		r.pause(op.ID, 0)
		return op
	}
	if drift := lever.Of(op).Drift(r.policy, seen); drift != nil {
		return r.replan(ctx, op, drift)
	}
	applying, err := r.records.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op = op.WithStep(func(s *ledger.Step) { s.Intended = lever.Of(op).Where(seen).Seen })
		return op.To(ledger.Event{State: ledger.Applying, At: r.clock.Now(), By: bot})
	})
	if err != nil {
		return r.unless(ctx, err, op, applying)
	}
	return r.write(ctx, component, applying, seen, false)
}

// unless returns the changed operation, or the old one when the change was not stored.
func (r *Runner) unless(ctx context.Context, err error, old, changed ledger.Operation) ledger.Operation {
	if err != nil {
		r.log.WarnContext(ctx, "step not stored", "operation", old.ID, "error", err)
		return old
	}
	return changed
}

// replan ends an approved operation whose world has changed and asks again.
func (r *Runner) replan(ctx context.Context, op ledger.Operation, drift *scale.Refusal) ledger.Operation {
	replaced, err := r.records.enter(ctx, op, ledger.Event{State: ledger.Replaced, By: bot, Code: drift.Code, Note: drift.Why})
	if err != nil {
		return r.unless(ctx, err, op, replaced)
	}
	r.proposeAgain(ctx, replaced)
	return replaced
}

// apply goes on with a recorded intent: after a conflict, an unknown outcome, a busy
// API server, or a process that ended in between. The world decides what is left to do.
func (r *Runner) apply(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	if r.pausing(op.ID) {
		return op
	}
	seen, err := r.observer.read(ctx, component, readDrift)
	if err != nil {
		return r.notRead(ctx, op, err.Error())
	}
	// Time has passed since the intent: where nothing was written yet, the world must
	// still be the one the approval was given for.
	if of := lever.Of(op); of.Where(seen).Position == lever.Before {
		if drift := of.Drift(r.policy, seen); drift != nil {
			if r.mayLand(op) {
				return r.later(ctx, op, "an earlier attempt may still be carried out: "+drift.Why, 0)
			}
			return r.replan(ctx, op, drift)
		}
	}
	return r.write(ctx, component, op, seen, true)
}

// write does what is left to do for what was seen: nothing when the component is there
// already, the conditional write when it is as it was, and an honest end when somebody else
// has changed it. tried says that an earlier attempt may have been made before that.
func (r *Runner) write(ctx context.Context, component scale.Component, op ledger.Operation, snapshot scale.Snapshot, tried bool) ledger.Operation {
	for range conflictTries {
		found := lever.Of(op).Where(snapshot)
		if found.Position != lever.Before {
			return r.notBefore(ctx, op, found, tried)
		}
		if ended, stop := r.holdBack(ctx, op, found, tried); stop {
			return ended
		}
		sent := r.clock.Now()
		version, err := r.hand.Set(ctx, component, op.Step().Step, found.Seen.ResourceVersion, false)
		if err == nil {
			r.meter.Effect(op.Component, "written")
			return r.written(ctx, op, version, r.clock.Now())
		}
		r.meter.Effect(op.Component, faultName(err))
		if !scale.IsFault(err, scale.FaultConflict) {
			return r.notWritten(ctx, op, err, sent)
		}
		snapshot, err = r.observer.read(ctx, component, readDrift)
		if err != nil {
			return r.notRead(ctx, op, err.Error())
		}
	}
	return r.unlessOverdue(ctx, op, "the deployment changes faster than it can be written", 0)
}

// notBefore ends the attempt for a component that is not as it was when the step was approved:
// it is there, by this operation or by somebody else, or elsewhere, or cannot be read.
func (r *Runner) notBefore(ctx context.Context, op ledger.Operation, found lever.Standing, tried bool) ledger.Operation {
	ours := found.By == bot.ID || found.By == "" && tried
	switch {
	case found.Position == lever.Unknown:
		return r.notRead(ctx, op, found.Why)
	case found.Position == lever.There && ours:
		return r.written(ctx, op, found.Seen.ResourceVersion, r.writtenAt(op))
	}
	return r.fail(ctx, op, "changed_meanwhile", whatIsCertain(op, tried)+": "+found.Why)
}

// holdBack ends or puts off a write for which it is too late, or that would be a second one:
// a component that was touched since the intent may have been written and set back.
func (r *Runner) holdBack(ctx context.Context, op ledger.Operation, found lever.Standing, tried bool) (after ledger.Operation, stop bool) {
	touched := tried && found.Touched
	switch {
	case touched && r.mayLand(op):
		return r.later(ctx, op, "the deployment was changed meanwhile, and an earlier attempt may still be carried out", 0), true
	case touched:
		return r.fail(ctx, op, "changed_meanwhile", whatIsCertain(op, tried)+": "+found.Why), true
	case r.overdue(op) && r.mayLand(op):
		return r.later(ctx, op, "an earlier attempt may still be carried out", 0), true
	case r.overdue(op):
		return r.fail(ctx, op, "not_written", "not written within "+scale.Span(applyFor)+" of the approval being taken up; "+found.Why), true
	}
	return op, false
}

// whatIsCertain says what is known of the write of a step that ends without it.
func whatIsCertain(op ledger.Operation, tried bool) string {
	if tried {
		return "it is not known whether " + lever.Of(op).Effect() + " first"
	}
	return "nothing was written"
}

func faultName(err error) string {
	if fault := scale.FaultOf(err); fault != nil {
		return string(fault.Kind)
	}
	return "error"
}

// notWritten decides what a failed write means: what cannot succeed ends the operation,
// everything else is read again by the next step.
func (r *Runner) notWritten(ctx context.Context, op ledger.Operation, err error, sent time.Time) ledger.Operation {
	fault := scale.FaultOf(err)
	switch {
	case fault == nil:
		return r.unlessOverdue(ctx, op, err.Error(), 0)
	case fault.Kind == scale.FaultUnknownOutcome:
		r.attempt(op, sent)
		return r.later(ctx, op, err.Error(), fault.After)
	case fault.Retryable(), r.mayLand(op):
		return r.unlessOverdue(ctx, op, err.Error(), fault.After)
	default:
		return r.fail(ctx, op, string(fault.Kind), err.Error())
	}
}

// overdue reports whether the time for the write is over: what was approved is not to
// be written long after, whatever held it up.
func (r *Runner) overdue(op ledger.Operation) bool {
	intent, _ := op.Entered(ledger.Applying)
	return r.clock.Since(intent.At) > r.clock.AtLeast(applyFor, applyWall)
}

// lostWrite is a write whose outcome is not known: when it was sent, and when it was given
// up on.
type lostWrite struct{ sent, lost time.Time }

// attempt notes a write whose outcome is not known. The first one counts as the moment of
// the write, if it turns out to be there.
func (r *Runner) attempt(op ledger.Operation, sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if earlier, ok := r.attempted[op.ID]; ok {
		sent = earlier.sent
	}
	r.attempted[op.ID] = lostWrite{sent, r.clock.Now()}
}

// mayLand reports whether a write of an operation that was sent earlier, by this process
// or by the leader before it, may still be carried out. As long as it may, the operation
// must not end with the note that nothing was written, nor may another one begin.
func (r *Runner) mayLand(op ledger.Operation) bool {
	r.mu.Lock()
	last := r.attempted[op.ID].lost
	if intent, _ := op.Entered(ledger.Applying); intent.At.Before(r.since) && last.Before(r.since) {
		last = r.since
	}
	r.mu.Unlock()
	return r.clock.Since(last) < r.clock.AtLeast(landsWithin, landsWithin)
}

// cannotLand reports whether the time for the write is over, and nothing sent before can come.
func (r *Runner) cannotLand(op ledger.Operation) bool { return r.overdue(op) && !r.mayLand(op) }

// unlessOverdue leaves the operation to a later step until the time for the write is
// over. It is for failures after which it is certain that this attempt has written nothing.
func (r *Runner) unlessOverdue(ctx context.Context, op ledger.Operation, why string, pause time.Duration) ledger.Operation {
	if r.cannotLand(op) {
		return r.fail(ctx, op, "not_written", "not written within "+scale.Span(applyFor)+": "+why)
	}
	return r.later(ctx, op, why, pause)
}

// notRead leaves the operation to a later step while the world cannot be read. When the
// time is over it ends by saying what is not known, and not that nothing was written.
func (r *Runner) notRead(ctx context.Context, op ledger.Operation, why string) ledger.Operation {
	if r.cannotLand(op) {
		return r.fail(ctx, op, string(scale.FaultUnknownOutcome), fmt.Sprintf(
			"the cluster could not be read for %s, so it is not known whether %s: %s", scale.Span(applyFor), lever.Of(op).Effect(), why))
	}
	return r.later(ctx, op, why, 0)
}

// later puts the next attempt off, for a growing pause or the one the other side asked
// for.
func (r *Runner) later(ctx context.Context, op ledger.Operation, why string, pause time.Duration) ledger.Operation {
	r.pause(op.ID, pause)
	r.log.WarnContext(ctx, "not written yet", "operation", op.ID, "why", why)
	return op
}

// written records the effect and what follows from it: the reports to come, counted
// from this moment (T-26), and the end of older reports.
func (r *Runner) written(ctx context.Context, op ledger.Operation, version string, at time.Time) ledger.Operation {
	settling, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op = op.WithRollout(ledger.RolloutFrom(at, version))
		op.Reports = nil
		for _, h := range r.policy.Times.Horizons {
			op.Reports = append(op.Reports, ledger.Report{Horizon: h.Name, Due: at.Add(h.After)})
		}
		return op.To(ledger.Event{State: ledger.Settling, At: r.clock.Now(), By: bot})
	})
	if err != nil {
		return r.unless(ctx, err, op, settling)
	}
	r.sampler.Hasten(op.Component, r.policy.Rollout.Deadline)
	if component, known := r.book.Component(op.Component); known {
		r.sampler.Follow(component, 4*r.policy.Times.Live)
	}
	r.supersede(ctx, settling)
	return settling
}

// writtenAt is when a write was made whose answer was lost. The cluster does not record it: a
// write through the scale subresource is recorded without a time. It is not before the
// first attempt was sent, or, where another process has sent it, before its intent was
// stored; counting from there, no pod that it made counts as an older one.
func (r *Runner) writtenAt(op ledger.Operation) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if lost, ok := r.attempted[op.ID]; ok {
		return lost.sent
	}
	intent, _ := op.Entered(ledger.Applying)
	return intent.At
}

// supersede ends the watch over older changes of the same component with a note in
// their threads, and the offer to roll back what failed before it.
func (r *Runner) supersede(ctx context.Context, by ledger.Operation) {
	r.closeWayBack(ctx, by)
	if r.hasSuperseded(by.ID, false) {
		return
	}
	open, err := r.store.Unfinished(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "older operations not superseded", "operation", by.ID, "error", err)
		return
	}
	open = slices.DeleteFunc(open, func(op ledger.Operation) bool {
		return op.Component != by.Component || op.Number >= by.Number || !ledger.CanFollow(op.State(), ledger.Superseded)
	})
	all := true
	for _, op := range open {
		note := fmt.Sprintf("%s scales %s %s", by.ID, by.Component, by.Change())
		old, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
			op = closeReports(op, note)
			return op.To(ledger.Event{State: ledger.Superseded, At: r.clock.Now(), By: bot, Note: note})
		})
		if err != nil {
			r.log.WarnContext(ctx, "older operation not superseded", "operation", op.ID, "error", err)
			all = false
			continue
		}
		old = r.publisher.operation(ctx, old)
		r.publisher.remark(ctx, old.Message, old.ID+"/superseded", "No further reports here: "+note+".")
	}
	r.hasSuperseded(by.ID, all)
}

// hasSuperseded reports whether this process has ended the watch over everything older than the
// given change; done says that it has now. This is called at every step
// of a rollout, in case the process that wrote did not get to it.
func (r *Runner) hasSuperseded(id string, done bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done {
		r.superseded[id] = true
	}
	return r.superseded[id]
}
