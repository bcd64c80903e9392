package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// Propose makes an operation and posts its card. It replaces an undecided proposal for the same
// component, and refuses while an approved or running operation exists.
func (d *Desk) Propose(ctx context.Context, ask Ask) (ledger.Operation, error) {
	ctx = deciding(ctx)
	component, err := d.component(ask.Component)
	if err != nil {
		return ledger.Operation{}, err
	}
	ask.Component = component.Name
	if op, ok := d.made(ctx, component.Name, ask.Key); ok {
		return op, nil
	}
	by, refusal := d.access.mayAsk(ctx, ask)
	ask.By = by
	if refusal != nil {
		return ledger.Operation{}, d.turned(ctx, ledger.Operation{Component: component.Name}, "propose", ask.act(), refusal)
	}
	op, err := d.create(ctx, component, ask)
	if err != nil {
		var refusal *scale.Refusal
		if !errors.As(err, &refusal) {
			return op, err
		}
		// A refusal because of a running change is recorded on that change.
		op.Component = component.Name
		return op, d.turned(ctx, op, "propose", ask.act(), refusal)
	}
	d.meter.Decision(op.Component, "propose", "ok")
	return d.publisher.operation(ctx, op), nil
}

// keysLast is how far back the bot searches for an earlier delivery of the same order. Slack
// sends the third and last retry of an event five minutes after the second.
const keysLast = 6 * time.Hour

// made finds the operation that an earlier delivery of the same order made.
func (d *Desk) made(ctx context.Context, component, key string) (ledger.Operation, bool) {
	if key == "" {
		return ledger.Operation{}, false
	}
	recent, err := d.records.recent(ctx, d.clock.AtLeast(keysLast, keysLast))
	if err != nil {
		return ledger.Operation{}, false
	}
	for _, op := range recent {
		if op.Component == component && op.Request.Key == key {
			return op, true
		}
	}
	return ledger.Operation{}, false
}

// create decides from a fresh reading and stores the proposal. When two replicas do so at once,
// both try the same operation number; one wins, and the other decides again.
func (d *Desk) create(ctx context.Context, component scale.Component, ask Ask) (ledger.Operation, error) {
	for range swapTries {
		seen, err := d.observer.observe(ctx, component)
		if err != nil {
			return ledger.Operation{}, err
		}
		op, err := d.draft(ctx, seen, ask)
		if err != nil {
			return op, err
		}
		op = d.withRequester(ctx, op)
		newest, err := d.makeRoom(ctx, op)
		if errors.Is(err, scale.ErrVersion) {
			continue
		}
		if err != nil || newest.State() == ledger.Proposed {
			return newest, err
		}
		op.Number = newest.Number + 1
		op.ID = ledger.OperationID(op.Component, op.Number)
		if newest.State() == ledger.Replaced {
			op.Request.Replaces = newest.ID
		}
		stored, err := d.store.Create(ctx, op)
		if err == nil {
			d.publisher.messages.created(stored.ID)
			d.records.logChange(ctx, ledger.Operation{}, stored)
			d.publisher.messages.written(stored.ID, stored.Version)
			return d.warned(ctx, stored, op.Number), nil
		}
		if !errors.Is(err, scale.ErrVersion) {
			return op, fmt.Errorf("storing the proposal: %w", err)
		}
	}
	return ledger.Operation{}, fmt.Errorf("proposing for %s: %w", component.Name, scale.ErrVersion)
}

// makeRoom replaces an undecided proposal, and refuses while a change is running. It returns the
// newest operation of the component, the zero value when there is none. It does not replace a
// proposal that the same button of an alert made: the second person to press that button decides
// about the first person's proposal.
func (d *Desk) makeRoom(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	recent, err := d.store.Newest(ctx, op.Component, 1)
	if err != nil {
		return ledger.Operation{}, fmt.Errorf("reading the operations of %s: %w", op.Component, err)
	}
	if len(recent) == 0 {
		return ledger.Operation{}, nil
	}
	newest := recent[0]
	switch {
	case newest.State() == ledger.Proposed && sameButton(newest, op):
		return newest, nil
	case newest.State() == ledger.Proposed:
		replaced, err := d.records.enter(ctx, newest, ledger.Event{State: ledger.Replaced, By: op.Request.By, Note: fmt.Sprintf("a newer proposal asks for %v", wanted(op))})
		if err != nil {
			return newest, d.raced(ctx, newest, err)
		}
		return d.publisher.operation(ctx, replaced), nil
	case newest.State().Live():
		return newest, busyRefusal(newest, op)
	}
	return newest, nil
}

// busyRefusal refuses an order because of a running change, and says what can still be done about
// that change. A change that may have been written already cannot be cancelled.
func busyRefusal(running, wish ledger.Operation) *scale.Refusal {
	from, to := running.Change().Ends()
	r := &scale.Refusal{
		Code: scale.RefusedBusy, Understood: fmt.Sprintf("%s to %v", wish.Component, wanted(wish)),
		Why:   fmt.Sprintf("%s is %s: %v to %v.", running.ID, running.State(), from, to),
		Limit: "one change of a component at a time",
		Next:  "It can no longer be cancelled; ask again once its pods are ready and the consumer group has settled.", Try: "/scale watch " + running.Component,
	}
	if ledger.CanFollow(running.State(), ledger.Cancelled) {
		r.Next, r.Try = "Wait for its end, or cancel it before it is written.", "/scale cancel "+running.ID
	}
	return r
}

