package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// swapTries bounds how often a change is decided again because others changed the same
// record meanwhile.
const swapTries = 8

// change stores a change of an operation, deciding again on the newest version when it
// was changed meanwhile. An error of decide ends it.
func (c *core) change(ctx context.Context, op scale.Operation, decide func(scale.Operation) (scale.Operation, error)) (scale.Operation, error) {
	for range swapTries {
		next, err := decide(op)
		if err != nil {
			return op, err
		}
		stored, err := c.Store.Update(ctx, next)
		if err == nil {
			c.told(ctx, op, stored)
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

// enter moves an operation into a state.
func (c *core) enter(ctx context.Context, op scale.Operation, event scale.Event) (scale.Operation, error) {
	event.At = c.Clock.Now()
	return c.change(ctx, op, func(op scale.Operation) (scale.Operation, error) { return op.To(event) })
}

// note records a fact that changes no state; the fact is lost only with the store.
func (c *core) note(ctx context.Context, op scale.Operation, event scale.Event) scale.Operation {
	event.At = c.Clock.Now()
	noted, err := c.change(ctx, op, func(op scale.Operation) (scale.Operation, error) { return op.Noted(event), nil })
	if err != nil {
		c.Log.WarnContext(ctx, "fact not recorded", "operation", op.ID, "code", event.Code, "error", err)
		return op
	}
	return noted
}

// told logs and counts each event that a change added, one line each: whoever stored the
// event tells it, so that several replicas tell it once.
func (c *core) told(ctx context.Context, before, after scale.Operation) {
	state := before.State()
	for _, e := range after.Events[min(len(before.Events), len(after.Events)):] {
		next := state
		if e.State != "" {
			next = e.State
			c.Meter.Entered(after.Component, e.State)
		}
		c.Log.InfoContext(ctx, "operation", "operation", after.ID, "component", after.Component, "from", string(state), "to", string(next),
			"by", e.By.ID, "code", e.Code, "note", e.Note, "replicas_from", after.Change.From, "replicas_to", after.Change.To)
		state = next
	}
}

// changeEpisode is change for episodes.
func (c *core) changeEpisode(ctx context.Context, e scale.Episode, decide func(scale.Episode) scale.Episode) (scale.Episode, error) {
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
