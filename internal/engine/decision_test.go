package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// asks is how often the directory was called since the last call of asks.
func (s *stage) asks() (n int) {
	s.room.read(func(r *room) { n, r.grants = r.grants, 0 })
	return n
}

// one click on an alert proposes a change and approves it, and asks Slack once whether the
// person may. It used to ask four times, each with two calls under a tight rate limit.
func TestOnePressAsksOnceWhoMay(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.lag = 14_400 }, func(t *testing.T, s *stage) {
		s.asks()
		op, err := s.desk().ScaleRecommended(t.Context(), engine.Act{ID: alertID, By: ana, Key: "press"})
		if err != nil || op.State() != ledger.Approved {
			t.Fatalf("got %s and %v, want it approved", op.State(), err)
		}
		if n := s.asks(); n != 1 {
			t.Errorf("the press asked %d times who may, want once", n)
		}
	})
}

// an answer for one decision is not used for the next. Somebody who left the list a moment
// after a click cannot decide any more.
func TestTheNextDecisionAsksAfresh(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.lag = 14_400 }, func(t *testing.T, s *stage) {
		op, err := s.desk().ScaleRecommended(t.Context(), engine.Act{ID: alertID, By: ana, Key: "press"})
		if err != nil {
			t.Fatal(err)
		}
		s.wait(2 * time.Minute)
		s.wantState(op.ID, ledger.Watching)
		s.room.read(func(r *room) { r.away = map[string]bool{ana.ID: true} })
		undo := s.propose(6)
		_, err = s.desk().Approve(t.Context(), engine.Act{ID: undo.ID, By: ana})
		var refusal *scale.Refusal
		if !errors.As(err, &refusal) || refusal.Code != scale.RefusedNotOnCall {
			t.Errorf("got %v, want that she is not on call any more", err)
		}
	})
}
