package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// When two people approve at the same instant, one wins and the other is answered who it was.
func TestTwoApprovers(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		var group sync.WaitGroup
		results := make([]error, 2)
		for i, who := range []scale.Person{ana, ben} {
			group.Go(func() { _, results[i] = s.desk().Approve(t.Context(), click(op, who)) })
		}
		group.Wait()
		if (results[0] == nil) == (results[1] == nil) {
			t.Fatalf("got %v and %v, want exactly one approval", results[0], results[1])
		}
		wantCode(t, errors.Join(results...), scale.RefusedState)
		s.wait(time.Minute)
		op = s.wantState(op.ID, ledger.Watching)
		s.wantWrites(1)
		winner, _ := op.ApprovedBy()
		if refusal := wantCode(t, errors.Join(results...), scale.RefusedState); !contains(refusal.Why, winner.Name) {
			t.Errorf("the loser was told %q, want the name %s", refusal.Why, winner.Name)
		}
	})
}

// Only people on call decide; the refusal says who could, and it is recorded.
func TestRefusedApproval(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		_, err := s.desk().Approve(t.Context(), click(op, carl))
		if refusal := wantCode(t, err, scale.RefusedNotOnCall); !contains(refusal.Next, "Ana") || !contains(refusal.Limit, "@oncall-kafka") {
			t.Errorf("got %q and %q, want the role and who has it", refusal.Limit, refusal.Next)
		}
		events := s.wantState(op.ID, ledger.Proposed).Events
		if last := events[len(events)-1]; last.Code != scale.RefusedNotOnCall || last.By != carl {
			t.Errorf("recorded: got %+v, want Carl's refused approval", last)
		}
		_, err = s.desk().Propose(t.Context(), ask(8, gina))
		wantCode(t, err, scale.RefusedNotOnCall)
		stale := click(op, ana)
		stale.TS = "999.000"
		_, err = s.desk().Approve(t.Context(), stale)
		wantCode(t, err, scale.RefusedState)
		s.wait(time.Minute)
		s.wantWrites(0)
	})
}

// A proposal expires by itself, its card says so, and a later click gets that answer.
func TestExpiry(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.wait(16 * time.Minute)
		s.wantState(op.ID, ledger.Expired)
		_, err := s.desk().Approve(t.Context(), click(op, ana))
		wantCode(t, err, scale.RefusedExpired)
		s.wantWrites(0)
	})
}

// T-34: a proposal expires sooner when a critical rule fires.
func TestCriticalExpiry(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.lag = 48_000 }, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.wait(6 * time.Minute)
		s.wantState(op.ID, ledger.Expired)
	})
}

// An approval is for what people saw: if the component has changed, they are asked again.
func TestDrift(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.world.set(7, "kubectl")
		s.wait(time.Minute)
		if events := s.wantState(op.ID, ledger.Proposed).Events; events[len(events)-1].Code != scale.RefusedDrift {
			t.Errorf("events of the open card: got %+v, want a note that the world changed", events)
		}
		_, err := s.desk().Approve(t.Context(), click(op, ana))
		wantCode(t, err, scale.RefusedDrift)
		s.wantState(op.ID, ledger.Replaced)
		fresh := s.newest()
		if fresh.ID == op.ID || fresh.Change() != (change.Replicas{From: 7, To: 9}) || fresh.State() != ledger.Proposed {
			t.Errorf("asked again: got %s %v %s, want a proposal from 7 to 9", fresh.ID, fresh.Change(), fresh.State())
		}
		s.approve(fresh, ana)
		s.wait(time.Minute)
		s.wantState(fresh.ID, ledger.Watching)
		s.wantWrites(1)
	})
}

