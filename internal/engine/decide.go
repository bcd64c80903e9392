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
	replaced, err := d.enter(ctx, op, act.event(scale.Event{State: scale.Replaced, Code: drift.Code, Note: drift.Why}))
	if err != nil {
		return d.tooLate(ctx, op, "approve", act, err)
	}
	d.board.operation(ctx, replaced)
	d.again(ctx, replaced)
	d.Meter.Decision(op.Component, "approve", drift.Code)
	// The transition itself is the record of why.
	return replaced, &refusedError{drift}
}

// tooLate turns a lost race into the truth about who was first.
func (d *Desk) tooLate(ctx context.Context, op scale.Operation, verb string, act Act, err error) (scale.Operation, error) {
	newest, readErr := d.Store.Get(ctx, op.ID)
	if readErr != nil || newest.Version == op.Version {
		return op, errors.Join(err, readErr)
	}
	return newest, d.turned(ctx, newest, verb, act, stateRefusal(newest, verb))
}

// expire ends a proposal whose time is over, and shows it. It returns the operation as it is
// stored: somebody may have decided at the last instant.
func (c *core) expire(ctx context.Context, op scale.Operation) scale.Operation {
	expired, err := c.enter(ctx, op, scale.Event{State: scale.Expired, By: bot, Note: "nobody decided in time"})
	if err != nil {
		if newest, err := c.Store.Get(ctx, op.ID); err == nil {
			return newest
		}
		return op
	}
	return c.board.operation(ctx, expired)
}

// Decline ends a proposal; on-call people may.
func (d *Desk) Decline(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.allowed(ctx, act.By, scale.RightDecide, "decline "+op.ID)
	act.By = by
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
	by, refusal := d.mayTouch(ctx, op, act, "cancel")
	act.By = by
	if refusal == nil && !scale.CanFollow(op.State(), scale.Cancelled) {
		refusal = stateRefusal(op, "cancel")
	}
	return d.end(ctx, op, act, "cancel", scale.Cancelled, refusal)
}

// mayTouch lets the requester and on-call people through, and returns the person as they
// are known now.
func (d *Desk) mayTouch(ctx context.Context, op scale.Operation, act Act, verb string) (scale.Person, *scale.Refusal) {
	right := scale.RightDecide
	if act.By.Is(op.Request.By) {
		right = scale.RightAsk
	}
	by, refusal := d.allowed(ctx, act.By, right, verb+" "+op.ID)
	if refusal == nil {
		refusal = d.rightPlace(op, act)
	}
	return by, refusal
}

// end brings a decision against an operation to its end. Unlike other decisions, it holds
// for every state that it may follow: who cancels a proposal means the approved one as well.
func (d *Desk) end(ctx context.Context, op scale.Operation, act Act, verb string, state scale.State, refusal *scale.Refusal) (scale.Operation, error) {
	if refusal != nil {
		return op, d.turned(ctx, op, verb, act, refusal)
	}
	ended, err := d.change(ctx, op, func(op scale.Operation) (scale.Operation, error) {
		return op.To(act.event(scale.Event{State: state, At: d.Clock.Now(), Note: act.Reason}))
	})
	if err != nil {
		return d.tooLate(ctx, op, verb, act, err)
	}
	d.Meter.Decision(op.Component, verb, "ok")
	return d.board.operation(ctx, ended), nil
}

// Adjust replaces an undecided proposal by one for another count, which is judged anew. What
// was asked for with the first one still holds: the override of the minimum, should the new
// count need it, and, for the very person who meant to carry the change alone, that.
func (d *Desk) Adjust(ctx context.Context, act Act, to int) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.mayTouch(ctx, op, act, "adjust")
	act.By = by
	if refusal == nil && op.State() != scale.Proposed {
		refusal = stateRefusal(op, "adjust")
	}
	if refusal != nil {
		return op, d.turned(ctx, op, "adjust", act, refusal)
	}
	return d.Propose(ctx, Ask{
		Component: op.Component, Target: scale.Exactly(to), Reason: cmp.Or(act.Reason, op.Request.Reason), By: act.By, Origin: FromAdjust,
		Channel: op.Request.Channel, Thread: op.Request.Thread, Key: act.Key, Episode: op.Request.Episode,
		OverrideMinimum: op.Request.OverrideMinimum, BreakGlass: op.Request.BreakGlass && op.Request.By.Is(act.By),
	})
}

// RollBack proposes the old count of a finished operation; when the person may
// decide, it is approved with the same click.
func (d *Desk) RollBack(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.allowed(ctx, act.By, scale.RightAsk, "roll back "+op.ID)
	act.By = by
	if refusal == nil {
		refusal = d.typedPlace(op, act)
	}
	if refusal == nil {
		refusal = d.mayRollBack(ctx, op)
	}
	if refusal != nil {
		return op, d.turned(ctx, op, "rollback", act, refusal)
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
	newer, err := d.newer(ctx, op)
	if err == nil {
		err = d.allRead(ctx, op, newer)
	}
	if errors.Is(err, scale.ErrUnreadable) {
		refusal := refuse("A change came after it that this version of the bot cannot read, so whether that one has changed the count is not known.")
		refusal.Code = scale.RefusedUnknown
		return refusal
	}
	if err != nil {
		refusal := refuse("Whether another change came after it could not be read.")
		refusal.Code, refusal.Next = scale.RefusedUnknown, "Try again in a moment."
		return refusal
	}
	for _, later := range newer {
		if !later.Rollout.WrittenAt.IsZero() {
			return refuse(later.ID + " has changed the count since.")
		}
	}
	reading := d.sampler.Snapshot(op.Component).Workload
	w, known := reading.Get()
	switch {
	case !known:
		refusal := refuse("How many replicas run now is unknown: " + scale.Sentence(reading.Why()))
		refusal.Code, refusal.Next = scale.RefusedUnknown, "Look again in a moment."
		return refusal
	case w.Desired != op.Change.To:
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
