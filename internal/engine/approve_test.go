package engine_test

import (
	"context"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// A risky change requested by somebody who may not decide needs two different people. The first
// approval is recorded and nothing else happens; the same person is refused the second time
//
func TestTwoPeople(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(12)
		if got := op.Needed(); got != 2 || len(op.Approvers()) != 0 {
			t.Fatalf("got %d approvals needed and %v there, want 2 and none", got, op.Approvers())
		}
		s.approve(op, ana)
		first := s.wantState(op.ID, ledger.Proposed)
		if got := first.Approvers(); len(got) != 1 || got[0].ID != ana.ID {
			t.Errorf("got approvers %v, want Ana recorded", got)
		}
		_, err := s.desk().Approve(t.Context(), click(first, ana))
		wantCode(t, err, scale.RefusedAlready)
		s.wait(time.Minute)
		s.wantWrites(0)
		// Ben presses twice at once: one press completes the approvals, and the other is answered
		// that they are complete.
		answers := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := s.desk().Approve(t.Context(), click(first, ben))
				answers <- err
			}()
		}
		one, other := <-answers, <-answers
		if one != nil {
			one, other = other, one
		}
		if one != nil {
			t.Fatalf("got %v and %v, want one approval", one, other)
		}
		wantCode(t, other, scale.RefusedState)
		s.wait(time.Minute)
		if done := s.wantState(op.ID, ledger.Watching); !done.Authorised() || len(done.Approvers()) != 2 {
			t.Errorf("got approvers %v, want Ana and Ben", done.Approvers())
		}
		s.wantWrites(1)
	})
}

// Breaking the glass lets one person on call approve alone, with a recorded reason. Somebody who
// may not approve cannot use it.
func TestBreakGlass(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(12)
		act := click(op, ana)
		act.BreakGlass, act.Reason = true, ""
		_, err := s.desk().Approve(t.Context(), act)
		wantCode(t, err, scale.RefusedReason)
		act.By, act.Reason = carl, "nobody answers"
		if _, err = s.desk().Approve(t.Context(), act); err == nil {
			t.Fatal("somebody who is not on call broke the glass")
		}
		act.By = ana
		if _, err = s.desk().Approve(t.Context(), act); err != nil {
			t.Fatal(err)
		}
		s.wait(time.Minute)
		done := s.wantState(op.ID, ledger.Watching)
		if e, ok := done.BrokeGlass(); !ok || e.By.ID != ana.ID || e.Note != "nobody answers" {
			t.Errorf("got %+v (%v), want Ana's broken glass with its reason", e, ok)
		}
		s.wantWrites(1)
	})
}

// glass breaks it in Ana's name.
func (s *stage) glass(op ledger.Operation) {
	s.t.Helper()
	act := click(op, ana)
	act.BreakGlass, act.Reason = true, "nobody answers"
	if _, err := s.desk().Approve(s.t.Context(), act); err != nil {
		s.t.Fatal(err)
	}
}

// The alarm about a broken glass is posted once, and retried until Slack accepts it. The change
// does not wait for it.
func TestBreakGlassIsAnnouncedUntilItIsHeard(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.propose(12)
		alarm := op.ID + " alarm"
		s.room.read(func(r *room) {
			r.fail = func(key string) error {
				if key == alarm {
					return fault(scale.FaultUnreachable)
				}
				return nil
			}
		})
		s.glass(op)
		s.wait(5 * time.Minute)
		s.wantWrites(1)
		if s.room.posted(alarm) != 0 || !s.wantState(op.ID, ledger.Watching).Alarm.IsZero() {
			t.Error("the alarm counts as told while Slack does not take it")
		}
		s.room.read(func(r *room) { r.fail = nil })
		s.wait(20 * time.Minute)
		if n := s.room.posted(alarm); n != 1 || s.op(op.ID).Alarm.IsZero() {
			t.Errorf("the alarm was posted %d times (%+v), want once and recorded", n, s.op(op.ID).Alarm)
		}
	})
}