// A second proposal replaces an undecided one; beside a running one it is refused.
func TestReplacedAndBusy(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		first := s.propose(9)
		second := s.propose(10)
		s.wantState(first.ID, ledger.Replaced)
		if second.Request.Replaces != first.ID {
			t.Errorf("replaces: got %q, want %s", second.Request.Replaces, first.ID)
		}
		s.approve(s.approve(second, ana), ben)
		s.wait(5 * time.Second)
		_, err := s.desk().Propose(t.Context(), ask(11, ben))
		wantCode(t, err, scale.RefusedBusy)
		if got := refusals(s.op(second.ID), ben); len(got) != 1 || got[0].Code != scale.RefusedBusy {
			t.Errorf("recorded on the running change: got %+v, want Ben's wish", got)
		}
	})
}

// While a change is running, a refusal offers only what is still possible: to cancel the change
// while it waits, or to watch it once it may be written.
func TestBusySaysWhatIsStillPossible(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.startFollowing(s.config())
		op := s.propose(8)
		s.approve(op, ana)
		_, err := s.desk().Propose(t.Context(), ask(7, ben))
		if got, want := wantCode(t, err, scale.RefusedBusy).Try, "/scale cancel "+op.ID; got != want {
			t.Errorf("beside an approved change: got %q, want %q", got, want)
		}
		s.stop()
		s.start()
		s.wait(5 * time.Second)
		s.wantState(op.ID, ledger.Settling)
		_, err = s.desk().Propose(t.Context(), ask(7, ben))
		if got, want := wantCode(t, err, scale.RefusedBusy).Try, "/scale watch download-worker"; got != want {
			t.Errorf("beside a written change: got %q, want %q", got, want)
		}
	})
}

// One key makes one operation, however often it is delivered, and one person cannot
// flood the channel.
func TestKeyAndQuota(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		once := ask(9, carl)
		once.Key = "trigger-1"
		first, err := s.desk().Propose(t.Context(), once)
		again, errAgain := s.desk().Propose(t.Context(), once)
		if err != nil || errAgain != nil || first.ID != again.ID {
			t.Errorf("got %s (%v) and %s (%v), want the same operation", first.ID, err, again.ID, errAgain)
		}
		for i := range 30 {
			_, err = s.desk().Propose(t.Context(), ask(9+i%3, carl))
		}
		wantCode(t, err, scale.RefusedQuota)
		s.wait(11 * time.Minute)
		if _, err = s.desk().Propose(t.Context(), ask(9, carl)); err != nil {
			t.Errorf("after the quota's time: got %v, want a proposal", err)
		}
	})
}

// When two replicas propose at once, the operation number decides, and the loser decides again.
func TestProposeAtOnce(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		var group sync.WaitGroup
		for i := range 4 {
			group.Go(func() {
				by := scale.Person{ID: fmt.Sprintf("U%d", i)}
				if _, err := s.desk().Propose(t.Context(), ask(8+i, by)); err != nil {
					t.Errorf("proposal %d: %v", i, err)
				}
			})
		}
		group.Wait()
		open, err := s.store.Unfinished(t.Context())
		if err != nil || len(open) != 1 || open[0].Number != 4 {
			t.Errorf("got %d open operations (%v), want only the fourth", len(open), err)
		}
	})
}

// People on call may decline; the requester may also cancel, until the write.
func TestDeclineCancelAdjust(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		_, err := s.desk().Decline(t.Context(), click(op, carl))
		wantCode(t, err, scale.RefusedNotOnCall)
		adjusted, err := s.desk().Adjust(t.Context(), click(s.op(op.ID), carl), 10)
		if err != nil || counts(adjusted).To != 10 {
			t.Fatalf("adjusting: got %v and %v, want 10", adjusted.Change(), err)
		}
		s.wantState(op.ID, ledger.Replaced)
		_, err = s.desk().Adjust(t.Context(), click(adjusted, carl), 3)
		wantCode(t, err, scale.RefusedBelowMinimum)
		s.wantState(adjusted.ID, ledger.Proposed)
		if _, err = s.desk().Cancel(t.Context(), click(s.op(adjusted.ID), carl)); err != nil {
			t.Errorf("cancelling one's own: %v", err)
		}
		s.wantState(adjusted.ID, ledger.Cancelled)
		last := s.propose(8)
		if _, err = s.desk().Decline(t.Context(), click(last, ben)); err != nil {
			t.Errorf("declining: %v", err)
		}
		s.wantState(last.ID, ledger.Declined)
		_, err = s.desk().Cancel(t.Context(), click(last, carl))
		wantCode(t, err, scale.RefusedState)
	})
}

