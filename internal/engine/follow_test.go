package engine_test

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// looks is how often the deployment was read since the last call of looks.
func (s *stage) looks() (n int) {
	s.world.edit(func(w *world) { n, w.looks = w.looks, 0 })
	return n
}

// while a rollout is watched, its deployment is not read again and again; the
// rollout ends only after a fresh reading.
func TestAWatchedRolloutIsHardlyRead(t *testing.T) {
	for name, watched := range map[string]bool{"watched": true, "without a watch": false} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, func(s *stage) { s.world.watched, s.world.starts = watched, 4*time.Minute }, func(t *testing.T, s *stage) {
				op := s.approve(s.propose(9), ana)
				s.wait(2 * time.Second)
				s.looks()
				s.wait(3 * time.Minute)
				s.wantState(op.ID, ledger.Settling)
				reads := s.looks()
				// Twelve of these readings are those of every component. A silent watch is
				// checked every half minute.
				if watched && reads > 12+6 || !watched && reads < 30 {
					t.Errorf("the deployment was read %d times in 3 min", reads)
				}
				s.wait(90 * time.Second)
				s.wantState(op.ID, ledger.Watching)
			})
		})
	}
}

// T-36: a watch that broke without a sign, or that keeps reporting an old state, neither settles
// a change nor hides that it has settled.
func TestASilentWatchDecidesNothing(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.watched = true }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.world.edit(func(w *world) { w.silent = true })
		s.wait(65 * time.Second)
		s.wantState(op.ID, ledger.Watching)
	})
}

// T-01: somebody reverts the count while the watch is silent. The bot notices, names them, and
// does not count the change as settled.
func TestARevertBehindASilentWatchIsSeen(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.watched, s.world.starts = true, 5*time.Minute }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.world.edit(func(w *world) { w.silent = true })
		s.world.set(6, "kubectl")
		s.wait(45 * time.Second)
		op = s.wantState(op.ID, ledger.Failed)
		if op.Rollout().RevertedBy != "kubectl" || op.Rollout().RevertedTo != 6 {
			t.Errorf("got set to %d by %q, want 6 by kubectl", op.Rollout().RevertedTo, op.Rollout().RevertedBy)
		}
	})
}

// T-01: a watch that lags reports the count from before the write. That does not prove a revert:
// only a fresh reading can fail a change.
func TestAnOutdatedWatchFailsNothing(t *testing.T) {
	play(t, 6, func(s *stage) {
		s.world.watched = true
		s.world.outdated = func(w *scale.Workload) { w.Desired, w.ReplicasBy = 6, "kubectl" }
	}, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(75 * time.Second)
		s.wantState(op.ID, ledger.Watching)
		s.wantWrites(1)
	})
}

// A server that serves a watch no more leaves the rollout to be read at the live pace.
func TestARefusedWatchIsReadInstead(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.watched = true }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.world.edit(func(w *world) { w.watched = false })
		s.wait(45 * time.Second)
		s.wantState(op.ID, ledger.Watching)
	})
}

// A leader that is stopped in the middle of a rollout loses nothing: the next one follows it to
// its end, with one write.
func TestTheNextLeaderFollowsTheRollout(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.watched = true }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		s.stop()
		s.wait(time.Minute)
		s.start()
		s.wait(30 * time.Second)
		s.wantState(op.ID, ledger.Watching)
		s.wantWrites(1)
	})
}
