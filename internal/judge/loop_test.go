package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// loop is a closed loop in virtual time: a world with a load that changes, looked at
// every 15 seconds, in which somebody approves what is recommended one minute after the
// alert opened.
type loop struct {
	*measuretest.World
	t         *testing.T
	arrival   func(at time.Duration) float64
	ends, got float64
	// commits is what Kafka knows of got: consumers commit every few seconds.
	commits     float64
	commitEvery time.Duration
	workers     int
	// join is when new pods take part, pausedUntil the end of the rebalance.
	target      int
	join        time.Duration
	pausedUntil time.Duration
	rebalanced  time.Duration

	alert        *ledger.Episode
	opened       int
	moves        []int
	closedAfter  time.Duration
	lagAtOpening int64
}

func (l *loop) run(length time.Duration) {
	l.World = measuretest.CalmWorld()
	l.Past = nil
	l.ends, l.got, l.commits = 1e6, 1e6, 1e6
	for at := time.Duration(0); at <= length; at += time.Second {
		l.second(at)
		if at%(15*time.Second) == 0 {
			l.look(at)
		}
	}
}

func (l *loop) second(at time.Duration) {
	l.ends += l.arrival(at)
	if l.target != l.workers && at >= l.join {
		l.workers, l.pausedUntil, l.rebalanced = l.target, at+20*time.Second, at
	}
	if at >= l.pausedUntil {
		l.got = min(l.ends, l.got+100*min(float64(l.workers), 24))
	}
	if at%max(l.commitEvery, time.Second) == 0 {
		l.commits = l.got
	}
}

func (l *loop) look(at time.Duration) {
	now := scaletest.Start.Add(at)
	moving := at < l.pausedUntil || l.rebalanced > 0 && at-l.pausedUntil < 15*time.Second
	l.Now.At = now
	l.Lag(int64(l.ends - l.commits)).Workers(l.target)
	if l.target != l.workers {
		l.Change(func(w *scale.Workload) {
			for i := l.workers; i < l.target; i++ {
				w.Pods[i].Ready, w.Ready = false, l.workers
			}
		})
	}
	group := measuretest.GroupOf(l.workers, 24)
	if at < l.pausedUntil {
		group.State, group.RebalancingSince = "PreparingRebalance", scaletest.Start.Add(l.rebalanced)
	} else if l.rebalanced > 0 {
		group.LastRebalance, group.LastRebalanceAt = 20*time.Second, scaletest.Start.Add(l.pausedUntil)
	}
	l.Past = append(l.Past, scale.Point{At: now, Ends: l.ends, Commits: l.commits, Lag: l.ends - l.commits, Moving: moving, Replicas: float32(l.target),
		CPU: 0.5, Memory: 0.5, Errors: 0, Latency: 1, Throughput: 500})
	s := &l.Now
	s.Group = scale.Known(group, now, "Kafka")
	s.Rates = scale.Unknown[scale.Rates]("too few samples yet", now, "Kafka")
	if rates, ok := measure.Measure(l.Past, l.Policy); ok {
		s.Rates = scale.Known(rates, now, "Kafka")
	}
	s.Workload.At, s.Lag.At, s.Owner.At, s.Usage.At, s.Room.At, s.Partitions.At = now, now, now, now, now, now
	s.Signals.Latency.At, s.Signals.Errors.At, s.Signals.Throughput.At, s.Signals.Download.At, s.Signals.Breaker.At = now, now, now, now, now
	if s.Rates.Known() {
		s.Signals.Throughput.Value = s.Rates.Value.Consumption
	}
	l.follow(at)
}

func (l *loop) follow(at time.Duration) {
	judged := judge(l.World)
	advice := judged.Advice()
	e, changed := Follow(ledger.EpisodeAlert, judged, l.alert)
	if changed {
		if l.alert == nil || !l.alert.Open() && e.Open() {
			l.opened++
			l.lagAtOpening = e.Lag
		}
		if e.ID == "" {
			e.ID = ledger.EpisodeID("download-worker", ledger.EpisodeAlert, l.opened)
		}
		if !e.Open() && (l.alert == nil || l.alert.Open()) {
			l.closedAfter = at
		}
		l.alert = &e
	}
	if l.alert != nil && l.alert.Open() && advice.Action == scale.ScaleUp && l.target == l.workers && at-l.sinceOpen(at) >= time.Minute {
		l.moves = append(l.moves, advice.To)
		l.target, l.join = advice.To, at+45*time.Second
	}
}

func (l *loop) sinceOpen(at time.Duration) time.Duration {
	return at - l.Now.At.Sub(l.alert.OpenedAt)
}

// wobble makes arrivals uneven, by up to a tenth, the same way every time.
func wobble(rate float64, at time.Duration) float64 {
	x := uint64(at/time.Second) * 2654435761 % 1000
	return rate * (0.9 + 0.2*float64(x)/1000)
}

func TestLoopSpikeIsAnsweredByOneMoveAndOneAlert(t *testing.T) {
	for _, every := range []time.Duration{time.Second, 5 * time.Second, 6 * time.Second, 7 * time.Second} {
		for _, peak := range []float64{850, 900, 950} {
			l := &loop{t: t, workers: 6, target: 6, commitEvery: every, arrival: func(at time.Duration) float64 {
				if at >= 10*time.Minute && at < 40*time.Minute {
					return wobble(peak, at)
				}
				return wobble(450, at)
			}}
			l.run(time.Hour)
			if l.opened != 1 || len(l.moves) != 1 || l.moves[0] != 12 {
				t.Errorf("%v msg/s, commits every %s: got %d alerts and moves to %v, want one and 12", peak, every, l.opened, l.moves)
			}
			if l.alert == nil || l.alert.Open() {
				t.Errorf("%v msg/s, commits every %s: the alert is still open", peak, every)
			}
			if l.lagAtOpening < 10_000 || l.lagAtOpening > 20_000 {
				t.Errorf("%v msg/s, commits every %s: opened at a lag of %d", peak, every, l.lagAtOpening)
			}
		}
	}
}

func TestLoopCalmWorldStaysSilent(t *testing.T) {
	l := &loop{t: t, workers: 6, target: 6, arrival: func(at time.Duration) float64 { return wobble(450+60*float64(int(at.Minutes())%3), at) }}
	l.run(2 * time.Hour)
	if l.opened != 0 {
		t.Errorf("got %d alerts", l.opened)
	}
}

func TestLoopShortBurstThatDrainsByItself(t *testing.T) {
	// 90 s of 800 msg/s make 18,000 messages, which six workers carry away in two minutes.
	l := &loop{t: t, workers: 6, target: 6, arrival: func(at time.Duration) float64 {
		if at >= 10*time.Minute && at < 10*time.Minute+90*time.Second {
			return 800
		}
		return 450
	}}
	l.run(30 * time.Minute)
	if len(l.moves) > 1 || l.opened > 1 {
		t.Errorf("got %d alerts and moves to %v", l.opened, l.moves)
	}
	if l.alert != nil && l.alert.Open() {
		t.Error("the alert is still open")
	}
}
