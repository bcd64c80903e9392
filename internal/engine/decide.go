package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// Approve records an approval by somebody who may, after a fresh look at the world;
// a drifted one is replaced by a new proposal and refused with RefusedDrift.
func (d *Desk) Approve(ctx context.Context, act Act) (scale.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	const verb = "approve"
	if refusal := d.mayApprove(ctx, op, act); refusal != nil {
		return op, d.refused(ctx, op, verb, act.By, refusal)
	}
	component, err := d.component(op.Component)
	if err != nil {
		return op, err
	}
	seen, err := d.look(ctx, component)
	if err != nil {
		return op, err
	}
	if drift := scale.Drift(op, d.policy, seen.snapshot); drift != nil {
		return d.replan(ctx, op, act, drift)
	}
	approved, err := d.enter(ctx, op, scale.Event{State: scale.Approved, By: act.By, Note: act.Reason})
	if err != nil {
		return d.tooLate(ctx, op, verb, act, err)
	}
	d.Meter.Decision(op.Component, verb, "ok")
	return d.board.operation(ctx, approved, false), nil
}

// mayApprove checks the person first, so that nobody learns more from a refusal than
// the role that is missing, then the message and the state.
func (d *Desk) mayApprove(ctx context.Context, op scale.Operation, act Act) *scale.Refusal {
	if _, refusal := d.allowed(ctx, act.By, scale.RightDecide, "approve "+op.ID); refusal != nil {
		return refusal
	}
	if refusal := sameMessage(op, act); refusal != nil {
		return refusal
	}
	if op.State() == scale.Proposed && !d.Clock.Now().Before(op.Request.ExpiresAt) {
		op = d.expire(ctx, op)
	}
	if op.State() != scale.Proposed {
		return stateRefusal(op, "approve")
	}
	return d.selfApproval(op, act.By)
}

// selfApproval refuses the requester where the runbook's access section wants a second
// person. What the bot itself prepared has been looked at by two already.
func (d *Desk) selfApproval(op scale.Operation, by scale.Person) *scale.Refusal {
	if op.Request.By.ID != by.ID || prepared(op.Request.Origin) {
		return nil
	}
	rule := d.Book.Access.SelfApproval
	if rule == "always" || rule != "never" && !op.Plan.Loud {
		return nil
	}
	why := "You asked for this change, and it is not a routine one, so another on-call person has to approve it."
	if rule == "never" {
		why = "You asked for this change, so another on-call person has to approve it."
	}
	return &scale.Refusal{
		Code: "self_approval", Understood: "approve " + op.ID, Why: why, Limit: "selfApproval: " + orDefault(rule, "routine") + " in the runbook file", Next: "Ask a colleague on call to press Approve.", Try: "/scale oncall",
	}
}

func orDefault(word, otherwise string) string {
	if word == "" {
		return otherwise
	}
	return word
}

// prepared reports whether the bot itself proposed the count.
func prepared(origin string) bool {
	return origin == FromAlert || origin == FromSuggestion || origin == FromReport
}

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
		refusal = sameMessage(op, act)
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
	return sameMessage(op, act)
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
		Component: op.Component, Target: scale.Exactly(to), Reason: orDefault(act.Reason, op.Request.Reason), By: act.By, Origin: FromAdjust,
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
		Reason:  orDefault(act.Reason, "rolling back "+op.ID),
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
		return refuse(fmt.Sprintf("The count is %d now, set by %s, and not the %d of %s any more.", w.Desired, orDefault(w.ReplicasBy, "somebody else"), op.Change.To, op.ID))
	}
	return nil
}

// approveToo approves what was just proposed if its author may decide; otherwise the
// proposal waits for somebody who may.
func (d *Desk) approveToo(ctx context.Context, op scale.Operation, act Act) (scale.Operation, error) {
	if op.State() != scale.Proposed || !d.Directory.Grant(ctx, act.By, scale.RightDecide).Allowed {
		return op, nil
	}
	if d.selfApproval(op, act.By) != nil {
		return op, nil
	}
	return d.Approve(ctx, Act{ID: op.ID, By: act.By, Key: act.Key})
}
