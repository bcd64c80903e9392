package engine

import (
	"cmp"
	"context"
	"errors"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// RollBack proposes the old count of an operation that has ended, or of one that hangs because
// its pods do not start. If the person may decide, the same click approves the proposal. Rolling
// back an operation that hangs also ends it, which only people who may decide can do.
func (d *Desk) RollBack(ctx context.Context, act Act) (ledger.Operation, error) {
	ctx = deciding(ctx)
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	right := scale.RightAsk
	if op.State() == ledger.Settling {
		right = scale.RightDecide
	}
	by, refusal := d.access.person(ctx, act.By, right, "roll back "+op.ID)
	act.By = by
	if refusal == nil && op.State() == ledger.Settling && !lever.Of(op).Hangs() {
		refusal = stateRefusal(op, "roll back")
	}
	if refusal == nil {
		refusal = d.access.typed(op, act)
	}
	if refusal == nil {
		refusal = d.mayRollBack(ctx, op)
	}
	if refusal != nil {
		return op, d.turned(ctx, op, "rollback", act, refusal)
	}
	if op.State() == ledger.Settling {
		if op, err = d.giveUp(ctx, op, act); err != nil {
			return op, err
		}
	}
	undo, err := d.Propose(ctx, Ask{
		Component: op.Component, Target: lever.Of(op).Back(), By: act.By, Origin: FromRollback, Undoes: op.ID,
		Reason:  cmp.Or(act.Reason, "rolling back "+op.ID),
		Channel: op.Request.Channel, Thread: op.Request.Thread, Key: act.Key, Episode: op.Request.Episode,
	})
	if err != nil {
		return undo, err
	}
	return d.approveToo(ctx, undo, act)
}

// giveUp ends a change that hangs, in the name of the person who rolls it back. If it has settled
// meanwhile, giveUp ends nothing.
func (d *Desk) giveUp(ctx context.Context, op ledger.Operation, act Act) (ledger.Operation, error) {
	failed, err := d.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if !lever.Of(op).Hangs() {
			return op, stateRefusal(op, "roll back")
		}
		note := lever.Of(op).GivenUp()
		op = closeReports(op, note)
		return op.To(act.event(ledger.Event{State: ledger.Failed, At: d.clock.Now(), Code: "given_up", Note: note}))
	})
	if err != nil {
		return d.tooLate(ctx, op, "roll back", act, err)
	}
	return d.publisher.operation(ctx, failed), nil
}

// mayRollBack refuses when there is nothing to undo, or when the count has changed since: then
// the old count is not what the person expects to return to.
func (d *Desk) mayRollBack(ctx context.Context, op ledger.Operation) *scale.Refusal {
	of := lever.Of(op)
	if !op.Written() {
		return of.RefuseBack(op.ID + " changed nothing, so there is nothing to roll back.")
	}
	newer, err := d.records.newer(ctx, op)
	if err == nil {
		err = d.records.allRead(ctx, op, newer)
	}
	if errors.Is(err, scale.ErrUnreadable) {
		refusal := of.RefuseBack("A change came after it that this version of the bot cannot read, so whether that one has changed the count is not known.")
		refusal.Code = scale.RefusedUnknown
		return refusal
	}
	if err != nil {
		refusal := of.RefuseBack("Whether another change came after it could not be read.")
		refusal.Code, refusal.Next = scale.RefusedUnknown, "Try again in a moment."
		return refusal
	}
	for _, later := range newer {
		if later.Written() {
			return of.RefuseBack(later.ID + " has changed the count since.")
		}
	}
	return of.MayGoBack(d.observer.last(op.Component))
}

// approveToo approves what was just proposed if its author may decide. Otherwise the proposal
// waits for somebody who may.
func (d *Desk) approveToo(ctx context.Context, op ledger.Operation, act Act) (ledger.Operation, error) {
	if op.State() != ledger.Proposed && !op.HasApproved(act.By) && !op.Request.By.Is(act.By) {
		// Somebody else pressed the same button and decided first.
		return op, d.turned(ctx, op, "approve", act, stateRefusal(op, "approve"))
	}
	if op.State() != ledger.Proposed || op.HasApproved(act.By) || d.selfApproval(op, act.By) != nil {
		return op, nil
	}
	if !d.access.grant(ctx, act.By, scale.RightDecide).Allowed {
		return op, nil
	}
	return d.Approve(ctx, Act{ID: op.ID, By: act.By, Key: act.Key})
}