// The requester may approve a routine change, but not a large one.
func TestSelfApproval(t *testing.T) {
	for rule, allowed := range map[string]bool{"always": true, "never": false} {
		t.Run(rule, func(t *testing.T) {
			play(t, 6, func(s *stage) { s.book.Access.SelfApproval = rule }, func(t *testing.T, s *stage) {
				op, err := s.desk().Propose(t.Context(), ask(7, ana))
				if err != nil {
					t.Fatal(err)
				}
				_, err = s.desk().Approve(t.Context(), click(op, ana))
				if got := err == nil; got != allowed {
					t.Errorf("%s: got approved %v (%v), want %v", rule, got, err, allowed)
				}
			})
		})
	}
	t.Run("prominent", func(t *testing.T) {
		play(t, 6, nil, func(t *testing.T, s *stage) {
			op, err := s.desk().Propose(t.Context(), ask(12, ana))
			if err != nil {
				t.Fatal(err)
			}
			if !op.Plan.Prominent {
				t.Fatal("doubling the count asks for a louder confirmation: got a quiet plan")
			}
			_, err = s.desk().Approve(t.Context(), click(op, ana))
			wantCode(t, err, scale.RefusedSelfApproval)
			op = s.approve(s.op(op.ID), ben)
			// The runner may already have carried it further.
			if by, approved := op.ApprovedBy(); !approved || by.ID != ben.ID {
				t.Errorf("got approved %v by %v, want by Ben", approved, by)
			}
		})
	})
}

// A rollback returns to the old count with the same click, unless the count has changed since.
func TestRollBack(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(8), ana)
		s.wait(2 * time.Minute)
		undo, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		if err != nil || undo.Change() != (change.Replicas{From: 8, To: 6}) || undo.Request.Undoes != op.ID {
			t.Fatalf("got %v undoing %q and %v, want 8 to 6", undo.Change(), undo.Request.Undoes, err)
		}
		if undo.State() == ledger.Proposed {
			s.approve(undo, ana)
		}
		s.wait(2 * time.Minute)
		s.wantState(undo.ID, ledger.Watching)
		s.wantState(op.ID, ledger.Superseded)
		s.wantWrites(2)
		_, err = s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		wantCode(t, err, scale.RefusedState)
		s.world.set(7, "kubectl")
		s.wait(30 * time.Second)
		_, err = s.desk().RollBack(t.Context(), engine.Act{ID: undo.ID, By: ben})
		wantCode(t, err, scale.RefusedState)
	})
}

// A dry run stores and posts nothing.
func TestDryRun(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op, err := s.desk().DryRun(t.Context(), ask(9, carl))
		if err != nil || counts(op).To != 9 || op.ID != "" {
			t.Errorf("got %q to %d and %v, want an unnumbered plan for 9", op.ID, counts(op).To, err)
		}
		if all, _ := s.store.Newest(t.Context(), "", 10); len(all) != 0 {
			t.Errorf("stored operations: got %d, want none", len(all))
		}
		s.wantWrites(0)
	})
}

// Lag that keeps moving away from what the card showed is noted once. An operation has room for a
// limited number of events, and refusals need that room.
func TestDriftIsToldOnce(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.lag = 60_000 })
		s.wait(time.Minute)
		op := s.propose(9)
		for lag := int64(9_000); lag > 0; lag -= 1_000 {
			s.world.edit(func(w *world) { w.lag = lag })
			s.wait(20 * time.Second)
		}
		notes := 0
		for _, e := range s.wantState(op.ID, ledger.Proposed).Events {
			if e.Code == scale.RefusedDrift {
				notes++
			}
		}
		if notes != 1 {
			t.Errorf("drift was noted %d times, want once", notes)
		}
	})
}
