package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

// records changes what is stored, by compare and swap, and logs and counts each change.
type records struct {
	store ledger.Store
	meter Meter
	clock pace.Clock
	log   *slog.Logger
	// written is called with the id and the version of each operation that was stored.
	written func(id, version string)
}

// swapTries bounds how often a change is decided again because others changed the same record.
const swapTries = 8

// errUnchanged ends a change that would store the same record again.
var errUnchanged = errors.New("recorded already")

// change stores a change of an operation. When somebody else has changed the operation meanwhile,
// it calls decide again on the newest version. An error of decide ends the change.
func (r *records) change(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) (ledger.Operation, error)) (ledger.Operation, error) {
	for range swapTries {
		next, err := decide(op)
		if err != nil {
			return op, err
		}
		stored, err := r.store.Update(ctx, next)
		if err == nil {
			r.logChange(ctx, op, stored)
			r.written(stored.ID, stored.Version)
			return stored, nil
		}
		if !errors.Is(err, scale.ErrVersion) {
			return op, fmt.Errorf("storing %s: %w", op.ID, err)
		}
		if op, err = r.store.Get(ctx, op.ID); err != nil {
			return op, fmt.Errorf("reading %s again: %w", op.ID, err)
		}
	}
	return op, fmt.Errorf("storing %s: %w", op.ID, scale.ErrVersion)
}

// enter moves an operation from the state in which the caller read it to another state. If the
// operation has left that state meanwhile, enter returns an error and the caller judges again: a
// decision about a proposal must not end a change that another replica is already writing.
func (r *records) enter(ctx context.Context, op ledger.Operation, event ledger.Event) (ledger.Operation, error) {
	event.At = r.clock.Now()
	return r.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return op.To(event) })
}

// changeInState is like change, but only while the operation is in the state in which the caller
// read it.
func (r *records) changeInState(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) (ledger.Operation, error)) (ledger.Operation, error) {
	state := op.State()
	return r.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if op.State() != state {
			return op, fmt.Errorf("operation %s is %s and not %s any more", op.ID, op.State(), state)
		}
		return decide(op)
	})
}

// note records a fact that does not change the state. If it cannot be stored, it is logged and
// lost. If the operation has no room for it, it is dropped.
func (r *records) note(ctx context.Context, op ledger.Operation, event ledger.Event) ledger.Operation {
	event.At = r.clock.Now()
	noted, err := r.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return withNote(op, event) })
	if errors.Is(err, errUnchanged) {
		return noted
	}
	if err != nil {
		r.log.WarnContext(ctx, "a fact could not be recorded", "operation", op.ID, "code", event.Code, "error", err)
		return op
	}
	return noted
}

// withNote adds the fact to the operation; errUnchanged when there is no room for it.
func withNote(op ledger.Operation, event ledger.Event) (ledger.Operation, error) {
	next := op.Noted(event)
	if len(next.Events) == len(op.Events) {
		return op, errUnchanged
	}
	return next, nil
}

// expire ends a proposal whose time is over, and reports whether it did. It returns the operation
// as it is stored: somebody may have decided at the last moment.
func (r *records) expire(ctx context.Context, op ledger.Operation) (_ ledger.Operation, expired bool) {
	ended, err := r.enter(ctx, op, ledger.Event{State: ledger.Expired, By: bot, Note: "nobody decided in time"})
	if err == nil {
		return ended, true
	}
	if newest, err := r.store.Get(ctx, op.ID); err == nil {
		return newest, false
	}
	return op, false
}

// changeEpisode is like change, for episodes.
func (r *records) changeEpisode(ctx context.Context, e ledger.Episode, decide func(ledger.Episode) ledger.Episode) (ledger.Episode, error) {
	for range swapTries {
		stored, err := r.store.UpdateEpisode(ctx, decide(e))
		if err == nil {
			return stored, nil
		}
		if !errors.Is(err, scale.ErrVersion) {
			return e, fmt.Errorf("storing %s: %w", e.ID, err)
		}
		if e, err = r.store.Episode(ctx, e.ID); err != nil {
			return e, fmt.Errorf("reading %s again: %w", e.ID, err)
		}
	}
	return e, fmt.Errorf("storing %s: %w", e.ID, scale.ErrVersion)
}

// recent returns the operations that were requested within the given time, newest first. The
// clocks of replicas differ, so the newest may have a time in the future.
func (r *records) recent(ctx context.Context, back time.Duration) ([]ledger.Operation, error) {
	now := r.clock.Now()
	return r.store.Between(ctx, now.Add(-back), now.Add(time.Hour))
}

// newerSearched is how many of a component's newest operations are searched for newer ones.
const newerSearched = 20

// newer returns the operations on the same component after this one, newest first.
func (r *records) newer(ctx context.Context, op ledger.Operation) ([]ledger.Operation, error) {
	recent, err := r.store.Newest(ctx, op.Component, newerSearched)
	return slices.DeleteFunc(recent, func(other ledger.Operation) bool { return other.Number <= op.Number }), err
}
