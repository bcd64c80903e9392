package engine_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// A write gets no answer and takes effect late; the attempt after it is refused for good. The
// operation must not end before it is known whether the first write took effect (found by chaos,
// seed 12074).
func TestALateWriteIsWaitedForBeforeTheEndIsTold(t *testing.T) {
	for name, lands := range map[string]bool{"it lands": true, "it is lost": false} {
		play(t, 6, nil, func(t *testing.T, s *stage) {
			first := true
			s.world.edit(func(w *world) {
				w.onWrite = func() error {
					if !first {
						return fault(scale.FaultForbidden)
					}
					first = false
					if lands {
						time.AfterFunc(20*time.Second, func() { s.world.edit(func(w *world) { w.put(9, "scalebot") }) })
					}
					return fault(scale.FaultUnknownOutcome)
				}
			})
			op := s.approve(s.propose(9), ana)
			s.wait(15 * time.Second)
			s.wantState(op.ID, ledger.Applying)
			s.wait(3 * time.Minute)
			if lands {
				s.wantState(op.ID, ledger.Watching)
				return
			}
			if op = s.wantState(op.ID, ledger.Failed); op.Last().Code != string(scale.FaultForbidden) {
				t.Errorf("%s: got %s: %s, want what was refused", name, op.Last().Code, op.Last().Note)
			}
		})
	}
}

// The lead is lost while a report is being posted to a Slack that does not answer. The attempt
// ends at once: the next leader makes its own (found by chaos, seed 12316).
func TestAStepIsGivenUpWithTheLead(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		leads, mute := s.startMute(false)
		s.wait(time.Minute)
		op := s.approve(s.propose(9), ana)
		mute.wantGivenUpWith(leads, s)
		if op = s.op(op.ID); !op.Reports[0].Posted.IsZero() {
			t.Error("the report is recorded as posted")
		}
	})
}

// Posting an alert also ends when the lead is lost. A replica that does not lead never posts the
// card of an alert: two replicas would post it twice.
func TestAnAlertIsLeftToWhoeverLeads(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		leads, mute := s.startMute(true)
		s.world.edit(func(w *world) { w.lag = 14_400 })
		mute.wantGivenUpWith(leads, s)
		if _, err := s.desk().Snooze(t.Context(), engine.Act{ID: alertID, By: ana}, time.Hour); err != nil {
			t.Errorf("snoozing elsewhere: %v", err)
		}
		s.wait(time.Minute)
		if posting := mute.posting.Load(); posting != 1 {
			t.Errorf("got %d attempts, want none by whoever does not lead", posting)
		}
	})
}

// muteRoom is a Slack that does not answer when a report or an alert is posted.
type muteRoom struct {
	*room
	alerts         bool
	posting, given atomic.Int32
}

// startMute starts a leader again, with a muteRoom.
func (s *stage) startMute(alerts bool) (*lead, *muteRoom) {
	s.stop()
	leads, mute, config := &lead{}, &muteRoom{room: s.room, alerts: alerts}, s.config()
	leads.yes.Store(true)
	config.Leader, config.Announcer = leads, mute
	s.startWith(config)
	return leads, mute
}

// wantGivenUpWith waits for the attempt to post, and then takes the lead away.
func (r *muteRoom) wantGivenUpWith(leads *lead, s *stage) {
	s.t.Helper()
	for r.posting.Load() == 0 {
		s.wait(time.Second)
	}
	leads.yes.Store(false)
	s.wait(2 * time.Second)
	if posting, given := r.posting.Load(), r.given.Load(); posting != 1 || given != 1 {
		s.t.Errorf("got %d attempts, %d given up, want one that was given up", posting, given)
	}
}

func (r *muteRoom) Episode(ctx context.Context, e ledger.Episode, known engine.Knowledge) (scale.MessageRef, error) {
	if !r.alerts {
		return r.room.Episode(ctx, e, known)
	}
	return r.Report(ctx, ledger.Operation{}, 0, known)
}

func (r *muteRoom) Report(ctx context.Context, _ ledger.Operation, _ int, _ engine.Knowledge) (scale.MessageRef, error) {
	r.posting.Add(1)
	<-ctx.Done()
	r.given.Add(1)
	return scale.MessageRef{}, ctx.Err()
}

// If the end of an operation cannot be stored after its last report, it is stored later. It used
// to be watched for ever (found by chaos, seeds 74, 106, 117).
func TestAnEndThatCouldNotBeStoredIsStoredLater(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.stop()
		config, refused := s.config(), &refusedEnd{Store: s.store}
		config.Store = refused
		s.startWith(config)
		s.wait(time.Minute)
		op := s.approve(s.propose(9), ana)
		s.wait(2 * time.Hour)
		s.wantState(op.ID, ledger.Done)
		if refused.times.Load() != 1 {
			t.Errorf("the end was refused %d times, want once", refused.times.Load())
		}
	})
}

// refusedEnd is a store that fails the first time an operation is to be stored as done.
type refusedEnd struct {
	ledger.Store
	times atomic.Int32
}

func (s *refusedEnd) Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	if op.State() == ledger.Done && s.times.CompareAndSwap(0, 1) {
		return op, &scale.Fault{Kind: scale.FaultUnreachable, Doing: "storing " + op.ID}
	}
	return s.Store.Update(ctx, op)
}

// A write without an answer took effect, and somebody reverted the count before the next reading.
// That looks as if nothing had been written, but writing again would be the same effect twice
// (found by chaos, seed 3712).
func TestWhatWasWrittenAndSetBackIsNotWrittenAgain(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) {
			w.afterWrite = func() error {
				w.put(6, "kubectl")
				return fault(scale.FaultUnknownOutcome)
			}
		})
		op := s.approve(s.propose(9), ana)
		s.wait(3 * time.Minute)
		s.wantWrites(1)
		if op = s.wantState(op.ID, ledger.Failed); op.Last().Code != "changed_meanwhile" {
			t.Errorf("got %s: %s, want that the count was changed meanwhile", op.Last().Code, op.Last().Note)
		}
	})
}

// While the answer to a newer write is missing, the count differs from the one of the older
// change. That is not a revert: the newer change supersedes the older one once its write is
// confirmed (found by chaos, seeds 427, 1396, 1804).
func TestANewerWriteIsNoSettingBack(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		first := s.approve(s.propose(9), ana)
		s.wait(110 * time.Second)
		s.wantState(first.ID, ledger.Watching)
		s.world.edit(func(w *world) {
			w.afterWrite = func() error {
				return &scale.Fault{Kind: scale.FaultUnknownOutcome, Doing: "scaling", After: 30 * time.Second}
			}
		})
		second := s.approve(s.propose(10), ana)
		s.wait(20 * time.Second)
		s.wantState(second.ID, ledger.Applying)
		s.wait(time.Minute)
		s.wantState(first.ID, ledger.Superseded)
		s.wantState(second.ID, ledger.Watching)
		s.wantWrites(2)
		if s.room.said("was set to 10 by") {
			t.Error("the older change's thread says that its count was set back")
		}
	})
}
