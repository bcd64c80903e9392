package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// storeScaleUp stores a scale-up from 4 to 6 that was judged some time ago, and a rollback that
// nobody approved on top of it.
func (s *stage) storeScaleUp(verdict scale.Verdict, ago time.Duration) {
	s.t.Helper()
	judged := time.Now().Add(-ago)
	op := ledger.Operation{
		ID: "download-worker-1", Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 4, To: 6}}),
		Request: ledger.Request{By: carl, At: judged.Add(-16 * time.Minute)},
		Reports: []ledger.Report{{Horizon: "15 min", MadeAt: judged, Verdict: verdict, Posted: scale.MessageRef{Channel: "C0INCIDENT", TS: "1.1"}}},
		Events:  []ledger.Event{{State: ledger.Done, At: judged}},
	}
	op = op.WithRollout(ledger.Rollout{WrittenAt: judged.Add(-15 * time.Minute)})
	expired := ledger.Operation{
		ID: "download-worker-2", Component: "download-worker", Number: 2, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 4}}),
		Request: ledger.Request{By: carl, At: judged}, Events: []ledger.Event{{State: ledger.Expired, At: judged}},
	}
	for _, op := range []ledger.Operation{op, expired} {
		if _, err := s.store.Create(s.t.Context(), op); err != nil {
			s.t.Fatal(err)
		}
	}
}

// B.11: after a scale-up that did not help, the alert offers no further one and says why. It has
// no button for it, and a typed count is proposed with the warning and needs two people.
func TestAUselessScaleUpIsNotFollowedByAnother(t *testing.T) {
	play(t, 6, func(s *stage) { s.storeScaleUp(scale.VerdictIneffective, 10*time.Minute) }, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.lag = 14_400 })
		s.wait(30 * time.Second)
		e := s.room.episode(alertID)
		if !e.Open() || e.Advice.Changes() || len(e.Advice.Vetoes) == 0 || !strings.Contains(e.Advice.Vetoes[0], "download-worker-1 went from 4 to 6 and did not help") {
			t.Fatalf("alert: got open %v, %s to %d with vetoes %q, want it open with the objection", e.Open(), e.Advice.Action, e.Advice.To, e.Advice.Vetoes)
		}
		_, err := s.desk().ScaleRecommended(t.Context(), engine.Act{ID: alertID, By: ana})
		wantCode(t, err, scale.RefusedUseless)
		status, err := s.desk().Status(t.Context(), "download-worker")
		if err != nil || len(status.Advice.Vetoes) == 0 {
			t.Errorf("status: got vetoes %q and %v, want the objection", status.Advice.Vetoes, err)
		}
		op := s.propose(9)
		if op.Needed() != 2 || len(op.Plan.Risks) != 1 || op.Plan.Risks[0].Class != scale.RiskAgain || !strings.Contains(strings.Join(op.Plan.Warnings, "\n"), "did not help") {
			t.Errorf("a typed 9: got %d people, risks %+v, warnings %q; want two, for one reason, with the warning", op.Needed(), op.Plan.Risks, op.Plan.Warnings)
		}
	})
}

// A scale-up that worked, or that is more than an hour old, does not speak against another one.
func TestOtherScaleUpsHoldNothingUp(t *testing.T) {
	for name, prepare := range map[string]func(*stage){
		"an hour ago":  func(s *stage) { s.storeScaleUp(scale.VerdictIneffective, 61*time.Minute) },
		"one that did": func(s *stage) { s.storeScaleUp(scale.VerdictWorked, 10*time.Minute) },
		"none":         nil,
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, prepare, func(t *testing.T, s *stage) {
				s.world.edit(func(w *world) { w.lag = 14_400 })
				s.wait(30 * time.Second)
				if e := s.room.episode(alertID); e.Advice.Action != scale.ScaleUp {
					t.Errorf("alert: got %s with vetoes %q, want up", e.Advice.Action, e.Advice.Vetoes)
				}
			})
		})
	}
}

// B.10: while the effect of the last scale-up is not known yet, the alert waits for it.
func TestAnAlertWaitsForTheVerdict(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.lag = 14_400 })
		s.wait(30 * time.Second)
		op := s.approve(s.propose(8), ana)
		s.wait(2 * time.Minute)
		s.wantState(op.ID, ledger.Watching)
		s.world.edit(func(w *world) { w.lag = 28_800 })
		s.wait(30 * time.Second)
		e := s.room.episode(alertID)
		if e.Advice.Changes() || !strings.Contains(strings.Join(e.Advice.Vetoes, "\n"), op.ID+" went from 6 to 8") {
			t.Errorf("alert: got %s to %d with vetoes %q, want it to wait", e.Advice.Action, e.Advice.To, e.Advice.Vetoes)
		}
	})
}
