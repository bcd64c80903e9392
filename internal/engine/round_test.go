package engine_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/memstore"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

// slowWorld is a world whose parts answer slowly, as over a slow network.
type slowWorld struct {
	*world
	mu    sync.Mutex
	takes map[string]time.Duration
	// begun and under count the readings of a part: all of them, and those in progress; most is
	// the highest value of under.
	begun, under, most map[string]int
	clock              pace.Clock
}

// through delays a part, and reports whether its reading ended in time.
func (w *slowWorld) through(ctx context.Context, part string) bool {
	w.mu.Lock()
	w.begun[part]++
	w.under[part]++
	w.most[part] = max(w.most[part], w.under[part])
	takes := w.takes[part]
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.under[part]--
	}()
	select {
	case <-ctx.Done():
		return false
	case <-time.After(takes):
		return true
	}
}

func (w *slowWorld) take(part string, time time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.takes[part] = time
}

func (w *slowWorld) counts(part string) (begun, under, most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.begun[part], w.under[part], w.most[part]
}

// Lags are measured when their reading begins, as with Kafka.
func (w *slowWorld) Lags(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Lag] {
	lags := w.world.Lags(ctx, components)
	for name, reading := range lags {
		reading.At = w.clock.Now()
		lags[name] = reading
	}
	if !w.through(ctx, "lags") {
		return each(components, func() scale.Reading[scale.Lag] {
			return scale.Unknown[scale.Lag]("no broker answered in time", w.clock.Now(), "Kafka")
		})
	}
	return lags
}

func (w *slowWorld) Workloads(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload] {
	if !w.through(ctx, "workloads") {
		return each(components, func() scale.Reading[scale.Workload] {
			return scale.Unknown[scale.Workload]("no answer from the API server in time", w.clock.Now(), "Kubernetes")
		})
	}
	all := w.world.Workloads(ctx, components)
	for name, reading := range all {
		reading.At = w.clock.Now()
		all[name] = reading
	}
	return all
}

func (w *slowWorld) Owners(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	w.through(ctx, "owners")
	return w.world.Owners(ctx, components)
}

func (w *slowWorld) Rooms(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Room] {
	w.through(ctx, "rooms")
	return w.world.Rooms(ctx, components, workloads)
}

func (w *slowWorld) Signals(ctx context.Context, c scale.Component, pods []scale.Pod) scale.Signals {
	w.through(ctx, "signals")
	return w.world.Signals(ctx, c, pods)
}

func (w *slowWorld) History(ctx context.Context, c scale.Component, since, until time.Time, step time.Duration) ([]scale.Point, error) {
	if !w.through(ctx, "history") {
		return nil, ctx.Err()
	}
	return w.world.History(ctx, c, since, until, step)
}

// playSlow runs a test from the start of an engine whose parts take the given time to read.
func playSlow(t *testing.T, speed float64, takes map[string]time.Duration, script func(*testing.T, *stage, *slowWorld)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &stage{t: t, world: newWorld(6), room: newRoom(), store: memstore.New(), book: book(t)}
		w := &slowWorld{world: s.world, takes: takes, begun: map[string]int{}, under: map[string]int{}, most: map[string]int{}, clock: pace.New(speed)}
		config := s.config()
		config.Kafka, config.Cluster, config.Metrics, config.Clock = w, w, w, w.clock
		s.startWith(config)
		defer func() { s.stop() }()
		script(t, s, w)
	})
}

// A round that takes longer than others wait for it is judged when it ends, and not at the next
// round: the alert comes within an interval plus the time of the round.
func TestAnAlertDoesNotWaitForTheNextRound(t *testing.T) {
	const takes = 3 * time.Second
	for at := range 5 { // at several points of the interval
		playSlow(t, 1, map[string]time.Duration{"lags": takes}, func(t *testing.T, s *stage, w *slowWorld) {
			s.wait(time.Minute + time.Duration(at)*3*time.Second)
			s.world.edit(func(w *world) { w.lag = 14_400 })
			s.wait(s.book.Policy.Times.Sample + takes + 100*time.Millisecond)
			if s.room.posted("download-worker-alert-1") != 1 {
				t.Errorf("%d s after a round: no alert within an interval and the %s of a sweep", 3*at, takes)
			}
		})
	}
}

// The first round ends soon although one part hangs: that part is unknown, and the others are
// known. A late answer is used when it arrives, with its real age.
func TestARoundDoesNotWaitForItsSlowestPart(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{"lags": 20 * time.Second, "history": 10 * time.Second}, func(t *testing.T, s *stage, w *slowWorld) {
		s.wait(1500 * time.Millisecond)
		if s.engine.Sampler().LastSample().IsZero() {
			t.Fatal("1.5 s after the start there is no sample, want one")
		}
		snapshot := s.snapshot()
		if snapshot.Lag.Known() || snapshot.Lag.Why() != "still reading" || snapshot.Lag.At.IsZero() {
			t.Errorf("lag: got %+v, want that it is still being read", snapshot.Lag)
		}
		if !snapshot.Workload.Known() || !snapshot.Usage.Known() || !snapshot.Group.Known() || !snapshot.Owner.Known() || !snapshot.Signals.Latency.Known() {
			t.Errorf("got %+v, want everything but the lag", snapshot)
		}
		s.wait(15 * time.Second)
		if begun, under, most := w.counts("lags"); begun != 1 || under != 1 || most != 1 {
			t.Errorf("after two rounds: %d lag readings begun, %d under way, at most %d; want the one", begun, under, most)
		}
		s.wait(15 * time.Second) // the third round, at 30 s, has what came at 20 s.
		lag := s.snapshot().Lag
		if age := lag.Age(time.Now()).Round(time.Second); !lag.Known() || age < 30*time.Second || age > 33*time.Second {
			t.Errorf("third round: got known %t (%s) of age %s, want the late lag with its age", lag.Known(), lag.Why(), age)
		}
	})
}

