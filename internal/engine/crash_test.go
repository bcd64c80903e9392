package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/scale"
)

// fuse ends a process at its n-th call that changes something: just before the call has its
// effect, or just after, so that the answer is lost. From then on no call of that process has any
// effect.
type fuse struct {
	mu    sync.Mutex
	left  int
	after bool
	blown bool
	where string
}

var errCrashed = fmt.Errorf("the process is gone: %w", context.Canceled)

// through makes a call unless the process is gone.
func through[T any](f *fuse, what string, call func() (T, error)) (T, error) {
	f.mu.Lock()
	var zero T
	if f.blown {
		f.mu.Unlock()
		return zero, errCrashed
	}
	f.left--
	blow := f.left == 0
	if blow {
		f.blown, f.where = true, what
	}
	f.mu.Unlock()
	if blow && !f.after {
		return zero, errCrashed
	}
	result, err := call()
	if blow {
		return zero, errCrashed
	}
	return result, err
}

func (f *fuse) state() (bool, string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.blown, f.where
}

// The cluster, the store and Slack as a process with a fuse reaches them. There are no crashes at
// calls that only read: such a crash has the same consequences as one just after the change
// before it.
type (
	fusedCluster struct {
		*world
		fuse *fuse
	}
	fusedStore struct {
		ledger.Store
		fuse *fuse
	}
	fusedRoom struct {
		*room
		fuse *fuse
	}
)

func (c fusedCluster) Set(ctx context.Context, component scale.Component, step change.Step, seen string, dryRun bool) (string, error) {
	return through(c.fuse, "write", func() (string, error) { return c.world.Set(ctx, component, step, seen, dryRun) })
}

func (s fusedStore) Create(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	return through(s.fuse, "create", func() (ledger.Operation, error) { return s.Store.Create(ctx, op) })
}

func (s fusedStore) Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	return through(s.fuse, "update to "+string(op.State()), func() (ledger.Operation, error) { return s.Store.Update(ctx, op) })
}

func (r fusedRoom) Card(ctx context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	return through(r.fuse, "card "+string(op.State()), func() (scale.MessageRef, error) { return r.room.Card(ctx, op, known) })
}

func (r fusedRoom) Report(ctx context.Context, op ledger.Operation, i int, known engine.Knowledge) (scale.MessageRef, error) {
	return through(r.fuse, "report "+op.Reports[i].Horizon, func() (scale.MessageRef, error) { return r.room.Report(ctx, op, i, known) })
}

func (r fusedRoom) Remark(ctx context.Context, in scale.MessageRef, key, text string, known engine.Knowledge) error {
	_, err := through(r.fuse, "remark", func() (struct{}, error) { return struct{}{}, r.room.Remark(ctx, in, key, text, known) })
	return err
}

// At whatever call a process ends, the next process completes the operation: at most one
// effective write, each report once, and people see what is stored.
func TestCrashAnywhere(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			blown := true
			name := fmt.Sprintf("call %d, after %v", n, after)
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { blown = crashAt(t, n, after) })
			})
			if t.Failed() {
				return
			}
			if !blown {
				if n < 20 {
					t.Errorf("places to crash at: got %d, want a whole story", n)
				}
				break
			}
		}
	}
}

// crashAt runs a short scenario with a crash, and reports whether the scenario reached that call.
func crashAt(t *testing.T, n int, after bool) bool {
	s := &stage{t: t, world: newWorld(6), room: newRoom(), store: memstore.New(), book: book(t)}
	s.book.Policy.Times.Horizons = []scale.Horizon{{Name: "1 min", After: time.Minute}, {Name: "2 min", After: 2 * time.Minute}}
	s.book.Policy.Rollout.RevertChecks = []time.Duration{time.Minute}
	defer func() { s.stop() }()
	f := &fuse{left: n, after: after}
	config := s.config()
	config.Cluster, config.Store, config.Announcer = fusedCluster{s.world, f}, fusedStore{Store: s.store, fuse: f}, fusedRoom{s.room, f}
	s.startWith(config)
	s.wait(20 * time.Second)
	_, errPropose := s.desk().Propose(t.Context(), ask(8, carl))
	if errPropose == nil {
		if op := s.newest(); op.State() == ledger.Proposed {
			_, _ = s.desk().Approve(t.Context(), engine.Act{ID: op.ID, By: ana})
		}
	}
	for range 40 {
		if blown, _ := f.state(); blown {
			break
		}
		s.wait(5 * time.Second)
	}
	blown, where := f.state()
	s.stop()
	s.start()
	// People who got no answer try again.
	s.wait(20 * time.Second)
	if recent, _ := s.store.Newest(t.Context(), "", 1); len(recent) == 0 {
		s.propose(8)
	}
	op := s.newest()
	if op.State() == ledger.Proposed {
		s.approve(op, ana)
	}
	s.untilReported(op.ID)
	wantOneOutcome(t, s, where)
	return blown
}

// untilReported waits for the last report of an operation, at most six minutes, and then long
// enough for a mistaken second report to appear.
func (s *stage) untilReported(id string) {
	for began := time.Now(); s.room.posted(id+" report 2 min") == 0 && time.Since(began) < 6*time.Minute; {
		s.wait(10 * time.Second)
	}
	s.wait(30 * time.Second)
}

// wantOneOutcome checks the invariants of an operation that has ended well.
func wantOneOutcome(t *testing.T, s *stage, where string) {
	t.Helper()
	op := s.newest()
	if op.Number != 1 || op.State() != ledger.Done || s.room.shows(op.ID) != ledger.Done {
		t.Fatalf("crash at %s: got %s %s (%s), shown as %s; want one operation that is done", where, op.ID, op.State(), op.Last().Note, s.room.shows(op.ID))
	}
	if got := len(s.world.writes()); got != 1 {
		t.Errorf("crash at %s: got %d effective writes, want 1", where, got)
	}
	for _, key := range []string{op.ID, op.ID + " report 1 min", op.ID + " report 2 min"} {
		if got := s.room.posted(key); got != 1 {
			t.Errorf("crash at %s: %s was posted %d times, want once", where, key, got)
		}
	}
}
