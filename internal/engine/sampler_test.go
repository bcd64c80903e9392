package engine_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// lead is a lead that can be given.
type lead struct{ yes atomic.Bool }

func (l *lead) Leading() bool { return l.yes.Load() }

func (s *stage) snapshot() scale.Snapshot { return s.engine.Sampler().Snapshot("download-worker") }

// Everything is sampled at the runbook's pace, and at the live pace during a change
//
func TestSamplingPace(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		looks := func() (n int) {
			s.world.edit(func(w *world) { n = w.looks; w.looks = 0 })
			return n
		}
		looks()
		s.wait(2 * time.Minute)
		if got := looks(); got != 8 {
			t.Errorf("samples in 2 min at rest: got %d, want 8", got)
		}
		s.engine.Sampler().Heat("download-worker", 2*time.Minute)
		s.wait(2 * time.Minute)
		if got := looks(); got < 23 || got > 25 {
			t.Errorf("samples in 2 min at the live pace: got %d, want 24", got)
		}
	})
}

// Rates come from positions, and a reading that fails is kept with its age until it is
// stale, then unknown.
func TestReadings(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.wait(5 * time.Minute)
		rates, known := s.snapshot().Rates.Get()
		if !known || rates.Arrival < 475 || rates.Arrival > 485 {
			t.Errorf("arrival: got %v (%v), want about 480 msg/s", rates.Arrival, s.snapshot().Rates.Why())
		}
		if partition := s.snapshot().Lag.Value.Partitions[0]; partition.Arrival < 19 || partition.Arrival > 21 {
			t.Errorf("arrival of one partition: got %v, want about 20", partition.Arrival)
		}
		s.world.edit(func(w *world) { w.kafkaDown = true })
		s.wait(30 * time.Second)
		if lag := s.snapshot().Lag; !lag.Known() || lag.Age(time.Now()) < 15*time.Second {
			t.Errorf("shortly after a failure: got known %v, age %s; want the last one with its age", lag.Known(), lag.Age(time.Now()))
		}
		s.wait(2 * time.Minute)
		snapshot := s.snapshot()
		if snapshot.Lag.Known() || snapshot.Lag.Err == "" {
			t.Errorf("later: got %+v, want unknown with the reason", snapshot.Lag)
		}
		// what the broker said last stands, labelled with its age.
		if n, ok := snapshot.Partitions.Get(); !ok || n != 24 || snapshot.Partitions.Source != scale.Broker || !strings.Contains(snapshot.Partitions.Note, " min ago") {
			t.Errorf("partitions: got %d known %v from %s, note %q; want 24 as the broker said before", n, ok, snapshot.Partitions.Source, snapshot.Partitions.Note)
		}
	})
}

// before the broker has ever answered the runbook's example stands in, labelled.
// After that its last answer is better than any example (found by chaos, seed 1661).
func TestTheBrokersOwnCountOutlivesItsSilence(t *testing.T) {
	prepare := func(s *stage) {
		s.world.kafkaDown = true
		c := &s.book.Components[0]
		c.Partitions = map[string]int{c.Topics[0]: 30}
	}
	play(t, 6, prepare, func(t *testing.T, s *stage) {
		s.wait(time.Minute)
		if got := s.snapshot().Partitions; got.Value != 30 || got.Source == scale.Broker || got.Note == "" {
			t.Errorf("before the first answer: got %+v, want the runbook's 30 with a label", got)
		}
		s.world.edit(func(w *world) { w.kafkaDown = false })
		s.wait(time.Minute)
		s.world.edit(func(w *world) { w.kafkaDown = true })
		s.wait(10 * time.Minute)
		_, err := s.desk().Propose(t.Context(), ask(25, ana))
		wantCode(t, err, scale.RefusedAbovePartitions)
	})
}

// A fresh look never passes an old number off as new, and callers at once share one.
func TestLook(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.kafkaDown, w.looks = true, 0 })
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				snapshot, err := s.engine.Sampler().SeeAll(context.Background(), s.book.Components[0])
				if err != nil || snapshot.Lag.Known() {
					t.Errorf("got known %v and %v, want unknown lag", snapshot.Lag.Known(), err)
				}
			})
		}
		group.Wait()
		s.world.edit(func(w *world) {
			if w.looks > 5 {
				t.Errorf("looks: got %d for 5 callers, want no more", w.looks)
			}
		})
	})
}

// A rebalance is seen: its time is told, and its points do not count as capacity.
func TestRebalanceSeen(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.set(7, "kubectl")
		s.wait(2 * time.Minute)
		group, known := s.snapshot().Group.Get()
		if !known || group.LastRebalanceAt.IsZero() {
			t.Errorf("group: got %+v, want the time of the last rebalance", group)
		}
		moving := 0
		for _, p := range s.engine.Sampler().Past("download-worker", 3*time.Minute) {
			if p.Moving {
				moving++
			}
		}
		if moving == 0 || moving > 4 {
			t.Errorf("moving points: got %d, want those around the rebalance only", moving)
		}
	})
}

