package engine_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// tally counts the calls of the engine's meter.
type tally struct {
	mu     sync.Mutex
	counts map[string]int
}

func (m *tally) count(parts ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.counts == nil {
		m.counts = map[string]int{}
	}
	m.counts[strings.Join(parts, " ")]++
}

func (m *tally) of(parts ...string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.counts[strings.Join(parts, " ")]
}

func (m *tally) Decision(component, verb, outcome string) { m.count(component, verb, outcome) }
func (m *tally) Entered(string, ledger.State)             {}
func (m *tally) Effect(string, string)                    {}
func (m *tally) Unreported(_, horizon, why string)        { m.count("unreported", horizon, why) }
func (m *tally) Reported(_, horizon string, _ scale.Verdict, _ bool) {
	m.count("reported", horizon)
}

// refusals are the recorded ones of one person.
func refusals(op ledger.Operation, who scale.Person) (all []ledger.Event) {
	for _, e := range op.Events {
		if e.Entry() == ledger.EntryRefusal && e.By.Is(who) {
			all = append(all, e)
		}
	}
	return all
}

// R-141, flooding: a person who keeps pressing a button that they may not use is counted every
// time. That neither fills the record and the log, nor hides the refusals of others, nor asks
// Slack again and again.
func TestHammeringIsCountedAndFillsNothing(t *testing.T) {
	var diary bytes.Buffer
	meter := &tally{}
	prepare := func(s *stage) {
		s.meter, s.log = meter, slog.New(slog.NewTextHandler(&diary, nil))
	}
	play(t, 6, prepare, func(t *testing.T, s *stage) {
		op := s.propose(9)
		asked := 0
		s.room.read(func(r *room) { asked = r.grants })
		for range 100 {
			if _, err := s.desk().Approve(t.Context(), click(s.op(op.ID), gina)); err == nil || !engine.Recorded(err) {
				t.Fatalf("got %v, want a recorded refusal", err)
			}
		}
		s.room.read(func(r *room) { asked = r.grants - asked })
		if asked > 10 {
			t.Errorf("the directory was asked %d times, want at most 10 a minute", asked)
		}
		if n := meter.of("download-worker", "approve", scale.RefusedNotOnCall) + meter.of("download-worker", "approve", scale.RefusedQuota); n != 100 {
			t.Errorf("counted %d refusals, want each of the 100", n)
		}
		if n := len(refusals(s.op(op.ID), gina)); n == 0 || n > 2*ledger.MaxAlike {
			t.Errorf("recorded %d refusals of Gina, want some and not all", n)
		}
		_, err := s.desk().Approve(t.Context(), click(s.op(op.ID), carl))
		wantCode(t, err, scale.RefusedNotOnCall)
		if got := refusals(s.op(op.ID), carl); len(got) != 1 || got[0].Channel != "C0INCIDENT" || got[0].TS != op.Message.TS {
			t.Errorf("Carl's refusal: got %+v, want it recorded with its place", got)
		}
		s.approve(s.op(op.ID), ana)
		s.wait(time.Minute)
		s.wantState(op.ID, ledger.Watching)
	})
	if n := strings.Count(diary.String(), "msg=refused"); n > 25 {
		t.Errorf("%d refusals were logged of 101, want a bounded number", n)
	}
	if !strings.Contains(diary.String(), "only counted for a while") {
		t.Error("the log does not say that more refusals follow uncounted by it")
	}
}

