package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// ownedHPA scales on utilisation: it tolerates a manual count for its window and the delay of its
// metrics.
func ownedHPA() scale.Owner {
	return scale.Owner{
		Kind: scale.OwnerHPA, Name: "worker-hpa", Min: 4, Max: 12, Within: 15 * time.Second,
		Higher: scale.Undo{After: 5*time.Minute + 30*time.Second, Window: 5 * time.Minute},
	}
}

// T-01: an HPA on utilisation tolerated a manual 9 for 5 min 32 s and then set 6 in one step,
// long after the checks at 30 s and 2 min. One more check finds that, and the card has announced
// it.
func TestRevertedWhenTheOwnersTimeIsUp(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.owner = ownedHPA() }, func(t *testing.T, s *stage) {
		proposed := s.propose(9)
		if !strings.Contains(proposed.Plan.Reverter, "stands for about 5 min 30 s") {
			t.Errorf("the card says %q, want how long the count stands", proposed.Plan.Reverter)
		}
		op := s.approve(proposed, ana)
		s.wait(5*time.Minute + 32*time.Second)
		s.world.set(6, "kube-controller-manager")
		s.wantState(op.ID, ledger.Watching)
		s.wait(time.Minute)
		op = s.wantState(op.ID, ledger.Failed)
		if op.Last().Code != "reverted" || op.Rollout().RevertedTo != 6 || !s.room.said("HPA worker-hpa (kube-controller-manager)") {
			t.Errorf("got code %s, set back to %d, want it told that the HPA set 6", op.Last().Code, op.Rollout().RevertedTo)
		}
		s.wantWrites(1)
	})
}

// The last check costs nothing if the owner does not change the count, and a count that nobody
// changes is watched to the end.
func TestACountThatStandsIsWatchedToTheEnd(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.owner = ownedHPA() }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(7 * time.Minute)
		if looks := s.op(op.ID).Rollout().RevertChecks; looks != 3 {
			t.Errorf("got %d looks that found the count intact, want 3", looks)
		}
		s.wait(time.Hour)
		s.wantState(op.ID, ledger.Done)
	})
}

// The card shows the owner's bounds: if they change after the proposal, people are asked again.
func TestAChangeOfTheOwnersBoundsAsksAgain(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.owner = ownedHPA() }, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.world.edit(func(w *world) { w.owner.Max = 8 })
		if _, err := s.desk().Approve(t.Context(), click(op, ana)); err == nil || !strings.Contains(err.Error(), "allows 4 to 8 now and allowed 4 to 12") {
			t.Errorf("got %v, want the new bounds as a reason to decide again", err)
		}
		s.wantWrites(0)
	})
}

// There is no proposal for a deployment that an Argo Rollout runs.
func TestNoProposalForARolloutsDeployment(t *testing.T) {
	play(t, 6, func(s *stage) {
		s.world.owner = scale.Owner{Kind: scale.OwnerRollout, Name: "dw", Lever: "kubectl scale rollout/dw -n kafka-pipeline"}
	}, func(t *testing.T, s *stage) {
		_, err := s.desk().Propose(t.Context(), ask(9, carl))
		if err == nil || !strings.Contains(err.Error(), "kubectl scale rollout/dw -n kafka-pipeline --replicas=9") {
			t.Errorf("got %v, want a refusal with the Rollout's own command", err)
		}
	})
}