// Lag that arrives late still gives rates, because its points have the time at which it was
// measured. This holds when a reading takes longer than a round, or starts to be late.
func TestRatesFromLateLag(t *testing.T) {
	for _, c := range []struct{ first, then time.Duration }{{3 * time.Second, 3 * time.Second}, {20 * time.Second, 20 * time.Second}, {0, 20 * time.Second}} {
		playSlow(t, 1, map[string]time.Duration{"lags": c.first}, func(t *testing.T, s *stage, w *slowWorld) {
			s.wait(5 * time.Minute)
			w.take("lags", c.then)
			s.wait(7 * time.Minute)
			rates, known := s.snapshot().Rates.Get()
			if !known || rates.Arrival < 475 || rates.Arrival > 485 {
				t.Errorf("lag takes %s: got %v msg/s arriving (%s), want about 480", c.then, rates.Arrival, s.snapshot().Rates.Why())
			}
			past := s.engine.Sampler().Past("download-worker", 6*time.Minute)
			for i, p := range past {
				if scale.IsMissing(p.Lag) || i > 0 && p.At.Sub(past[i-1].At) > 45*time.Second {
					t.Errorf("lag takes %s: point %d at %s has lag %v, want one with lag every 45 s at least", c.then, i, p.At, p.Lag)
				}
				if end := partitions * (1e6 + perPartition*p.At.Sub(w.began).Seconds()); p.Ends < end-partitions || p.Ends > end+partitions {
					t.Errorf("lag takes %s: the ends at %s are %v, want %v of that time", c.then, p.At, p.Ends, end)
				}
			}
		})
	}
}

// While the workers' metrics pages hang and the demo's clock runs sixty times faster, rates are
// still known: they come from Kafka.
func TestRatesWhileTheWorkersHang(t *testing.T) {
	playSlow(t, 60, map[string]time.Duration{"signals": 2 * time.Second}, func(t *testing.T, s *stage, w *slowWorld) {
		s.wait(2 * time.Second)
		for range 40 {
			s.wait(500 * time.Millisecond)
			if rates := s.snapshot().Rates; w.clock.Since(s.engine.Sampler().LastSample()) > 2*time.Minute || !rates.Known() && w.clock.Now().Sub(w.began) > 10*time.Minute {
				t.Fatalf("%s after the start: last sample %s ago, rates %q; want both at hand",
					w.clock.Now().Sub(w.began), w.clock.Since(s.engine.Sampler().LastSample()), rates.Why())
			}
		}
		if _, _, most := w.counts("signals"); most != 1 {
			t.Errorf("the workers were asked %d times at once, want once", most)
		}
	})
}

// A known part remains known while it is read again, until it is too old.
func TestAPartThatHangsLater(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{}, func(t *testing.T, s *stage, w *slowWorld) {
		s.wait(time.Minute)
		w.take("workloads", time.Hour) // ended by its deadline
		s.wait(20 * time.Second)
		snapshot := s.snapshot()
		if age := snapshot.Workload.Age(time.Now()); !snapshot.Workload.Known() || age < 15*time.Second {
			t.Errorf("workload: got known %t of age %s, want the one before", snapshot.Workload.Known(), age)
		}
		if age := snapshot.Signals.Latency.Age(time.Now()); !snapshot.Signals.Latency.Known() || age > 16*time.Second {
			t.Errorf("signals: got known %t of age %s, want them read by the pods last seen", snapshot.Signals.Latency.Known(), age)
		}
		s.wait(2 * time.Minute)
		if workload := s.snapshot().Workload; workload.Known() || workload.Why() != "no answer from the API server in time" {
			t.Errorf("later: got known %t, %q; want unknown with the reason", workload.Known(), workload.Why())
		}
		if _, _, most := w.counts("workloads"); most != 1 {
			t.Errorf("workloads were read %d times at once, want once", most)
		}
	})
}

// A value that was read for a decision is newer than a late answer of a round, and remains.
func TestALookIsNewerThanALateAnswer(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{"lags": 20 * time.Second}, func(t *testing.T, s *stage, w *slowWorld) {
		s.wait(5 * time.Second)
		w.take("lags", 0)
		if _, err := s.engine.Sampler().SeeAll(t.Context(), s.book.Components[0]); err != nil {
			t.Fatal(err)
		}
		w.take("lags", time.Hour)
		s.wait(26 * time.Second)
		if lag := s.snapshot().Lag; !lag.Known() || lag.At.Sub(w.began) < 5*time.Second {
			t.Errorf("got known %t of %s after the start, want what the look saw", lag.Known(), lag.At.Sub(w.began))
		}
	})
}