// There is no alarm when the glass need not be broken: when one approval is enough, or when two
// people approve.
func TestNoGlassIsBrokenWithoutNeed(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		routine := s.propose(8)
		s.glass(routine)
		s.wait(2 * time.Minute)
		risky := s.propose(13)
		s.approve(risky, ben)
		s.glass(s.op(risky.ID))
		s.wait(2 * time.Minute)
		for _, id := range []string{routine.ID, risky.ID} {
			if _, broken := s.wantState(id, map[string]ledger.State{routine.ID: ledger.Superseded, risky.ID: ledger.Watching}[id]).BrokeGlass(); broken {
				t.Errorf("%s: the glass counts as broken", id)
			}
			if n := s.room.posted(id + " alarm"); n != 0 {
				t.Errorf("%s: the channel was alarmed %d times", id, n)
			}
		}
	})
}

// Each class of risk stops one person alone from approving the change, and allows it with two.
// With the class switched off in the runbook file, one person is enough.
func TestEachRiskTakesTwoPeople(t *testing.T) {
	busy := func(w *world) { w.lag = 48_000 }
	for name, test := range map[string]struct {
		from, to int
		world    func(*world)
		class    scale.RiskClass
		off      func(*scale.TwoPeople)
		override bool
	}{
		"above the recommended range (R-026)": {12, 13, nil, scale.RiskAboveRecommended, func(p *scale.TwoPeople) { p.AboveRecommended = false }, false},
		"below the recommended range (R-026)": {6, 5, nil, scale.RiskBelowRecommended, func(p *scale.TwoPeople) { p.BelowRecommended = false }, false},
		"more than half":                      {6, 10, nil, scale.RiskLarge, func(p *scale.TwoPeople) { p.LargeChange = false }, false},
		"down under load (R-050)":             {9, 8, busy, scale.RiskDownUnderLoad, func(p *scale.TwoPeople) { p.DownUnderLoad = false }, false},
		"override of the minimum (R-056)":     {5, 3, nil, scale.RiskBelowMinimum, func(p *scale.TwoPeople) { p.OverrideMinimum = false }, true},
	} {
		t.Run(name, func(t *testing.T) {
			propose := func(t *testing.T, s *stage) ledger.Operation {
				if test.world != nil {
					s.world.edit(test.world)
					s.wait(time.Minute)
				}
				wish := ask(test.to, carl)
				wish.OverrideMinimum = test.override
				op, err := s.desk().Propose(t.Context(), wish)
				if err != nil {
					t.Fatal(err)
				}
				return op
			}
			play(t, test.from, nil, func(t *testing.T, s *stage) {
				op := propose(t, s)
				if len(op.Plan.Risks) != 1 || op.Plan.Risks[0].Class != test.class || op.Needed() != 2 {
					t.Fatalf("got risks %v and %d people, want %s and two", op.Plan.Risks, op.Needed(), test.class)
				}
				s.approve(op, ana)
				s.wait(30 * time.Second)
				s.wantWrites(0)
				s.approve(s.op(op.ID), ben)
				s.wait(time.Minute)
				s.wantWrites(1)
				if got := s.op(op.ID).Request.OverrideMinimum; got != test.override {
					t.Errorf("override recorded: got %v, want %v", got, test.override)
				}
			})
			off := func(s *stage) { test.off(&s.book.Policy.TwoPeople) }
			play(t, test.from, off, func(t *testing.T, s *stage) {
				s.approve(propose(t, s), ana)
				s.wait(time.Minute)
				s.wantWrites(1)
			})
		})
	}
}

// a count below the minimum is refused without an override, and an override without a
// reason. Zero is always refused.
func TestTheMinimumGivesWayToAnExplicitOverrideOnly(t *testing.T) {
	play(t, 5, nil, func(t *testing.T, s *stage) {
		wish := ask(3, ana)
		_, err := s.desk().Propose(t.Context(), wish)
		wantCode(t, err, scale.RefusedBelowMinimum)
		wish.OverrideMinimum, wish.Reason = true, ""
		_, err = s.desk().Propose(t.Context(), wish)
		wantCode(t, err, scale.RefusedReason)
		zero := ask(0, ana)
		zero.OverrideMinimum = true
		_, err = s.desk().Propose(t.Context(), zero)
		wantCode(t, err, scale.RefusedBelowMinimum)
	})
}

