package engine_test

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/scale"
)

// A replica posts a card and ends before it has stored where. Whatever happens to the operation
// next must not post a second card (R-127; found by chaos).
func TestACardNobodyRecordedIsNotPostedAgain(t *testing.T) {
	touches := map[string]func(s *stage, op ledger.Operation){
		"approved": func(s *stage, op ledger.Operation) {
			_, _ = s.desk().Approve(s.t.Context(), engine.Act{ID: op.ID, By: ana})
		},
		"approval refused": func(s *stage, op ledger.Operation) {
			_, _ = s.desk().Approve(s.t.Context(), engine.Act{ID: op.ID, By: carl})
		},
		"cancelled": func(s *stage, op ledger.Operation) {
			_, _ = s.desk().Cancel(s.t.Context(), engine.Act{ID: op.ID, By: ana})
		},
		"replaced":   func(s *stage, _ ledger.Operation) { s.propose(9) },
		"left alone": func(*stage, ledger.Operation) {},
	}
	for name, touch := range touches {
		for _, after := range []time.Duration{time.Second, time.Minute} {
			t.Run(name+" after "+after.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &stage{t: t, world: newWorld(6), room: newRoom(), store: memstore.New(), book: book(t)}
					defer func() { s.stop() }()
					f := &fuse{left: 2, after: true}
					config := s.config()
					config.Store, config.Announcer = fusedStore{Store: s.store, fuse: f}, fusedRoom{s.room, f}
					s.startWith(config)
					s.wait(20 * time.Second)
					_, _ = s.desk().Propose(t.Context(), ask(8, carl))
					if blown, where := f.state(); !blown || where != "card proposed" {
						t.Fatalf("the replica ended at %q, want at the card", where)
					}
					op := s.newest()
					s.stop()
					s.start()
					s.wait(after)
					touch(s, op)
					s.wait(2 * time.Minute)
					if got := s.room.posted(op.ID); got != 1 {
						t.Errorf("got %d cards, want 1", got)
					}
					if op = s.op(op.ID); op.Message.IsZero() || s.room.shows(op.ID) != op.State() {
						t.Errorf("the card at %+v shows %s, want %s", op.Message, s.room.shows(op.ID), op.State())
					}
				})
			})
		}
	}
}

// Whichever replica shows a new proposal first, the requester gets the proposal back with its
// card, and there is one card (the answer says where it is).
func TestAProposalComesBackWithItsCardWhoeverPostsIt(t *testing.T) {
	var meddle func(id string)
	handler := onOperation{func(id string) { meddle(id) }}
	play(t, 6, func(s *stage) { s.log = slog.New(handler) }, func(t *testing.T, s *stage) {
		meddle = func(id string) {
			s.desk().TurnAway(t.Context(), "approve", engine.Act{ID: id, By: carl, Channel: "C0INCIDENT"}, &scale.Refusal{Code: "x", Why: "No."})
		}
		op := s.propose(9)
		if op.Message.IsZero() || s.room.posted(op.ID) != 1 {
			t.Errorf("got the card at %+v and %d cards, want one that is known", op.Message, s.room.posted(op.ID))
		}
	})
}

// onOperation calls its function when the log reports a new operation.
type onOperation struct{ call func(id string) }

func (h onOperation) Enabled(context.Context, slog.Level) bool { return true }
func (h onOperation) WithAttrs([]slog.Attr) slog.Handler       { return h }
func (h onOperation) WithGroup(string) slog.Handler            { return h }
func (h onOperation) Handle(_ context.Context, r slog.Record) error {
	said := map[string]string{}
	r.Attrs(func(a slog.Attr) bool { said[a.Key] = a.Value.String(); return true })
	if r.Message == "operation" && said["to"] == string(ledger.Proposed) && said["from"] == "" {
		h.call(said["operation"])
	}
	return nil
}

// The answer to a write is lost, and before the next reading somebody else sets the count, to
// another value or to the same one. Whether the write was made is unknown, so the end must not
// say that it was not made (found by chaos).
func TestALostAnswerIsNotSaidToBeNoWrite(t *testing.T) {
	for _, set := range []int{7, 9} {
		play(t, 6, nil, func(t *testing.T, s *stage) {
			s.world.edit(func(w *world) {
				w.afterWrite = func() error {
					w.afterWrite = nil
					w.put(set, "helm")
					return fault(scale.FaultUnknownOutcome)
				}
			})
			op := s.approve(s.propose(9), ana)
			s.wait(time.Minute)
			op = s.wantState(op.ID, ledger.Failed)
			if note := op.Last().Note; op.Last().Code != "changed_meanwhile" || contains(note, "nothing was written") || !contains(note, "not known whether") || !contains(note, "helm") {
				t.Errorf("set to %d: got %s: %s; want who changed it, and that the write may have been made", set, op.Last().Code, note)
			}
			s.wantWrites(1)
		})
	}
}