// A window of hours is filled from the metrics' history after a start, and looks at the
// live pace do not shorten the past.
func TestPast(t *testing.T) {
	prepare := func(s *stage) {
		for ago := 4 * time.Hour; ago > 0; ago -= 15 * time.Second {
			s.world.history = append(s.world.history, scale.Point{At: time.Now().Add(-ago), CPU: 0.2, Lag: scale.Missing})
		}
	}
	play(t, 6, prepare, func(t *testing.T, s *stage) {
		past := s.engine.Sampler().Past("download-worker", 5*time.Hour)
		if len(past) == 0 || time.Since(past[0].At) < 4*time.Hour-2*time.Minute {
			t.Fatalf("got %d points, want four hours", len(past))
		}
		s.engine.Sampler().Heat("download-worker", time.Hour)
		s.wait(time.Hour)
		past = s.engine.Sampler().Past("download-worker", time.Hour)
		if gap := time.Since(past[0].At); gap < 59*time.Minute {
			t.Errorf("after an hour at the live pace: got the last %s, want the whole hour", gap)
		}
		for i := 1; i < len(past); i++ {
			if gap := past[i].At.Sub(past[i-1].At); gap > 30*time.Second {
				t.Errorf("gap in the past: got %s at %s, want none", gap, past[i].At)
			}
		}
	})
}

// a rule that a runbook file may ask for can be judged: a window of hours fills for
// every row, also where the samples are as far apart as the longest gap allows.
func TestEveryRowsWindowFills(t *testing.T) {
	for name, tt := range map[string]struct {
		sample time.Duration
		limits map[scale.Rule]func(*scale.Policy) *scale.Limit
	}{
		"the runbook's own pace": {15 * time.Second, map[scale.Rule]func(*scale.Policy) *scale.Limit{
			"R-001": func(p *scale.Policy) *scale.Limit { return &p.Up.Lag }, "R-002": func(p *scale.Policy) *scale.Limit { return &p.Up.Latency },
		}},
		"a sample a minute": {time.Minute, map[scale.Rule]func(*scale.Policy) *scale.Limit{"R-003": func(p *scale.Policy) *scale.Limit { return &p.Up.CPU }}},
		"half a minute":     {30 * time.Second, map[scale.Rule]func(*scale.Policy) *scale.Limit{"R-004": func(p *scale.Policy) *scale.Limit { return &p.Up.Memory }}},
	} {
		t.Run(name, func(t *testing.T) {
			prepare := func(s *stage) {
				p := &s.book.Policy
				p.Times.Sample = tt.sample
				p.Up.Lag.For, p.Down.Lag.For, p.Down.CPU.For, p.Down.Memory.For = 0, 0, 0, 0
				for _, limit := range tt.limits {
					limit(p).For = 6 * time.Hour
					limit(p).Value = -1 // every sample is above it
				}
			}
			play(t, 6, prepare, func(t *testing.T, s *stage) {
				s.wait(6*time.Hour + 2*time.Minute)
				status, err := s.desk().Status(t.Context(), "download-worker")
				if err != nil {
					t.Fatal(err)
				}
				fired := 0
				for _, f := range status.Advice.Findings {
					if _, asked := tt.limits[f.Rule]; !asked {
						continue
					}
					if fired++; f.Outcome != scale.Fires {
						t.Errorf("%s: got %s %q, want it to fire after six hours", f.Rule, f.Outcome, f.Sentence)
					}
				}
				if fired != len(tt.limits) {
					t.Errorf("judged %d of the %d rules", fired, len(tt.limits))
				}
			})
		})
	}
}

// a live view follows the numbers about every 10 s, CPU and memory no older than
// that among them, and ends by itself; more than eight are refused.
func TestWatch(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		var err error
		for range 9 {
			err = s.desk().Watch(t.Context(), "download-worker", carl, "C0INCIDENT", "", time.Minute)
		}
		wantCode(t, err, "too_many_watches")
		s.wait(2 * time.Minute)
		lives, live := 0, engine.Status{}
		s.room.read(func(r *room) { lives, live = r.lives, r.live })
		if use := live.Snapshot.Usage; !use.Known() || live.Snapshot.At.Sub(use.At) > 10*time.Second {
			t.Errorf("the use of the pods is %+v at %s, want it known and at most 10 s old", use, live.Snapshot.At)
		}
		if lives < 8*5 || lives > 8*8 {
			t.Errorf("looks of eight views in a minute: got %d, want about one every 10 s each", lives)
		}
		s.wait(2 * time.Minute)
		s.room.read(func(r *room) {
			if r.lives != lives {
				t.Errorf("after its time: got %d more edits, want none", r.lives-lives)
			}
		})
		if err := s.desk().Watch(t.Context(), "download-worker", carl, "C0INCIDENT", "", time.Minute); err != nil {
			t.Errorf("after others ended: got %v, want a view", err)
		}
	})
}

// A panic in one component's reading does not end the work.
func TestPanic(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		op := s.approve(s.propose(9), ana)
		once := true
		s.world.edit(func(w *world) {
			w.onWrite = func() error {
				if once {
					once = false
					panic("a bug")
				}
				return nil
			}
		})
		s.wait(2 * time.Minute)
		s.wantState(op.ID, ledger.Watching)
		s.wantWrites(1)
	})
}