// Adjusting keeps the flags that were set with the first count, each with its reason, and judges
// the new count anew.
func TestAdjustKeepsTheFlagsAndJudgesAnew(t *testing.T) {
	play(t, 5, nil, func(t *testing.T, s *stage) {
		wish := ask(3, ana)
		wish.OverrideMinimum, wish.BreakGlass, wish.Reason = true, true, "the topic is drained"
		op, err := s.desk().Propose(t.Context(), wish)
		if err != nil || op.Needed() != 2 {
			t.Fatalf("got %d people and %v, want two", op.Needed(), err)
		}
		adjust := func(who scale.Person, to int) ledger.Operation {
			t.Helper()
			next, err := s.desk().Adjust(t.Context(), click(op, who), to)
			if err != nil {
				t.Fatalf("adjusting to %d: %v", to, err)
			}
			return next
		}
		op = adjust(ana, 4)
		if op.Request.OverrideMinimum || !op.Request.BreakGlass || op.Request.Reason != "the topic is drained" || op.Needed() != 2 {
			t.Errorf("at the minimum: got %+v and %d people, want no override, the glass and its reason, and two for below the range", op.Request, op.Needed())
		}
		op = adjust(ana, 6)
		if !op.Request.BreakGlass || op.Needed() != 1 || len(op.Plan.Risks) != 0 {
			t.Errorf("a routine number: got %d people and risks %v, want one and none", op.Needed(), op.Plan.Risks)
		}
		op = adjust(ben, 10)
		if op.Request.BreakGlass || op.Needed() != 2 {
			t.Errorf("another person: got glass %v and %d people, want no glass, which was Ana's, and two", op.Request.BreakGlass, op.Needed())
		}
	})
	play(t, 5, nil, func(t *testing.T, s *stage) {
		wish := ask(3, carl)
		wish.OverrideMinimum, wish.Reason = true, "the topic is drained"
		op, err := s.desk().Propose(t.Context(), wish)
		if err != nil {
			t.Fatal(err)
		}
		s.world.set(4, "kubectl")
		s.wait(30 * time.Second)
		next, err := s.desk().Adjust(t.Context(), click(op, carl), 2)
		if err != nil || !next.Request.OverrideMinimum || next.Request.Reason != "the topic is drained" || next.Needed() != 2 {
			t.Errorf("another number below: got %+v, %d people and %v, want the override with its reason and two", next.Request, next.Needed(), err)
		}
		_, err = s.desk().Adjust(t.Context(), click(s.propose(5), carl), 3)
		wantCode(t, err, scale.RefusedBelowMinimum)
	})
}

// The list of allowed channels applies to typed text, for asking and for deciding. A button is
// bound to its card, wherever that is.
func TestTypedDecisionsKeepToTheAllowedChannels(t *testing.T) {
	play(t, 6, func(s *stage) { s.book.Access.Channels = []string{"C0INCIDENT"} }, func(t *testing.T, s *stage) {
		op := s.propose(8)
		typed := engine.Act{ID: op.ID, By: ana, Channel: "C0GENERAL"}
		verbs := map[string]func(context.Context, engine.Act) (ledger.Operation, error){
			"approve": s.desk().Approve, "decline": s.desk().Decline, "cancel": s.desk().Cancel,
			"adjust": func(ctx context.Context, act engine.Act) (ledger.Operation, error) {
				return s.desk().Adjust(ctx, act, 7)
			},
		}
		for name, verb := range verbs {
			_, err := verb(t.Context(), typed)
			if refusal := wantCode(t, err, scale.RefusedChannel); refusal == nil {
				t.Errorf("%s: got no refusal", name)
			}
		}
		wish := ask(9, ana)
		wish.Channel = "C0GENERAL"
		_, err := s.desk().Propose(t.Context(), wish)
		wantCode(t, err, scale.RefusedChannel)
		typed.Channel = "C0INCIDENT"
		if _, err = s.desk().Approve(t.Context(), typed); err != nil {
			t.Errorf("in the allowed channel: got %v, want an approval", err)
		}
		s.wait(time.Minute)
		typed.Channel = "C0GENERAL"
		_, err = s.desk().RollBack(t.Context(), typed)
		wantCode(t, err, scale.RefusedChannel)
		if n := len(refusals(s.wantState(op.ID, ledger.Watching), ana)); n != ledger.MaxAlike {
			t.Errorf("got %d of the refusals recorded, want %d", n, ledger.MaxAlike)
		}
	})
}