// A value from an earlier round is not a sample of the present: the series has a gap there.
func TestWhatIsKeptIsNoSample(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.kafkaDown = true })
		s.wait(40 * time.Second)
		if !s.snapshot().Lag.Known() {
			t.Fatalf("40 s after the failure: got %q, want the lag kept", s.snapshot().Lag.Why())
		}
		past := s.engine.Sampler().Past("download-worker", 35*time.Second)
		for _, p := range past {
			if !scale.IsMissing(p.Lag) || p.CPU != 0.5 {
				t.Errorf("at %s: got lag %v and CPU %v, want no lag and what was read", p.At, p.Lag, p.CPU)
			}
		}
		if len(past) != 2 {
			t.Errorf("got %d points, want 2", len(past))
		}
	})
}

// Readiness does not wait for the history, and the history is still inserted before the present.
func TestThePastComesLater(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{"history": 10 * time.Second}, func(t *testing.T, s *stage, w *slowWorld) {
		w.edit(func(w *world) {
			for ago := 4 * time.Hour; ago >= 0; ago -= 15 * time.Second {
				w.history = append(w.history, scale.Point{At: time.Now().Add(-ago), CPU: 0.2, Lag: scale.Missing})
			}
		})
		s.wait(time.Minute)
		past := s.engine.Sampler().Past("download-worker", 5*time.Hour)
		if len(past) < 300 || time.Since(past[0].At) < 4*time.Hour-2*time.Minute {
			t.Fatalf("got %d points, want four hours", len(past))
		}
		lags := 0
		for i, p := range past {
			if i > 0 && !p.At.After(past[i-1].At) {
				t.Errorf("point %d at %s is not after the one before", i, p.At)
			}
			if !scale.IsMissing(p.Lag) {
				lags++
			}
		}
		if lags < 4 {
			t.Errorf("got %d points with lag, want those of the first minute too", lags)
		}
	})
}

// While one component is read more often, late answers about owners and room are recorded for all
// components. They used to be recorded for that one only, minute after minute.
func TestWhatIsReadSeldomIsForAll(t *testing.T) {
	play(t, 6, many(3), func(t *testing.T, s *stage) {
		s.stop()
		w := &slowWorld{
			world: s.world, takes: map[string]time.Duration{"owners": 1500 * time.Millisecond, "rooms": 1500 * time.Millisecond},
			begun: map[string]int{}, under: map[string]int{}, most: map[string]int{}, clock: pace.New(1),
		}
		config := s.config()
		config.Cluster = w
		s.startWith(config)
		s.engine.Sampler().Heat("download-worker", time.Hour)
		for minute := range 3 {
			s.wait(time.Minute)
			for _, c := range s.book.Components {
				seen := s.engine.Sampler().Snapshot(c.Name)
				if !seen.Owner.Known() || !seen.Room.Known() || seen.Owner.Age(seen.At) > time.Minute {
					t.Errorf("minute %d, %s: got owner %q, %s old, and room %q; want both, read within the minute",
						minute, c.Name, seen.Owner.Why(), seen.Owner.Age(seen.At), seen.Room.Why())
				}
			}
		}
	})
}

// A reading that nobody waits for any more ends.
func TestALookEndsWithItsCallers(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{}, func(t *testing.T, s *stage, w *slowWorld) {
		s.wait(time.Minute)
		w.take("lags", time.Hour)
		_, before, _ := w.counts("lags")
		short, cancelShort := context.WithTimeout(t.Context(), time.Second)
		defer cancelShort()
		long, cancelLong := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancelLong()
		var group sync.WaitGroup
		for _, ctx := range []context.Context{short, long} {
			group.Go(func() {
				if _, err := s.engine.Sampler().SeeAll(ctx, s.book.Components[0]); err == nil {
					t.Error("a look that was given up gave an answer")
				}
			})
		}
		s.wait(2 * time.Second)
		if _, under, _ := w.counts("lags"); under != before+1 {
			t.Errorf("with one caller left: got %d readings under way, want one", under-before)
		}
		group.Wait()
		if _, under, _ := w.counts("lags"); under != before {
			t.Errorf("with no caller left: got %d readings under way, want none", under-before)
		}
		if lag := s.snapshot().Lag; !lag.Known() {
			t.Errorf("lag: got %q, want nothing recorded of what was given up", lag.Why())
		}
	})
}

// Being stopped does not wait for what hangs.
func TestStoppingWhileAPartHangs(t *testing.T) {
	playSlow(t, 1, map[string]time.Duration{"lags": time.Hour, "signals": time.Hour, "history": time.Hour}, func(t *testing.T, s *stage, _ *slowWorld) {
		s.wait(5 * time.Second)
		began := time.Now()
		s.stop()
		if took := time.Since(began); took > time.Second {
			t.Errorf("stopping took %s, want no waiting", took)
		}
	})
}
