package engine_test

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// from the command to the one-hour report.
func TestStory(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		op = s.wantState(op.ID, ledger.Settling)
		written := op.Rollout().WrittenAt
		s.wait(time.Minute)
		op = s.wantState(op.ID, ledger.Watching)
		if op.Rollout().ReadyAt.Sub(written) != 30*time.Second || op.Rollout().StableAt.IsZero() {
			t.Errorf("rollout: got ready after %s and stable at %s, want 30 s and a time", op.Rollout().ReadyAt.Sub(written), op.Rollout().StableAt)
		}
		s.wait(time.Hour)
		op = s.wantState(op.ID, ledger.Done)
		s.wantWrites(1)
		for i, after := range []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour} {
			report := op.Reports[i]
			if report.Due.Sub(written) != after || report.MadeAt.Sub(report.Due) > 2*time.Second || report.Late {
				t.Errorf("report %s: got due %s, made %s, late %v; want %s after the write (T-26)", report.Horizon, report.Due.Sub(written), report.MadeAt.Sub(written), report.Late, after)
			}
			if n := s.room.posted(op.ID + " report " + report.Horizon); n != 1 || report.Posted.IsZero() {
				t.Errorf("report %s: got %d posts stored as %v, want one", report.Horizon, n, report.Posted)
			}
		}
		if by, ok := op.ApprovedBy(); !ok || by != ana {
			t.Errorf("approved by: got %v, want Ana", by)
		}
		if n := s.room.posted(op.ID); n != 1 {
			t.Errorf("cards: got %d, want one that is edited", n)
		}
	})
}

// a newer scale closes the older reports with a note.
func TestSuperseded(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		first := s.approve(s.propose(9), ana)
		s.wait(7 * time.Minute)
		s.wantState(first.ID, ledger.Watching)
		second := s.approve(s.propose(10), ben)
		s.wait(10 * time.Second)
		old := s.wantState(first.ID, ledger.Superseded)
		if old.Reports[0].Closed != "" || old.Reports[1].Closed == "" || old.Reports[2].Closed == "" {
			t.Errorf("closed reports: got %q, %q, %q; want only the two that were to come", old.Reports[0].Closed, old.Reports[1].Closed, old.Reports[2].Closed)
		}
		if !s.room.said(second.ID) {
			t.Errorf("no remark in the thread names %s", second.ID)
		}
		s.wait(61 * time.Minute)
		s.wantState(second.ID, ledger.Done)
		if n := s.room.posted(first.ID + " report 1 h"); n != 0 {
			t.Errorf("reports of the superseded operation: got %d, want none", n)
		}
	})
}

// reports that fell due while nobody ran are posted once, marked late.
func TestLateReports(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(2 * time.Minute)
		s.stop()
		s.wait(30 * time.Minute)
		s.start()
		s.wait(time.Minute)
		for i, want := range []bool{true, true} {
			if report := s.op(op.ID).Reports[i]; report.Late != want || report.Posted.IsZero() {
				t.Errorf("report %s: got late %v posted %v, want a late one", report.Horizon, report.Late, report.Posted)
			}
		}
		s.wait(time.Hour)
		op = s.wantState(op.ID, ledger.Done)
		if op.Reports[2].Late {
			t.Error("the report of an hour was on time: got late")
		}
	})
}

// T-01: a count that somebody sets back within two minutes is told with the name.
func TestReverted(t *testing.T) {
	for name, after := range map[string]time.Duration{"while settling": 12 * time.Second, "while watching": 80 * time.Second} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				op := s.approve(s.propose(9), ana)
				s.wait(after)
				s.world.edit(func(w *world) { w.owner = scale.Owner{Kind: scale.OwnerHPA, Name: "worker-hpa"} })
				s.world.set(6, "kube-controller-manager")
				s.wait(2 * time.Minute)
				op = s.wantState(op.ID, ledger.Failed)
				if op.Last().Code != "reverted" || op.Rollout().RevertedTo != 6 {
					t.Errorf("got code %s and count %d, want reverted to 6", op.Last().Code, op.Rollout().RevertedTo)
				}
				if !s.room.said("worker-hpa") {
					t.Error("no remark names the HPA")
				}
				for _, report := range op.Reports {
					if report.Closed == "" {
						t.Errorf("report %s is still open", report.Horizon)
					}
				}
				s.wantWrites(1)
			})
		})
	}
}

// pods that cannot start are told at once, and the operation ends.
func TestNoNodes(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.stuck = "0/3 nodes are available: 3 Insufficient cpu" }, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(10 * time.Second)
		if got := s.wantState(op.ID, ledger.Settling).Rollout().Troubles; len(got) == 0 {
			t.Error("got no trouble, want the event that explains it")
		}
		s.wait(6 * time.Minute)
		if report := s.op(op.ID).Reports[0]; report.Posted.IsZero() {
			t.Error("the report of 5 min was not made while settling")
		}
		s.wait(5 * time.Minute)
		op = s.wantState(op.ID, ledger.Failed)
		if op.Last().Code != "not_settled" {
			t.Errorf("got code %s, want not_settled", op.Last().Code)
		}
	})
}

// Unknown is never a pass: while Kafka does not answer a rollout does not count as
// settled, and no alert opens or closes.
func TestUnknownKafka(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		s.wait(3 * time.Second)
		s.world.edit(func(w *world) { w.kafkaDown = true; w.lag = 50_000 })
		s.wait(3 * time.Minute)
		s.wantState(op.ID, ledger.Settling)
		if _, known := s.engine.Sampler().Snapshot("download-worker").TotalLag().Get(); known {
			t.Error("lag that cannot be read: got a number, want unknown")
		}
		if e, ok := s.episode(ledger.EpisodeAlert); ok {
			t.Errorf("got alert %s out of unknown data", e.ID)
		}
		s.world.edit(func(w *world) { w.kafkaDown = false; w.lag = 0 })
		s.wait(30 * time.Second)
		s.wantState(op.ID, ledger.Watching)
	})
}

// a runbook file with four reports, or with one, is played to its last report.
func TestStoryWithAnotherNumberOfReports(t *testing.T) {
	for list, times := range map[string][]time.Duration{
		"[5m, 15m, 1h, 4h]": {5 * time.Minute, 15 * time.Minute, time.Hour, 4 * time.Hour},
		"[10m]":             {10 * time.Minute},
	} {
		t.Run(list, func(t *testing.T) {
			read, err := runbook.Parse("team.yaml", []byte("times: {reports: "+list+"}"))
			if err != nil {
				t.Fatal(err)
			}
			play(t, 6, func(s *stage) { s.book.Policy.Times.Horizons = read.Policy.Times.Horizons }, func(t *testing.T, s *stage) {
				op := s.approve(s.propose(9), ana)
				s.wait(times[len(times)-1] - time.Minute)
				s.wantState(op.ID, ledger.Watching)
				s.wait(2 * time.Minute)
				op = s.wantState(op.ID, ledger.Done)
				if len(op.Reports) != len(times) {
					t.Fatalf("got %d reports, want %d", len(op.Reports), len(times))
				}
				for i, report := range op.Reports {
					if n := s.room.posted(op.ID + " report " + report.Horizon); n != 1 || report.Posted.IsZero() || report.Late {
						t.Errorf("report %s: got %d posts, late %v; want one in time", report.Horizon, n, report.Late)
					}
					if due := report.Due.Sub(op.Rollout().WrittenAt); due != times[i] {
						t.Errorf("report %s: got due %s after the write", report.Horizon, due)
					}
				}
			})
		})
	}
}