// The Runner checks the approvals themselves: it does not carry out an operation in state
// approved, or even applying, that has too few of them.
func TestAnUnauthorisedOperationIsNotCarriedOut(t *testing.T) {
	for name, states := range map[string][]ledger.State{"approved": {ledger.Approved}, "applying": {ledger.Approved, ledger.Applying}} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				s.stop()
				op := s.propose(12)
				for _, state := range states {
					op.Events = append(op.Events, ledger.Event{State: state, At: time.Now(), By: ana})
				}
				if _, err := s.store.Update(t.Context(), op); err != nil {
					t.Fatal(err)
				}
				s.start()
				s.wait(2 * time.Minute)
				s.wantWrites(0)
				if end := s.wantState(op.ID, ledger.Failed).Last(); end.Code != "not_approved" {
					t.Errorf("got %s (%s), want not_approved", end.Code, end.Note)
				}
			})
		})
	}
}

// A rollback is refused if the present count is unknown, or if a later change exists.
func TestRollBackRefusesWhatIsNotKnown(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(8), ana)
		s.wait(5 * time.Minute)
		s.world.edit(func(w *world) { w.clusterDown = true })
		s.wait(2 * time.Minute)
		_, err := s.desk().RollBack(t.Context(), engine.Act{ID: op.ID, By: ben})
		if refusal := wantCode(t, err, scale.RefusedUnknown); !contains(refusal.Why, "API server does not answer") {
			t.Errorf("got %q, want why it is not known", refusal.Why)
		}
		s.wantWrites(1)
	})
}

// The requester learns of a lost card even if the process dies between recording it and telling
// them, and even if Slack refuses the message at first.
func TestALostCardIsToldAfterACrash(t *testing.T) {
	for name, prepare := range map[string]func(*stage, ledger.Operation){
		"crash": func(s *stage, op ledger.Operation) {
			s.stop()
			op = s.op(op.ID).Noted(ledger.Event{At: time.Now(), By: scale.Person{ID: "scalebot"}, Code: ledger.CodeCardLost, Note: "the channel is archived"})
			if _, err := s.store.Update(s.t.Context(), op); err != nil {
				s.t.Fatal(err)
			}
			s.start()
		},
		"slow": func(s *stage, op ledger.Operation) {
			until := time.Now().Add(3 * time.Minute)
			s.room.read(func(r *room) {
				r.lost = map[string]error{op.ID: fault(scale.FaultRejected)}
				r.fail = func(key string) error {
					if key == op.ID+" aside "+ledger.CodeCardLost && time.Now().Before(until) {
						return fault(scale.FaultUnreachable)
					}
					return nil
				}
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, 6, nil, func(t *testing.T, s *stage) {
				op := s.approve(s.propose(7), ana)
				prepare(s, op)
				s.wait(20 * time.Minute)
				s.room.read(func(r *room) {
					if len(r.asides) != 1 || !contains(r.asides[0], "stands still") {
						t.Errorf("got %q told in private, want one", r.asides)
					}
				})
				codes := map[string]int{}
				for _, e := range s.op(op.ID).Events {
					codes[e.Code]++
				}
				if codes[ledger.CodeCardLost] != 1 || codes[ledger.CodeCardTold] != 1 {
					t.Errorf("got events %v, want one that it is lost and one that it was told", codes)
				}
			})
		})
	}
}
