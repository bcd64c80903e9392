package engine

import (
	"cmp"
	"context"
	"errors"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// replan ends a proposal whose component has changed, and makes a new one.
func (d *Desk) replan(ctx context.Context, op ledger.Operation, act Act, drift *scale.Refusal) (ledger.Operation, error) {
	replaced, err := d.records.enter(ctx, op, act.event(ledger.Event{State: ledger.Replaced, Code: drift.Code, Note: drift.Why}))
	if err != nil {
		return d.tooLate(ctx, op, "approve", act, err)
	}
	d.publisher.operation(ctx, replaced)
	d.proposeAgain(ctx, replaced)
	d.meter.Decision(op.Component, "approve", drift.Code)
	// The transition to this state already records the reason.
	return replaced, &refusedError{drift}
}

// tooLate answers a decision that came second in a race: it reads the operation again and says
// who was first.
func (d *Desk) tooLate(ctx context.Context, op ledger.Operation, verb string, act Act, err error) (ledger.Operation, error) {
	newest, readErr := d.store.Get(ctx, op.ID)
	if readErr != nil || newest.Version == op.Version {
		return op, errors.Join(err, readErr)
	}
	return newest, d.turned(ctx, newest, verb, act, stateRefusal(newest, verb))
}

// expire ends a proposal whose time is over, and updates its card. It returns the operation as it
// is stored: somebody may have decided at the last moment.
func (d *Desk) expire(ctx context.Context, op ledger.Operation) ledger.Operation {
	op, expired := d.records.expire(ctx, op)
	if !expired {
		return op
	}
	return d.publisher.operation(ctx, op)
}

// Decline ends a proposal; on-call people may.
func (d *Desk) Decline(ctx context.Context, act Act) (ledger.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.access.person(ctx, act.By, scale.RightDecide, "decline "+op.ID)
	act.By = by
	if refusal == nil {
		refusal = d.access.message(op, act)
	}
	if refusal == nil && op.State() != ledger.Proposed {
		refusal = stateRefusal(op, "decline")
	}
	return d.end(ctx, op, act, "decline", ledger.Declined, refusal)
}

// Cancel ends a proposal, or an approved operation before its write; the requester
// and on-call people may.
func (d *Desk) Cancel(ctx context.Context, act Act) (ledger.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.mayTouch(ctx, op, act, "cancel")
	act.By = by
	if refusal == nil && !ledger.CanFollow(op.State(), ledger.Cancelled) {
		refusal = stateRefusal(op, "cancel")
	}
	return d.end(ctx, op, act, "cancel", ledger.Cancelled, refusal)
}

// mayTouch allows the requester and on-call people, and returns the person with their present
// name and team.
func (d *Desk) mayTouch(ctx context.Context, op ledger.Operation, act Act, verb string) (scale.Person, *scale.Refusal) {
	right := scale.RightDecide
	if act.By.Is(op.Request.By) {
		right = scale.RightAsk
	}
	by, refusal := d.access.person(ctx, act.By, right, verb+" "+op.ID)
	if refusal == nil {
		refusal = d.access.message(op, act)
	}
	return by, refusal
}

// end declines or cancels an operation. It allows every state in which that is possible: somebody
// who cancels a proposal also means it if it was approved a moment ago.
func (d *Desk) end(ctx context.Context, op ledger.Operation, act Act, verb string, state ledger.State, refusal *scale.Refusal) (ledger.Operation, error) {
	if refusal != nil {
		return op, d.turned(ctx, op, verb, act, refusal)
	}
	ended, err := d.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		return op.To(act.event(ledger.Event{State: state, At: d.clock.Now(), Note: act.Reason}))
	})
	if err != nil {
		return d.tooLate(ctx, op, verb, act, err)
	}
	d.meter.Decision(op.Component, verb, "ok")
	return d.publisher.operation(ctx, ended), nil
}

// Adjust replaces an undecided proposal with a proposal for another count, which is judged anew.
// It keeps the override of the minimum, if the new count needs one. It also keeps breaking the
// glass, if the person who asked for that makes the adjustment.
func (d *Desk) Adjust(ctx context.Context, act Act, to int) (ledger.Operation, error) {
	ctx = deciding(ctx)
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	by, refusal := d.mayTouch(ctx, op, act, "adjust")
	act.By = by
	if refusal == nil && op.State() != ledger.Proposed {
		refusal = stateRefusal(op, "adjust")
	}
	if refusal != nil {
		return op, d.turned(ctx, op, "adjust", act, refusal)
	}
	return d.Propose(ctx, Ask{
		Component: op.Component, Target: judge.Exactly(to), Reason: cmp.Or(act.Reason, op.Request.Reason), By: act.By, Origin: FromAdjust,
		Channel: op.Request.Channel, Thread: op.Request.Thread, Key: act.Key, Episode: op.Request.Episode,
		OverrideMinimum: op.Request.OverrideMinimum, BreakGlass: op.Request.BreakGlass && op.Request.By.Is(act.By),
	})
}
