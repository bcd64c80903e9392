package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// swapTries bounds how often a change is decided again because others changed the same
// record meanwhile.
const swapTries = 8

// change stores a change of an operation, deciding again on the newest version when it
// was changed meanwhile. An error of decide ends it.
func (c *core) change(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) (ledger.Operation, error)) (ledger.Operation, error) {
	for range swapTries {
		next, err := decide(op)
		if err != nil {
			return op, err
		}
		stored, err := c.Store.Update(ctx, next)
		if err == nil {
			c.told(ctx, op, stored)
			c.board.wrote(stored.ID, stored.Version)
			return stored, nil
		}
		if !errors.Is(err, scale.ErrVersion) {
			return op, fmt.Errorf("storing %s: %w", op.ID, err)
		}
		if op, err = c.Store.Get(ctx, op.ID); err != nil {
			return op, fmt.Errorf("reading %s again: %w", op.ID, err)
		}
	}
	return op, fmt.Errorf("storing %s: %w", op.ID, scale.ErrVersion)
}

// enter moves an operation from the state it was seen in into another one. When the operation
// has left that state meanwhile, this is an error and the caller judges again: a decision about
// a proposal must not end a change that another replica is writing by now.
func (c *core) enter(ctx context.Context, op ledger.Operation, event ledger.Event) (ledger.Operation, error) {
	event.At = c.Clock.Now()
	return c.changeSeen(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return op.To(event) })
}

// changeSeen is change for as long as the operation is in the state it was seen in.
func (c *core) changeSeen(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) (ledger.Operation, error)) (ledger.Operation, error) {
	state := op.State()
	return c.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if op.State() != state {
			return op, fmt.Errorf("operation %s is %s and not %s any more", op.ID, op.State(), state)
		}
		return decide(op)
	})
}

// note records a fact that changes no state. When it cannot be stored, it is logged and lost. A
// fact for which the operation has no room is left out.
func (c *core) note(ctx context.Context, op ledger.Operation, event ledger.Event) ledger.Operation {
	event.At = c.Clock.Now()
	noted, err := c.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return withNote(op, event) })
	if errors.Is(err, errNoNews) {
		return noted
	}
	if err != nil {
		c.Log.WarnContext(ctx, "a fact could not be recorded", "operation", op.ID, "code", event.Code, "error", err)
		return op
	}
	return noted
}

// withNote is the operation with the fact, or errNoNews when it has no room for it.
func withNote(op ledger.Operation, event ledger.Event) (ledger.Operation, error) {
	next := op.Noted(event)
	if len(next.Events) == len(op.Events) {
		return op, errNoNews
	}
	return next, nil
}

// told logs and counts each event that a change added and each report that it closed, one line
// each. The replica that stored the change does this, so that each is logged once.
func (c *core) told(ctx context.Context, before, after ledger.Operation) {
	state := before.State()
	changed := changeAttrs(after)
	for _, e := range after.Events[min(len(before.Events), len(after.Events)):] {
		next := state
		if e.State != "" {
			next = e.State
			c.Meter.Entered(after.Component, e.State)
		}
		attrs := append([]any{"operation", after.ID, "component", after.Component, "from", string(state), "to", string(next),
			"kind", string(e.Entry()), "by", e.By.ID, "name", e.By.Name, "team", e.By.Team, "code", e.Code, "note", e.Note,
			"channel", e.Channel, "ts", e.TS, "trigger", e.Key}, changed...)
		c.Log.InfoContext(ctx, "operation", attrs...)
		state = next
	}
	for i, report := range after.Reports {
		if report.Closed != "" && (i >= len(before.Reports) || before.Reports[i].Closed == "") {
			c.Meter.Unreported(after.Component, report.Horizon, unreported(after))
			c.Log.InfoContext(ctx, "report not posted", "operation", after.ID, "component", after.Component, "horizon", report.Horizon, "why", report.Closed)
		}
	}
}

// changeAttrs are the values of a change as a log line has them: replicas_from and replicas_to.
func changeAttrs(op ledger.Operation) []any {
	set := op.Change()
	from, to := set.Ends()
	return []any{string(set.Kind()) + "_from", from, string(set.Kind()) + "_to", to}
}

// unreported is why a report will never be posted: the operation has failed or was superseded,
// or Slack did not take the report.
func unreported(op ledger.Operation) string {
	if state := op.State(); state == ledger.Failed || state == ledger.Superseded {
		return string(state)
	}
	return "not_posted"
}

// changeEpisode is change for episodes.
func (c *core) changeEpisode(ctx context.Context, e ledger.Episode, decide func(ledger.Episode) ledger.Episode) (ledger.Episode, error) {
	for range swapTries {
		stored, err := c.Store.UpdateEpisode(ctx, decide(e))
		if err == nil {
			return stored, nil
		}
		if !errors.Is(err, scale.ErrVersion) {
			return e, fmt.Errorf("storing %s: %w", e.ID, err)
		}
		if e, err = c.Store.Episode(ctx, e.ID); err != nil {
			return e, fmt.Errorf("reading %s again: %w", e.ID, err)
		}
	}
	return e, fmt.Errorf("storing %s: %w", e.ID, scale.ErrVersion)
}
