package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// Approve records an approval by somebody who may approve, after reading the component afresh. If
// the component has changed, a new proposal replaces the operation and Approve returns
// RefusedDrift. A risky change stays proposed until enough different people have approved it
//
func (d *Desk) Approve(ctx context.Context, act Act) (ledger.Operation, error) {
	op, err := d.get(ctx, act.ID)
	if err != nil {
		return op, err
	}
	const verb = "approve"
	by, refusal := d.mayApprove(ctx, op, act)
	act.By = by
	if refusal != nil {
		return op, d.turned(ctx, op, verb, act, refusal)
	}
	component, err := d.component(op.Component)
	if err != nil {
		return op, err
	}
	seen, err := d.observer.read(ctx, component, readDrift)
	if err != nil {
		return op, err
	}
	if drift := lever.Of(op).Drift(d.policy, seen); drift != nil {
		return d.replan(ctx, op, act, drift)
	}
	approved, err := d.approve(ctx, op, act)
	switch {
	case errors.As(err, &refusal):
		return op, d.turned(ctx, op, verb, act, refusal)
	case err != nil:
		return d.tooLate(ctx, op, verb, act, err)
	}
	d.meter.Decision(op.Component, verb, "ok")
	return d.publisher.operation(ctx, approved), nil
}

// approve stores the approval on the newest version of the operation. When two people approve at
// the same time, the approval that is stored second sees the first one and completes the required
// number.
func (d *Desk) approve(ctx context.Context, op ledger.Operation, act Act) (ledger.Operation, error) {
	return d.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		// Check first what others have decided meanwhile: the second click of a double click that
		// completed the approvals must not ask for one more person.
		if refusal := d.refuseCounted(op, act); refusal != nil && op.State() == ledger.Proposed {
			return op, refusal
		}
		event := act.event(ledger.Event{At: d.clock.Now(), Note: act.Reason})
		next, err := op.Approve(event)
		if err != nil || !breaking(op, act) {
			return next, err
		}
		if next.State() == ledger.Approved && d.selfApproval(op, act.By) == nil {
			// Nobody broke the glass: one approval is enough for this change, or two people have
			// approved it.
			return next, nil
		}
		event.Code, event.Note = ledger.CodeBreakGlass, cmp.Or(act.Reason, op.Request.Reason)
		return op.Approve(event)
	})
}

// mayApprove checks the person first, so that a refused person learns only which role is missing;
// then the message and the state. It returns the person with their present name and team.
func (d *Desk) mayApprove(ctx context.Context, op ledger.Operation, act Act) (scale.Person, *scale.Refusal) {
	by, refusal := d.access.person(ctx, act.By, scale.RightDecide, "approve "+op.ID)
	if refusal == nil {
		act.By = by
		refusal = d.approvable(ctx, op, act)
	}
	return by, refusal
}

// approvable checks everything but the person's right.
func (d *Desk) approvable(ctx context.Context, op ledger.Operation, act Act) *scale.Refusal {
	if refusal := d.access.message(op, act); refusal != nil {
		return refusal
	}
	if op.State() == ledger.Proposed && !d.clock.Now().Before(op.Request.ExpiresAt) {
		if op = d.expire(ctx, op); op.State() == ledger.Proposed {
			// The expiry could not be stored; the proposal counts as expired all the same.
			refusal := stateRefusal(op, "approve")
			refusal.Code, refusal.Why = scale.RefusedExpired, op.ID+" has lapsed: nobody decided in time."
			return refusal
		}
	}
	if op.State() != ledger.Proposed {
		return stateRefusal(op, "approve")
	}
	if act.BreakGlass && act.Reason == "" {
		return judge.RefuseWithoutReason("approve "+op.ID, "Breaking the glass", "/scale approve "+op.ID+" --break-glass because nobody else is awake")
	}
	return d.refuseCounted(op, act)
}

// refuseCounted refuses an approval that does not add a new person: the same person again, or the
// requester where the runbook does not let requesters approve. It does not refuse a person who
// breaks the glass: one person is enough then.
func (d *Desk) refuseCounted(op ledger.Operation, act Act) *scale.Refusal {
	switch {
	case breaking(op, act):
		return nil
	case op.HasApproved(act.By) && op.Request.By.Is(act.By):
		return selfRefusal(op, fmt.Sprintf("You asked for this change, which counts as one of the %d approvals it needs. Another on-call person has to approve it.", op.Needed()),
			"a risky change takes two people, runbook file")
	case op.HasApproved(act.By):
		return &scale.Refusal{
			Code: scale.RefusedAlready, Understood: "approve " + op.ID,
			Why:   fmt.Sprintf("Your approval counts already: %d of %d.", len(op.Approvers()), op.Needed()),
			Limit: fmt.Sprintf("%d different people on call", op.Needed()), Next: "Another on-call person has to approve it.", Try: "/scale oncall",
		}
	}
	return d.selfApproval(op, act.By)
}

// breaking reports whether this approval is meant to carry a risky change alone. Either the
// approval says so, or the same person said so when they asked for the change.
func breaking(op ledger.Operation, act Act) bool {
	return act.BreakGlass || op.Request.BreakGlass && op.Request.By.Is(act.By)
}

// selfApproval refuses the requester where the runbook's access section requires somebody else. A
// count that the bot proposed has been checked twice, by the bot and by the requester. Where the
// change needs two people, the requester may be one of them unless the rule is "never".
func (d *Desk) selfApproval(op ledger.Operation, by scale.Person) *scale.Refusal {
	if !op.Request.By.Is(by) || prepared(op.Request.Origin) {
		return nil
	}
	rule := cmp.Or(d.access.rules.SelfApproval, "routine")
	if rule == "always" || rule != "never" && (!op.Plan.Prominent || op.Needed() > 1) {
		return nil
	}
	why := "You asked for this change, and it is not a routine one, so another on-call person has to approve it."
	if rule == "never" {
		why = "You asked for this change, so another on-call person has to approve it."
	}
	return selfRefusal(op, why, "selfApproval: "+rule+" in the runbook file")
}

func selfRefusal(op ledger.Operation, why, limit string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedSelfApproval, Understood: "approve " + op.ID, Why: why, Limit: limit,
		Next: "Ask a colleague on call to press Approve; when nobody else is there, break the glass with a reason.",
		Try:  "/scale approve " + op.ID + " --break-glass because nobody else is awake",
	}
}

// withRequester counts the request of somebody on call as the first of two approvals, where the
// runbook lets requesters approve at all.
func (d *Desk) withRequester(ctx context.Context, op ledger.Operation) ledger.Operation {
	if op.Needed() < 2 || d.selfApproval(op, op.Request.By) != nil || !d.access.grant(ctx, op.Request.By, scale.RightDecide).Allowed {
		return op
	}
	counted, err := op.Approve(ledger.Event{
		At: op.Request.At, By: op.Request.By, Note: "asked for it", Channel: op.Request.Channel, Key: op.Request.Key,
	})
	if err != nil {
		return op
	}
	return counted
}

// prepared reports whether the bot itself proposed the count.
func prepared(origin string) bool {
	return origin == FromAlert || origin == FromSuggestion || origin == FromReport
}
