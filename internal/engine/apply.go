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
	// approvalLasts is how long an approval is valid when the write has not begun. After that,
	// the state that people approved is too old.
	approvalLasts = 10 * time.Minute
	// applyFor is how long a write is retried, on the runbook's clock; applyWall is the least in
	// wall time.
	applyFor  = 2 * time.Minute
	applyWall = 30 * time.Second
	// conflictTries is how often one step reads again after a conflict. Any status update of the
	// deployment changes its version, even when nobody changed the count.
	conflictTries = 5
	// landsWithin is how long a write without an answer may still take effect after it was sent,
	// in wall time. An API server gives up on a request after a minute (kube-apiserver's
	// --request-timeout).
	landsWithin = time.Minute
)

// carryOut moves an approved operation on, as far as its record allows. It checks the approvals
// themselves, not only the state.
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

// unless returns the changed operation, or the old one when the change could not be stored.
func (r *Runner) unless(ctx context.Context, err error, old, changed ledger.Operation) ledger.Operation {
	if err != nil {
		r.log.WarnContext(ctx, "a step of an operation could not be stored", "operation", old.ID, "error", err)
		return old
	}
	return changed
}

// replan ends an approved operation whose component has changed, and proposes the change again.
func (r *Runner) replan(ctx context.Context, op ledger.Operation, drift *scale.Refusal) ledger.Operation {
	replaced, err := r.records.enter(ctx, op, ledger.Event{State: ledger.Replaced, By: bot, Code: drift.Code, Note: drift.Why})
	if err != nil {
		return r.unless(ctx, err, op, replaced)
	}
	r.proposeAgain(ctx, replaced)
	return replaced
}

// apply continues a recorded intent after a conflict, an unknown outcome, a busy API server, or a
// crash. What it reads from the cluster decides what is left to do.
func (r *Runner) apply(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	if r.pausing(op.ID) {
		return op
	}
	seen, err := r.observer.read(ctx, component, readDrift)
	if err != nil {
		return r.notRead(ctx, op, err.Error())
	}
	// Time has passed since the intent. If nothing was written yet, the component must still be
	// as it was when people approved.
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

// write completes the step from what was read. If the target is already set, it writes nothing.
// If the component is unchanged, it makes the conditional write. If somebody else has changed it,
// it ends the operation and says so. tried is true when an earlier attempt may have written.
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

// notBefore ends the attempt for a component that has changed since the approval: the target is
// already set (by this operation or by somebody else), another value is set, or the component
// cannot be read.
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

// holdBack ends or postpones a write that comes too late or that would be a second write. If
// somebody touched the component since the intent, the first write may have been made and then
// reverted.
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

// whatIsCertain says what is known about the write of a step that ends without confirming it.
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

// notWritten decides what a failed write means. An error that a retry cannot mend ends the
// operation; after any other error the next step reads the component again.
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

// overdue reports whether the time for the write is over. An approved change must not be written
// long after its approval, whatever delayed it.
func (r *Runner) overdue(op ledger.Operation) bool {
	intent, _ := op.Entered(ledger.Applying)
	return r.clock.Since(intent.At) > r.clock.AtLeast(applyFor, applyWall)
}

// lostWrite is a write with an unknown outcome: when it was sent, and when this process gave up
// on it.
type lostWrite struct{ sent, lost time.Time }

// attempt notes a write with an unknown outcome. If the write turns out to have been made, the
// first attempt counts as its time.
func (r *Runner) attempt(op ledger.Operation, sent time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if earlier, ok := r.attempted[op.ID]; ok {
		sent = earlier.sent
	}
	r.attempted[op.ID] = lostWrite{sent, r.clock.Now()}
}

// mayLand reports whether an earlier write of an operation may still take effect, sent by this
// process or by the leader before it. Until that is ruled out, the operation must not end with
// the note that nothing was written, and no other operation may begin.
func (r *Runner) mayLand(op ledger.Operation) bool {
	r.mu.Lock()
	last := r.attempted[op.ID].lost
	if intent, _ := op.Entered(ledger.Applying); intent.At.Before(r.since) && last.Before(r.since) {
		last = r.since
	}
	r.mu.Unlock()
	return r.clock.Since(last) < r.clock.AtLeast(landsWithin, landsWithin)
}

// cannotLand reports whether the time for the write is over and no earlier write can still take
// effect.
func (r *Runner) cannotLand(op ledger.Operation) bool { return r.overdue(op) && !r.mayLand(op) }

// unlessOverdue leaves the operation to a later step until the time for the write is over. It is
// for failures that certainly wrote nothing.
func (r *Runner) unlessOverdue(ctx context.Context, op ledger.Operation, why string, pause time.Duration) ledger.Operation {
	if r.cannotLand(op) {
		return r.fail(ctx, op, "not_written", "not written within "+scale.Span(applyFor)+": "+why)
	}
	return r.later(ctx, op, why, pause)
}

// notRead leaves the operation to a later step while the component cannot be read. When the time
// is over, it ends the operation and says that the outcome is unknown; it does not claim that
// nothing was written.
func (r *Runner) notRead(ctx context.Context, op ledger.Operation, why string) ledger.Operation {
	if r.cannotLand(op) {
		return r.fail(ctx, op, string(scale.FaultUnknownOutcome), fmt.Sprintf(
			"the cluster could not be read for %s, so it is not known whether %s: %s", scale.Span(applyFor), lever.Of(op).Effect(), why))
	}
	return r.later(ctx, op, why, 0)
}

// later postpones the next attempt by a growing pause, or by the pause that the server asked for.
func (r *Runner) later(ctx context.Context, op ledger.Operation, why string, pause time.Duration) ledger.Operation {
	r.pause(op.ID, pause)
	r.log.WarnContext(ctx, "the change could not be written yet and is tried again", "operation", op.ID, "why", why)
	return op
}

// written records a successful write. It schedules the reports from this moment (T-26) and ends
// the reports of older changes.
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

// writtenAt estimates when a write was made whose answer was lost. The cluster does not record
// the time of a write through the scale subresource. The write cannot be earlier than its first
// attempt or, if another process sent it, than its stored intent. With this lower bound, no pod
// that the write created counts as an older pod.
func (r *Runner) writtenAt(op ledger.Operation) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	if lost, ok := r.attempted[op.ID]; ok {
		return lost.sent
	}
	intent, _ := op.Entered(ledger.Applying)
	return intent.At
}

// supersede stops following older changes of the same component, with a note in their
// threads. It also withdraws the offer to roll back an older failed change.
func (r *Runner) supersede(ctx context.Context, by ledger.Operation) {
	r.closeWayBack(ctx, by)
	if r.hasSuperseded(by.ID, false) {
		return
	}
	open, err := r.store.Unfinished(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "the older operations could not be superseded", "operation", by.ID, "error", err)
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
			r.log.WarnContext(ctx, "an older operation could not be superseded", "operation", op.ID, "error", err)
			all = false
			continue
		}
		old = r.publisher.operation(ctx, old)
		r.publisher.remark(ctx, old.Message, old.ID+"/superseded", "No further reports here: "+note+".")
	}
	r.hasSuperseded(by.ID, all)
}

// hasSuperseded reports whether this process has already superseded everything older than the
// given change; done records that it has. Every step of a rollout asks, in case the process that
// wrote crashed before it did so.
func (r *Runner) hasSuperseded(id string, done bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done {
		r.superseded[id] = true
	}
	return r.superseded[id]
}