// A replica that does not lead shows an approval, and its edit waits for its turn. Meanwhile the
// leader ends the operation and shows that. When the late edit arrives, the replica that sent it
// notices and shows the newest version again, also when it is being stopped (found by chaos,
// seeds 30067 and 117).
func TestALateEditOfAFollowerDoesNotCoverTheNewestLook(t *testing.T) {
	for _, stopped := range []bool{false, true} {
		play(t, 6, nil, func(t *testing.T, s *stage) {
			op := s.propose(9)
			s.stop()
			config := s.config()
			config.Leader = &lead{}
			late := &lateRoom{room: s.room, wait: 2 * time.Second}
			config.Announcer = late
			s.startWith(config)
			approved := s.approve(op, ana)
			s.wait(500 * time.Millisecond)
			if stopped {
				go s.stop()
				defer s.wait(time.Second)
			}
			failed, err := approved.To(ledger.Event{State: ledger.Failed, At: time.Now(), Note: "the deployment is gone"})
			if err == nil {
				failed, err = s.store.Update(t.Context(), failed)
			}
			if err != nil {
				t.Fatal(err)
			}
			_, _ = s.room.Card(t.Context(), failed, engine.Known)
			s.wait(time.Minute)
			if got := s.room.shows(op.ID); got != ledger.Failed {
				t.Errorf("stopped %v: the card shows %s, want %s", stopped, got, ledger.Failed)
			}
			if late.sent != 2 {
				t.Errorf("stopped %v: got %d edits, want the late one and one that mends it", stopped, late.sent)
			}
		})
	}
}

// The leader's late edit covers the newest version, which another replica had shown, and the
// leader ends before it notices. The next leader shows the newest version again, although it had
// shown it before (found by chaos, seed 10395).
func TestANewLeaderMakesCardsRightThatItHadShownBefore(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		s.stop()
		leads := &lead{}
		config := s.config()
		config.Leader = leads
		s.startWith(config)
		if _, err := s.desk().Decline(t.Context(), click(op, ana)); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Minute)
		_, _ = s.room.Card(t.Context(), op, engine.Known)
		leads.yes.Store(true)
		s.wait(time.Minute)
		s.wantShownForGood(op.ID, ledger.Declined, 5*time.Minute)
	})
}

// A replica that does not lead dies while its edit is on its way, and the edit covers the newest
// version. The leader shows every card once more after its end (found by chaos, seed 13230).
func TestTheLeaderShowsAnEndALastTime(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(9)
		if _, err := s.desk().Decline(t.Context(), click(op, ana)); err != nil {
			t.Fatal(err)
		}
		s.wait(20 * time.Second)
		_, _ = s.room.Card(t.Context(), op, engine.Known)
		s.wait(2 * time.Minute)
		s.wantShownForGood(op.ID, ledger.Declined, 10*time.Minute)
	})
}

// wantShownForGood fails unless the card shows the state and is not edited again for a while.
func (s *stage) wantShownForGood(id string, want ledger.State, quiet time.Duration) {
	s.t.Helper()
	if got := s.room.shows(id); got != want {
		s.t.Errorf("the card shows %s, want %s", got, want)
	}
	edits := s.room.edits[id]
	s.wait(quiet)
	if got := s.room.edits[id]; got != edits {
		s.t.Errorf("got %d more edits, want none", got-edits)
	}
}

// lateRoom is a Slack channel whose edits take a while to arrive.
type lateRoom struct {
	*room
	wait time.Duration

	waiting atomic.Int32
	sent    int
}

func (r *lateRoom) Card(ctx context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	if op.Message.IsZero() {
		return r.room.Card(ctx, op, known)
	}
	r.sent++
	r.waiting.Add(1)
	time.AfterFunc(r.wait, func() {
		_, _ = r.room.Card(context.WithoutCancel(ctx), op, known)
		r.waiting.Add(-1)
	})
	return op.Message, nil
}

func (r *lateRoom) Waiting(string) bool { return r.waiting.Load() > 0 }

// The replica that made a proposal could not post its card in time. From then on only the leader
// posts it: if two replicas searched at once, both would find nothing and post (found by chaos,
// seed 7278).
func TestACardThatIsLateIsLeftToTheLeader(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.startFollowing(s.config())
		s.room.read(func(r *room) { r.fail = func(string) error { return fault(scale.FaultUnknownOutcome) } })
		op := s.propose(9)
		s.wait(38 * time.Second)
		s.room.read(func(r *room) { r.fail = nil })
		_, err := s.desk().Approve(t.Context(), engine.Act{ID: op.ID, By: carl})
		wantCode(t, err, scale.RefusedNotOnCall)
		if got := s.room.posted(op.ID); got != 0 {
			t.Errorf("got %d cards by a replica that does not lead, want none after so long", got)
		}
		s.stop()
		s.start()
		s.wait(time.Minute)
		if got := s.room.posted(op.ID); got != 1 {
			t.Errorf("got %d cards by the leader, want one", got)
		}
	})
}