// A refusal before the desk is asked is noted on the operation. Without an operation it is in the
// log and the count.
func TestWhatIsTurnedAwayIsRecorded(t *testing.T) {
	var diary bytes.Buffer
	meter := &tally{}
	play(t, 6, func(s *stage) { s.meter, s.log = meter, slog.New(slog.NewTextHandler(&diary, nil)) }, func(t *testing.T, s *stage) {
		op := s.propose(9)
		eve := scale.Person{ID: "U0EVE", Name: "Eve", Team: "T0ELSEWHERE"}
		act := click(op, eve)
		act.Key = "trigger-7"
		shared := &scale.Refusal{Code: "shared_channel", Why: "The channel is shared."}
		s.desk().TurnAway(t.Context(), "approve", act, shared)
		s.desk().TurnAway(t.Context(), "command", engine.Act{By: eve, Channel: "C0SHARED"}, shared)
		got := refusals(s.wantState(op.ID, ledger.Proposed), eve)
		want := ledger.Event{By: eve, Code: "shared_channel", Note: "approve: The channel is shared.", Channel: "C0INCIDENT", TS: op.Message.TS, Key: "trigger-7"}
		if len(got) != 1 {
			t.Fatalf("got %d recorded refusals, want one", len(got))
		}
		want.At = got[0].At
		if got[0] != want {
			t.Errorf("got %+v, want %+v", got[0], want)
		}
		if a, b := meter.of("download-worker", "approve", "shared_channel"), meter.of("", "command", "shared_channel"); a != 1 || b != 1 {
			t.Errorf("counted %d and %d, want one each", a, b)
		}
	})
	if !strings.Contains(diary.String(), "channel=C0SHARED") || !strings.Contains(diary.String(), "team=T0ELSEWHERE") {
		t.Errorf("the log does not tell where and whose: %s", diary.String())
	}
}

// Snoozing an alert that has ended is refused, counted and logged like everything else, and so is
// pressing the button of a change that is not offered any more.
func TestRefusalsAboutAlertsAreCounted(t *testing.T) {
	meter := &tally{}
	play(t, 6, func(s *stage) { s.meter = meter; s.world.lag = 60_000 }, func(t *testing.T, s *stage) {
		s.wait(time.Minute)
		e, ok := s.episode(ledger.EpisodeAlert)
		if !ok {
			t.Fatal("no alert was raised at a lag of 60,000")
		}
		s.world.edit(func(w *world) { w.lag = 0 })
		s.wait(20 * time.Minute)
		act := engine.Act{ID: e.ID, By: ana, Channel: "C0INCIDENT"}
		_, err := s.desk().Snooze(t.Context(), act, time.Hour)
		wantCode(t, err, scale.RefusedState)
		_, err = s.desk().ScaleRecommended(t.Context(), act)
		wantCode(t, err, scale.RefusedUseless)
		if !engine.Recorded(err) || meter.of("download-worker", "snooze", scale.RefusedState) != 1 || meter.of("", "scale_recommended", scale.RefusedUseless) != 1 {
			t.Errorf("counted %v, want both refusals", meter.counts)
		}
	})
}

// All people of a channel together have a limit as well.
func TestAChannelHasItsPace(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		var err error
		for i := range 70 {
			one := ask(7+i%3, scale.Person{ID: "U" + strings.Repeat("X", 1+i/10)})
			if _, err = s.desk().Propose(t.Context(), one); err != nil {
				break
			}
		}
		if refusal := wantCode(t, err, scale.RefusedQuota); !contains(refusal.Limit, "one channel") {
			t.Errorf("got %q, want the channel's limit", refusal.Limit)
		}
		other := ask(9, carl)
		other.Channel = "C0GENERAL"
		if _, err = s.desk().Propose(t.Context(), other); err != nil {
			t.Errorf("in another channel: got %v, want a proposal", err)
		}
	})
}

// A report that will never be posted is counted by its reason.
func TestReportsNeverMadeAreCounted(t *testing.T) {
	meter := &tally{}
	play(t, 6, func(s *stage) { s.meter = meter }, func(t *testing.T, s *stage) {
		s.approve(s.propose(8), ana)
		s.wait(6 * time.Minute)
		s.room.read(func(r *room) { r.fail = func(string) error { return fault(scale.FaultRejected) } })
		s.wait(10 * time.Minute)
		s.room.read(func(r *room) { r.fail = nil })
		s.approve(s.propose(9), ana)
		s.wait(2 * time.Minute)
		for what, want := range map[string]int{
			"reported 5 min": 1, "unreported 15 min not_posted": 1, "unreported 1 h superseded": 1, "unreported 5 min superseded": 0,
		} {
			if got := meter.of(what); got != want {
				t.Errorf("%s: counted %d, want %d (%v)", what, got, want, meter.counts)
			}
		}
	})
}
