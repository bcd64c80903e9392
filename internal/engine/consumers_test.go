package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// the number of consumers per pod is learned and remembered, so that it does not raise the
// ceiling when the group is empty for a while.
func TestPodsWithSeveralConsumers(t *testing.T) {
	play(t, 8, func(s *stage) { s.world.perPod, s.world.lag = 3, 14_200 }, func(t *testing.T, s *stage) {
		if n, known := s.snapshot().PerPod.Get(); !known || n != 3 {
			t.Fatalf("per pod: got %d (%s), want 3", n, s.snapshot().PerPod.Why())
		}
		status, err := s.desk().Status(t.Context(), "download-worker")
		if err != nil {
			t.Fatal(err)
		}
		if status.Advice.Action == scale.ScaleUp {
			t.Errorf("8 pods with 24 consumers on 24 partitions: got advice to scale to %d", status.Advice.To)
		}
		_, err = s.desk().Propose(t.Context(), ask(24, carl))
		refusal := wantCode(t, err, scale.RefusedAbovePartitions)
		if !strings.Contains(refusal.Why, "48 of 72 consumers") {
			t.Errorf("got %q", refusal.Why)
		}
		s.world.edit(func(w *world) { w.perPod = 0 })
		s.wait(time.Minute)
		if n, known := s.snapshot().PerPod.Get(); !known || n != 3 || !strings.Contains(s.snapshot().PerPod.Note, "as seen") {
			t.Errorf("while nobody is a member: got %d, %q", n, s.snapshot().PerPod.Note)
		}
	})
}

// T-36: members of another component that join do not count as the pods that were added, and
// members of another component that leave do not delay those that were.
func TestStrangersInTheGroup(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.deaf = true }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(20 * time.Second)
		s.world.edit(func(w *world) { w.strangers = 3 })
		s.wait(2 * time.Minute)
		op = s.wantState(op.ID, ledger.Settling)
		if op.Rollout().Now.Members != 6 || !strings.Contains(strings.Join(op.Rollout().Troubles, "\n"), "without a consumer in the group") {
			t.Errorf("got %d members and %q", op.Rollout().Now.Members, op.Rollout().Troubles)
		}
		s.world.edit(func(w *world) { w.deaf = false })
		s.wait(30 * time.Second)
		op = s.wantState(op.ID, ledger.Watching)
		if op.Rollout().Now.Members != 9 {
			t.Errorf("got %d members, want ours alone", op.Rollout().Now.Members)
		}
	})
	play(t, 6, func(s *stage) { s.world.strangers = 3 }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(20 * time.Second)
		s.world.edit(func(w *world) { w.strangers = 0 })
		s.wait(40 * time.Second)
		s.wantState(op.ID, ledger.Watching)
	})
}
