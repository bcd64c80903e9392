package engine

import (
	"context"
	"errors"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// refusedError is a refusal that was already counted and recorded.
type refusedError struct{ refusal *scale.Refusal }

func (e *refusedError) Error() string { return e.refusal.Error() }

func (e *refusedError) Unwrap() error { return e.refusal }

// Recorded reports whether an error of the desk is a refusal that it has counted and
// recorded; any other refusal is for [Desk.TurnAway].
func Recorded(err error) bool {
	var recorded *refusedError
	return errors.As(err, &recorded)
}

// TurnAway records an order that was refused before it reached the desk: from a channel shared
// with another company, or in words that were not understood. The act's ID is what the order
// named, if anything; if that is an operation, the refusal is noted on it. Every refusal is
// counted. Only a person's first ones are also logged and noted, so that nobody can fill the log,
// the records or the store's time by pressing a button again and again.
func (d *Desk) TurnAway(ctx context.Context, verb string, act Act, refusal *scale.Refusal) {
	var op ledger.Operation
	if act.ID != "" && !d.recorded.spent(act.By.ID, d.clock.Now()) {
		if stored, err := d.store.Get(ctx, act.ID); err == nil {
			op = stored
		}
	}
	_ = d.turned(ctx, op, verb, act, refusal)
}

// refused is like turned, for an order that did not come from a button or a typed decision.
func (d *Desk) refused(ctx context.Context, op ledger.Operation, verb string, by scale.Person, refusal *scale.Refusal) error {
	return d.turned(ctx, op, verb, Act{By: by}, refusal)
}

// turned counts a refusal, logs it and, where there is an operation, records it. It
// returns the refusal, marked as recorded.
func (d *Desk) turned(ctx context.Context, op ledger.Operation, verb string, act Act, refusal *scale.Refusal) error {
	d.meter.Decision(op.Component, verb, refusal.Code)
	left, recorded := d.recorded.use(act.By.ID, d.clock.Now())
	if !recorded {
		return &refusedError{refusal}
	}
	d.log.InfoContext(ctx, "refused", "operation", op.ID, "component", op.Component, "verb", verb, "target", act.ID, "code", refusal.Code,
		"by", act.By.ID, "name", act.By.Name, "team", act.By.Team, "channel", act.Channel, "ts", act.TS, "trigger", act.Key)
	if left == 0 {
		d.log.WarnContext(ctx, "further refusals of this person are only counted for a while", "by", act.By.ID, "team", act.By.Team)
	}
	if op.ID != "" && op.Version != "" {
		op = d.records.note(ctx, op, act.event(ledger.Event{Code: refusal.Code, Note: verb + ": " + refusal.Why}))
		d.publisher.operation(ctx, op)
	}
	return &refusedError{refusal}
}

// event adds to an event who caused it, where, and which Slack delivery brought it.
func (a Act) event(e ledger.Event) ledger.Event {
	e.By, e.Channel, e.TS, e.Key = a.By, a.Channel, a.TS, a.Key
	return e
}
