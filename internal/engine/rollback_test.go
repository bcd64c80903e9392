package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// while pods do not start, somebody on call can roll back at once and alone. Nobody has to
// wait for the deadline, and removing workers that never ran is no risk.
func TestAChangeThatHangsIsRolledBackAtOnce(t *testing.T) {
	play(t, 6, func(s *stage) {
		s.world.stuck = "Back-off pulling image"
		s.world.lag = 60_000
	}, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(30 * time.Second)
		op = s.wantState(op.ID, ledger.Settling)
		if !lever.Of(op).Hangs() || op.Rollout().Now.Unstarted != 3 {
			t.Fatalf("got %d pods that do not start, want 3", op.Rollout().Now.Unstarted)
		}
		_, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: carl})
		wantCode(t, err, scale.RefusedNotOnCall)
		s.wantState(op.ID, ledger.Settling)
		undo, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		if err != nil || undo.Change() != (change.Replicas{From: 9, To: 6}) || undo.Request.Undoes != op.ID {
			t.Fatalf("got %v undoing %q and %v, want 9 to 6", undo.Change(), undo.Request.Undoes, err)
		}
		// The runner may be carrying it out already: what matters is who approved it.
		if yes, ok := undo.Entered(ledger.Approved); !ok || !yes.By.Is(ben) || len(undo.Plan.Risks) != 0 {
			t.Errorf("got %s, approved %v, with risks %v, want it approved by the same click", undo.State(), yes, undo.Plan.Risks)
		}
		failed := s.wantState(op.ID, ledger.Failed)
		if last := failed.Last(); last.Code != "given_up" || !last.By.Is(ben) || last.Note != "given up: 3 of 9 pods do not start" {
			t.Errorf("got %+v, want that Ben gave it up, and why", last)
		}
		s.wait(time.Minute)
		s.wantState(undo.ID, ledger.Watching)
		s.wantWrites(2)
		if by := s.wantState(op.ID, ledger.Failed).Rollout().RolledBackBy; by != undo.ID {
			t.Errorf("the failed change was rolled back by %q, want %q, so that its card does not offer it again", by, undo.ID)
		}
	})
}

// Nobody may end a change that is only slow.
func TestAChangeThatSettlesIsNotRolledBack(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.wantState(op.ID, ledger.Settling)
		_, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		wantCode(t, err, scale.RefusedState)
		s.wait(2 * time.Minute)
		s.wantState(op.ID, ledger.Watching)
		s.wantWrites(1)
	})
}

// A card does not offer a rollback that would be refused. If somebody has set the count since,
// with whatever number, there is nothing to undo. A change that was only proposed does not count.
func TestAFailedChangeKnowsThatItsCountWasSetSince(t *testing.T) {
	for name, to := range map[string]int{"the old count, typed": 6, "another one": 7} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, func(s *stage) { s.world.stuck = "Back-off pulling image" }, func(t *testing.T, s *stage) {
				failed := s.approve(s.propose(8), ana)
				s.wait(12 * time.Minute)
				s.wantState(failed.ID, ledger.Failed)
				declined, err := s.desk().Decline(t.Context(), click(s.propose(to), ben))
				if err != nil || declined.State() != ledger.Declined {
					t.Fatalf("got %s and %v, want it declined", declined.State(), err)
				}
				s.wait(time.Minute)
				if by := s.op(failed.ID).Rollout().OvertakenBy; by != "" {
					t.Errorf("overtaken by %s, which was declined", by)
				}
				later := s.propose(to)
				for _, by := range []scale.Person{ana, ben} {
					if s.op(later.ID).State() == ledger.Proposed {
						s.approve(later, by)
					}
				}
				s.wait(30 * time.Second)
				got := s.op(failed.ID).Rollout()
				if got.OvertakenBy != later.ID || got.RolledBackBy != "" {
					t.Errorf("overtaken by %q, rolled back by %q, want it overtaken by %s", got.OvertakenBy, got.RolledBackBy, later.ID)
				}
				_, err = s.desk().RollBack(t.Context(), engine.Act{ID: failed.ID, By: ben})
				wantCode(t, err, scale.RefusedState)
			})
		})
	}
}

// readings counts how often each operation is read by itself.
type readings struct {
	ledger.Store
	mu sync.Mutex
	of map[string]int
}

func (s *readings) Get(ctx context.Context, id string) (ledger.Operation, error) {
	s.mu.Lock()
	s.of[id]++
	s.mu.Unlock()
	return s.Store.Get(ctx, id)
}

func (s *readings) count(id string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.of[id]
}

// A rollback is read every few seconds until it has settled. The change that it undoes is read
// only as often as something has to be noted on it.
func TestWhatIsRolledBackIsReadOnce(t *testing.T) {
	counted := &readings{of: map[string]int{}}
	play(t, 6, func(s *stage) {
		s.world.stuck = "Back-off pulling image"
		counted.Store = s.store
		s.store = counted
	}, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(30 * time.Second)
		undo, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		if err != nil {
			t.Fatal(err)
		}
		s.world.edit(func(w *world) { w.perPod = 0 }) // the group has no members, so the change does not settle
		s.wait(10 * time.Second)
		if by := s.wantState(op.ID, ledger.Failed).Rollout().RolledBackBy; by != undo.ID {
			t.Errorf("rolled back by %q, want %s", by, undo.ID)
		}
		before := counted.count(op.ID)
		s.wait(2 * time.Minute)
		s.wantState(undo.ID, ledger.Settling)
		if n := counted.count(op.ID) - before; n > 1 {
			t.Errorf("%s was read %d times in two minutes, want once at most", op.ID, n)
		}
	})
}
