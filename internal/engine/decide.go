package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// replan ends a proposal that is not for this world any more and makes a new one.
func (d *Desk) replan(ctx context.Context, op scale.Operation, act Act, drift *scale.Refusal) (scale.Operation, error) {
	replaced, err := d.enter(ctx, op, scale.Event{State: scale.Replaced, By: act.By, Code: drift.Code, Note: drift.Why})
	if err != nil {
		return d.tooLate(ctx, op, "approve", act, err)
	}
	d.board.operation(ctx, replaced, false)
	d.again(ctx, replaced)
	d.Meter.Decision(op.Component, "approve", drift.Code)
	return replaced, drift
}

// tooLate turns a lost race into the truth about who was first.
func (d *Desk) tooLate(ctx context.Context, op scale.Operation, verb string, act Act, err error) (scale.Operation, error) {
	newest, readErr := d.Store.Get(ctx, op.ID)
	if readErr != nil || newest.Version == op.Version {
		return op, errors.Join(err, readErr)
	}
	return newest, d.refused(ctx, newest, verb, act.By, stateRefusal(newest, verb))
}

// expire ends a proposal whose time is over, and shows it.
func (c *core) expire(ctx context.Context, op scale.Operation) scale.Operation {
	expired, err := c.enter(ctx, op, scale.Event{State: scale.Expired, By: bot, Note: "nobody decided in time"})
	if err != nil {
		return op
	}
	return c.board.operation(ctx, expired, false)
}

// Decline ends a proposal; on-call people may.
func (d *Desk) Decline(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	_, refusal := d.allowed(ctx, act.By, scale.RightDecide, "decline "+op.ID)
	if refusal == nil {
		refusal = d.rightPlace(op, act)
	}
	if refusal == nil && op.State() != scale.Proposed {
		refusal = stateRefusal(op, "decline")
	}
	return d.end(ctx, op, act, "decline", scale.Declined, refusal)
}

// Cancel ends a proposal, or an approved operation before its write; the requester
// and on-call people may.
func (d *Desk) Cancel(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	refusal := d.mayTouch(ctx, op, act, "cancel")
	if refusal == nil && !scale.CanFollow(op.State(), scale.Cancelled) {
		refusal = stateRefusal(op, "cancel")
	}
	return d.end(ctx, op, act, "cancel", scale.Cancelled, refusal)
}

// mayTouch lets the requester and on-call people through.
func (d *Desk) mayTouch(ctx context.Context, op scale.Operation, act Act, verb string) *scale.Refusal {
	right := scale.RightDecide
	if act.By.ID == op.Request.By.ID {
		right = scale.RightAsk
	}
	if _, refusal := d.allowed(ctx, act.By, right, verb+" "+op.ID); refusal != nil {
		return refusal
	}
	return d.rightPlace(op, act)
}

// end brings a decision against an operation to its end.
func (d *Desk) end(ctx context.Context, op scale.Operation, act Act, verb string, state scale.State, refusal *scale.Refusal) (scale.Operation, error) {
	if refusal != nil {
		return op, d.refused(ctx, op, verb, act.By, refusal)
	}
	ended, err := d.enter(ctx, op, scale.Event{State: state, By: act.By, Note: act.Reason})
	if err != nil {
		return d.tooLate(ctx, op, verb, act, err)
	}
	d.Meter.Decision(op.Component, verb, "ok")
	return d.board.operation(ctx, ended, false), nil
}

// Adjust replaces an undecided proposal by one for another count.
func (d *Desk) Adjust(ctx context.Context, act Act, to int) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	refusal := d.mayTouch(ctx, op, act, "adjust")
	if refusal == nil && op.State() != scale.Proposed {
		refusal = stateRefusal(op, "adjust")
	}
	if refusal != nil {
		return op, d.refused(ctx, op, "adjust", act.By, refusal)
	}
	return d.Propose(ctx, Ask{
		Component: op.Component, Target: scale.Exactly(to), Reason: cmp.Or(act.Reason, op.Request.Reason), By: act.By, Origin: FromAdjust,
		Channel: op.Request.Channel, Thread: op.Request.Thread, Key: act.Key, Episode: op.Request.Episode,
	})
}

// RollBack proposes the old count of a finished operation; when the person may
// decide, it is approved with the same click.
func (d *Desk) RollBack(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	if refusal := d.mayRollBack(ctx, op); refusal != nil {
		return op, d.refused(ctx, op, "rollback", act.By, refusal)
	}
	undo, err := d.Propose(ctx, Ask{
		Component: op.Component, Target: scale.Exactly(op.Change.From), By: act.By, Origin: FromRollback, Undoes: op.ID,
		Reason:  cmp.Or(act.Reason, "rolling back "+op.ID),
		Channel: op.Request.Channel, Thread: op.Request.Thread, Key: act.Key, Episode: op.Request.Episode,
	})
	if err != nil {
		return undo, err
	}
	return d.approveToo(ctx, undo, act)
}

// mayRollBack refuses when there is nothing to undo, or when something else has changed
// since, so that the old number is not what anybody has before their eyes.
func (d *Desk) mayRollBack(ctx context.Context, op scale.Operation) *scale.Refusal {
	refuse := func(why string) *scale.Refusal {
		return &scale.Refusal{
			Code: scale.RefusedState, Understood: "roll back " + op.ID, Why: why,
			Next: "Name the count you want.", Try: fmt.Sprintf("/scale %s %d", op.Component, op.Change.From),
		}
	}
	if op.Rollout.WrittenAt.IsZero() {
		return refuse(op.ID + " changed nothing, so there is nothing to roll back.")
	}
	recent, err := d.Store.Newest(ctx, op.Component, 20)
	if err != nil {
		return refuse("The operations after it could not be read.")
	}
	for _, later := range recent {
		if later.Number > op.Number && !later.Rollout.WrittenAt.IsZero() {
			return refuse(later.ID + " has changed the count since.")
		}
	}
	w, known := d.sampler.Snapshot(op.Component).Workload.Get()
	if known && w.Desired != op.Change.To {
		return refuse(fmt.Sprintf("The count is %d now, set by %s, and not the %d of %s any more.", w.Desired, cmp.Or(w.ReplicasBy, "somebody else"), op.Change.To, op.ID))
	}
	return nil
}

// approveToo approves what was just proposed if its author may decide; otherwise the
// proposal waits for somebody who may.
func (d *Desk) approveToo(ctx context.Context, op scale.Operation, act Act) (scale.Operation, error) {
	if op.State() != scale.Proposed || op.HasApproved(act.By) || d.selfApproval(op, act.By) != nil {
		return op, nil
	}
	if !d.Directory.Grant(ctx, act.By, scale.RightDecide).Allowed {
		return op, nil
	}
	return d.Approve(ctx, Act{ID: op.ID, By: act.By, Key: act.Key})
}
