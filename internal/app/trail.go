package app

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
)

const (
	// trailQueue bounds the operations that wait for their events to be written. If there is no
	// room, an operation is queued when the leader next reads the store.
	trailQueue = 256
	// trailMost bounds the operations whose written events are remembered.
	trailMost = 1024
	// trailAge is the age up to which a transition is written as an event. The API server forgets
	// events after an hour, and would then accept an event a second time.
	trailAge = 30 * time.Minute
	// trailPause is the pause after a failed write, in wall time.
	trailPause = 5 * time.Second
)

// trail is a store that writes the transitions of every operation that passes through it as
// Kubernetes Events. It writes them in the background, so that a failure neither delays nor fails
// the operation. The leader reads open and recent operations all the time, so events that a
// crashed replica did not write are written later.
type trail struct {
	ledger.Store
	events *kube.Events
	book   *runbook.Book
	clock  pace.Clock
	log    *slog.Logger
	queue  chan *ledger.Operation // pointers: a buffer of values would take a megabyte

	mu sync.Mutex
	// written is the index of an operation's first event that is still to be written.
	written map[string]int
}

func newTrail(store ledger.Store, events *kube.Events, book *runbook.Book, clock pace.Clock, log *slog.Logger) *trail {
	return &trail{Store: store, events: events, book: book, clock: clock, log: log, queue: make(chan *ledger.Operation, trailQueue), written: map[string]int{}}
}

// Create implements ledger.Store.
func (t *trail) Create(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	op, err := t.Store.Create(ctx, op)
	return t.seen(op, err)
}

// Update implements ledger.Store.
func (t *trail) Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	op, err := t.Store.Update(ctx, op)
	return t.seen(op, err)
}

// Newest implements ledger.Store.
func (t *trail) Newest(ctx context.Context, component string, limit int) ([]ledger.Operation, error) {
	return t.all(t.Store.Newest(ctx, component, limit))
}

// Between implements ledger.Store.
func (t *trail) Between(ctx context.Context, from, to time.Time) ([]ledger.Operation, error) {
	return t.all(t.Store.Between(ctx, from, to))
}

// Unfinished implements ledger.Store.
func (t *trail) Unfinished(ctx context.Context) ([]ledger.Operation, error) {
	return t.all(t.Store.Unfinished(ctx))
}

func (t *trail) all(operations []ledger.Operation, err error) ([]ledger.Operation, error) {
	for _, op := range operations {
		_, _ = t.seen(op, err)
	}
	return operations, err
}

// seen queues an operation if it has events to be written and there is room.
func (t *trail) seen(op ledger.Operation, err error) (ledger.Operation, error) {
	if err != nil || t.from(op) >= len(op.Events) || t.clock.Since(op.Last().At) > trailAge {
		return op, err
	}
	queued := op
	select {
	case t.queue <- &queued:
	default:
	}
	return op, nil
}

func (t *trail) from(op ledger.Operation) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.written[op.ID]
}

func (t *trail) wrote(id string, next int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.written) >= trailMost {
		clear(t.written) // a forgotten operation is tried again, and its events are found written
	}
	t.written[id] = max(t.written[id], next)
}

// run writes what is queued until the context ends, and then writes the rest once.
func (t *trail) run(ctx context.Context) error {
	for {
		select {
		case op := <-t.queue:
			if t.write(context.WithoutCancel(ctx), *op) {
				continue
			}
			timer := time.NewTimer(trailPause)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
			timer.Stop()
		case <-ctx.Done():
			t.drain(context.WithoutCancel(ctx))
			return nil
		}
	}
}

// drain writes what is still queued, until a write fails or time is up.
func (t *trail) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, trailPause)
	defer cancel()
	for {
		select {
		case op := <-t.queue:
			if !t.write(ctx, *op) {
				return
			}
		default:
			return
		}
	}
}

// write writes the events of one operation. It returns false to ask for a pause before the next.
func (t *trail) write(ctx context.Context, op ledger.Operation) bool {
	component, ok := t.book.Component(op.Component)
	if !ok {
		t.wrote(op.ID, len(op.Events)) // the runbook does not have its component any more
		return true
	}
	from := t.from(op)
	for from < len(op.Events) && t.clock.Since(op.Events[from].At) > trailAge {
		from++
	}
	next, err := t.events.Record(ctx, component, op, from)
	if err != nil {
		t.log.WarnContext(ctx, "the Kubernetes Events of an operation could not be written", "operation", op.ID, "error", err)
		if kube.Hopeless(err) {
			next = len(op.Events)
		}
	}
	t.wrote(op.ID, next)
	return err == nil
}
