package engine_test

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
)

// while pods do not start, somebody on call goes back at once and alone; nobody has
// to wait for the deadline, and workers that never ran are no risk to take away.
func TestAChangeThatHangsIsRolledBackAtOnce(t *testing.T) {
	play(t, 6, func(s *stage) {
		s.world.stuck = "Back-off pulling image"
		s.world.lag = 60_000
	}, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(30 * time.Second)
		op = s.wantState(op.ID, scale.Settling)
		if !op.Hangs() || op.Rollout.Now.Unstarted != 3 {
			t.Fatalf("got %d pods that do not start, want 3", op.Rollout.Now.Unstarted)
		}
		_, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: carl})
		wantCode(t, err, scale.RefusedNotOnCall)
		s.wantState(op.ID, scale.Settling)
		undo, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		if err != nil || undo.Change != (scale.Replicas{From: 9, To: 6}) || undo.Request.Undoes != op.ID {
			t.Fatalf("got %v undoing %q and %v, want 9 to 6", undo.Change, undo.Request.Undoes, err)
		}
		if undo.State() != scale.Approved || len(undo.Plan.Risks) != 0 {
			t.Errorf("got %s with risks %v, want it approved by the same click", undo.State(), undo.Plan.Risks)
		}
		failed := s.wantState(op.ID, scale.Failed)
		if last := failed.Last(); last.Code != "given_up" || !last.By.Is(ben) || last.Note != "given up: 3 of 9 pods do not start" {
			t.Errorf("got %+v, want that Ben gave it up, and why", last)
		}
		s.wait(time.Minute)
		s.wantState(undo.ID, scale.Watching)
		s.wantWrites(2)
		if by := s.wantState(op.ID, scale.Failed).Rollout.RolledBackBy; by != undo.ID {
			t.Errorf("the failed change was rolled back by %q, want %q, so that its card does not offer it again", by, undo.ID)
		}
	})
}

// A change that only takes its time is nobody's to end.
func TestAChangeThatSettlesIsNotRolledBack(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.wantState(op.ID, scale.Settling)
		_, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		wantCode(t, err, scale.RefusedState)
		s.wait(2 * time.Minute)
		s.wantState(op.ID, scale.Watching)
		s.wantWrites(1)
	})
}