// wanted is the value that an operation sets.
func wanted(op ledger.Operation) any {
	_, to := op.Change().Ends()
	return to
}

// sameButton reports whether both operations come from the prepared change of the same episode.
func sameButton(a, b ledger.Operation) bool {
	return a.Request.Episode != "" && a.Request.Episode == b.Request.Episode && a.Change() == b.Change() &&
		a.Request.Origin == b.Request.Origin && (a.Request.Origin == FromAlert || a.Request.Origin == FromSuggestion)
}

// raced returns scale.ErrVersion if others changed the operation first, so that the caller
// decides again; any other error it returns as it is.
func (d *Desk) raced(ctx context.Context, op ledger.Operation, err error) error {
	newest, readErr := d.store.Get(ctx, op.ID)
	if readErr == nil && newest.Version != op.Version {
		return fmt.Errorf("replacing %s: %w", op.ID, scale.ErrVersion)
	}
	return err
}

// draft makes the operation for an ask from what was read, or returns the refusal. For more
// workers it also considers the effect of the last scale-up.
func (d *Desk) draft(ctx context.Context, seen observation, ask Ask) (ledger.Operation, error) {
	wish := lever.Wish{Target: ask.Target, Reason: ask.Reason, OverrideMinimum: ask.OverrideMinimum, Undo: ask.Origin == FromRollback}
	if lever.AsksForMore(d.basis(seen), wish) {
		seen = d.observer.withLastScaleUp(ctx, seen)
	}
	proposal, refusal := lever.Propose(d.basis(seen), wish)
	if refusal != nil {
		return ledger.Operation{}, refusal
	}
	now := d.clock.Now()
	op := ledger.Operation{
		Component: seen.component.Name, Steps: ledger.StepsOf(proposal.Steps...),
		Before: seen.snapshot, Advice: seen.advice, Plan: proposal.Plan,
		Request: ledger.Request{
			By: ask.By, Reason: ask.Reason, Origin: ask.Origin, Channel: ask.Channel, Thread: ask.Thread, At: now,
			ExpiresAt: now.Add(d.expiry(seen.advice)), Episode: ask.Episode, Undoes: ask.Undoes, Key: ask.Key,
			OverrideMinimum: proposal.BelowMinimum, BreakGlass: ask.BreakGlass,
		},
	}
	if len(proposal.Plan.Risks) > 0 {
		op.Approvals = 2
	}
	return op.To(ask.act().event(ledger.Event{State: ledger.Proposed, At: now, Note: ask.Reason}))
}

// basis is what a request is judged on.
func (d *Desk) basis(seen observation) lever.Basis {
	return lever.Basis{Component: seen.component, Policy: d.policy, Now: seen.snapshot, Past: seen.past, Advice: seen.advice}
}

// expiry is how long a proposal waits for a decision. It is shorter when a critical rule fires,
// so that people notice that nobody has decided (T-34).
func (d *Desk) expiry(advice ledger.Recommendation) time.Duration {
	if advice.Urgency == scale.UrgencyCritical {
		return d.policy.Times.CriticalExpiry
	}
	return d.policy.Times.Expiry
}

// DryRun does what Propose does, with a server-side dry run, but stores and posts nothing.
func (d *Desk) DryRun(ctx context.Context, ask Ask) (ledger.Operation, error) {
	component, err := d.component(ask.Component)
	if err != nil {
		return ledger.Operation{}, err
	}
	by, refusal := d.access.person(ctx, ask.By, scale.RightAsk, component.Name+" "+ask.Target.String())
	ask.By = by
	if refusal != nil {
		return ledger.Operation{}, d.turned(ctx, ledger.Operation{Component: component.Name}, "dry_run", ask.act(), refusal)
	}
	seen, err := d.observer.observe(ctx, component)
	if err != nil {
		return ledger.Operation{}, err
	}
	op, err := d.draft(ctx, seen, ask)
	if errors.As(err, &refusal) {
		return op, d.turned(ctx, ledger.Operation{Component: component.Name}, "dry_run", ask.act(), refusal)
	}
	if err != nil {
		return op, err
	}
	found := lever.Of(op).Where(seen.snapshot)
	if _, err = d.hand.Set(ctx, component, op.Step().Step, found.Seen.ResourceVersion, true); err != nil {
		op.Plan.Warnings = append(op.Plan.Warnings, "The cluster would refuse it: "+err.Error())
	}
	return op, nil
}

// proposeAgain makes a new proposal for an approved operation whose component has changed; the
// runner calls it.
func (d *Desk) proposeAgain(ctx context.Context, op ledger.Operation) {
	component, err := d.component(op.Component)
	if err != nil {
		return
	}
	proposed, err := d.create(ctx, component, Ask{
		Component: op.Component, Target: lever.Of(op).Again(), Reason: op.Request.Reason, By: op.Request.By,
		Origin: op.Request.Origin, Channel: op.Request.Channel, Thread: op.Request.Thread, Episode: op.Request.Episode, Undoes: op.Request.Undoes,
		OverrideMinimum: op.Request.OverrideMinimum, BreakGlass: op.Request.BreakGlass,
	})
	if err != nil {
		d.log.InfoContext(ctx, "a changed operation was not proposed again", "operation", op.ID, "error", err)
		return
	}
	d.publisher.operation(ctx, proposed)
}
