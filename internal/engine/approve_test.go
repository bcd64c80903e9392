package engine_test

import (
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
)

// A risky change asked for by somebody who may not decide takes two different people:
// the first is recorded and nothing happens, the same one again is told.
func TestTwoPeople(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op, err := s.desk().Propose(t.Context(), ask(12, carl))
		if err != nil {
			t.Fatal(err)
		}
		if got := op.Needed(); got != 2 || len(op.Approvers()) != 0 {
			t.Fatalf("got %d approvals needed and %v there, want 2 and none", got, op.Approvers())
		}
		s.approve(op, ana)
		first := s.wantState(op.ID, scale.Proposed)
		if got := first.Approvers(); len(got) != 1 || got[0].ID != ana.ID {
			t.Errorf("got approvers %v, want Ana recorded", got)
		}
		_, err = s.desk().Approve(t.Context(), click(first, ana))
		wantCode(t, err, scale.RefusedAlready)
		s.wantWrites(0)
		s.approve(s.op(op.ID), ben)
		if done := s.wantState(op.ID, scale.Approved); !done.Authorised() || len(done.Approvers()) != 2 {
			t.Errorf("got approvers %v, want Ana and Ben", done.Approvers())
		}
	})
}

// Breaking the glass lets one person on call carry it alone, with a reason that is
// recorded; it makes nobody an approver who is not.
func TestBreakGlass(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op, err := s.desk().Propose(t.Context(), ask(12, carl))
		if err != nil {
			t.Fatal(err)
		}
		act := click(op, ana)
		act.BreakGlass, act.Reason = true, ""
		_, err = s.desk().Approve(t.Context(), act)
		wantCode(t, err, scale.RefusedReason)
		act.By, act.Reason = carl, "nobody answers"
		if _, err = s.desk().Approve(t.Context(), act); err == nil {
			t.Fatal("somebody who is not on call broke the glass")
		}
		act.By = ana
		if _, err = s.desk().Approve(t.Context(), act); err != nil {
			t.Fatal(err)
		}
		done := s.wantState(op.ID, scale.Approved)
		if e, ok := done.BrokeGlass(); !ok || e.By.ID != ana.ID || e.Note != "nobody answers" {
			t.Errorf("got %+v (%v), want Ana's broken glass with its reason", e, ok)
		}
	})
}
