package review

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// later is a change from 6 to 9 that was written so long ago, with 14,200 messages waiting,
// and settled a minute after that; lag falls by 20 msg/s since.
type later struct {
	op Scaled
	w  *measuretest.World
}

func changed(ago time.Duration) *later {
	before := measuretest.Spike(14_200)
	before.Now.Signals.Latency.Value, before.Now.Signals.Breaker.Value = 3, scale.Breaker{Open: 2, Of: 6}
	before.Now.Signals.Errors.Value.Share = 0.002
	op := operation(before, 9)
	op.Steps[0].Rollout.WrittenAt, op.Steps[0].Rollout.StableAt = scaletest.Start.Add(-ago), scaletest.Start.Add(time.Minute-ago)
	w := measuretest.CalmWorld().Workers(9).Lag(900)
	w.Now.Group.Value = measuretest.GroupOf(9, 24)
	l := &later{op: op, w: w}
	l.falling(20)
	return l
}

// falling makes the lag fall by so many messages per second since the change settled.
func (l *later) falling(perSecond float64) {
	now := float64(l.w.Now.Lag.Value.Total)
	l.w.Remember(2*time.Hour, func(ago time.Duration, p *scale.Point) {
		p.Lag, p.Errors = now+perSecond*ago.Seconds(), 0.002
		p.Commits = p.Ends - p.Lag
		if p.At.Before(l.op.Rollout().WrittenAt) {
			p.Lag, p.Commits = 14_200, p.Ends-14_200
		}
	})
}

// unread hides one partition.
func (l *later) unread(i int) {
	p := &l.w.Now.Lag.Value.Partitions[i]
	p.Flag, p.Err = scale.LagUnknown, "no leader"
	l.w.Now.Lag.Value = scale.SumLag(l.w.Now.Lag.Value.Partitions, nil)
}

// errorsBefore sets the share of errors that was seen before the change.
func (l *later) errorsBefore(share float64) {
	for i := range l.w.Past {
		l.w.Past[i].Errors = float32(share)
	}
}

// writes sets the rates of writes before and after the change.
func (l *later) writes(before, now float64) {
	l.w.Component.Metrics.Writes = scale.Metric{Name: "writes_total"}
	l.op.Before.Signals.Writes, l.w.Now.Signals.Writes = scale.Known(before, scaletest.Start, "scrape"), scale.Known(now, scaletest.Start, "scrape")
}

// behind sets the lag of what the component feeds, before and after the change.
func (l *later) behind(before, now int64) {
	l.op.Before.Downstream = map[string]scale.Reading[int64]{"result-processor": scale.Known(before, scaletest.Start, scale.Broker)}
	l.w.Now.Downstream = map[string]scale.Reading[int64]{"result-processor": scale.Known(now, scaletest.Start, scale.Broker)}
}

// said is one row of a checklist: what it says in the world that edit bends.
type said struct {
	rule, name string
	edit       func(*later)
	want       string
}

func (x said) check(t *testing.T, ago time.Duration, at stage) {
	t.Helper()
	l := changed(ago)
	if x.edit != nil {
		x.edit(l)
	}
	for _, check := range newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past).checks(at) {
		if string(check.Rule) == x.rule {
			if got := measuretest.Line(check); got != x.want {
				t.Errorf("%s %s: got %q, want %q", x.rule, x.name, got, x.want)
			}
			return
		}
	}
	t.Errorf("no check for %s", x.rule)
}

// T-35: the value before and after, how it is judged and why.
func TestTheReportAfterFiveMinutes(t *testing.T) {
	for _, x := range []said{
		{"R-114", "all", nil, "pass: 6/6 ready → 9/9 ready ()"},
		{"R-114", "another count", func(l *later) { l.w.Workers(8) }, "fail: 6/6 ready → 8/8 ready (8 are wanted now, not 9)"},
		{"R-114", "another count, by somebody", func(l *later) { l.w.Workers(8).Change(func(w *scale.Workload) { w.ReplicasBy = "kubectl" }) }, "fail: 6/6 ready → 8/8 ready (8 are wanted now, not 9, set by kubectl)"},
		{"R-114", "one crashes", func(l *later) {
			l.w.Change(func(w *scale.Workload) { w.Pods[1].Ready, w.Pods[1].Waiting = false, "CrashLoopBackOff" })
		}, "fail: 6/6 ready → 8/9 ready (download-worker-1: CrashLoopBackOff)"},
		{"R-114", "one is not there", func(l *later) { l.w.Change(func(w *scale.Workload) { w.Pods = w.Pods[:8] }) }, "fail: 6/6 ready → 8/9 ready ()"},
		{"R-114", "a rollout", func(l *later) { l.w.Change(func(w *scale.Workload) { w.Rolling = true }) }, "warn: 6/6 ready → 9/9 ready (a rollout is in progress, counted are the new pods (T-37))"},
		{"R-114", "before unknown", func(l *later) { l.op.Before.Workload = scale.Reading[scale.Workload]{} }, "pass:  → 9/9 ready ()"},
		{"R-115", "even", nil, "pass: 6 members, 4 each → 24 partitions over 9 members, 2–3 each ()"},
		{"R-115", "timed", func(l *later) { l.op.Steps[0].Rollout.RebalanceAt = l.op.Rollout().StableAt.Add(-20 * time.Second) }, "pass: 6 members, 4 each → 24 partitions over 9 members, 2–3 each (took 20 s)"},
		{"R-115", "at once", func(l *later) { l.op.Steps[0].Rollout.RebalanceAt = l.op.Rollout().StableAt }, "pass: 6 members, 4 each → 24 partitions over 9 members, 2–3 each ()"},
		{"R-115", "still moving", func(l *later) {
			l.w.Now.Group.Value.State = "PreparingRebalance"
			l.op.Steps[0].Rollout.RebalanceAt = l.op.Rollout().StableAt.Add(-20 * time.Second)
		}, "fail: 6 members, 4 each → 24 partitions, group PreparingRebalance (the group still hands out partitions)"},
		{"R-115", "fewer members", func(l *later) { l.w.Now.Group.Value = measuretest.GroupOf(8, 24) }, "fail: 6 members, 4 each → 24 partitions over 8 members, 3 each (8 members for 9 pods (T-36))"},
		{"R-115", "one member", func(l *later) { l.w.Now.Group.Value = measuretest.GroupOf(1, 24) }, "fail: 6 members, 4 each → 24 partitions over 1 member, 24 each (1 member for 9 pods (T-36))"},
		{"R-115", "more members", func(l *later) { l.w.Now.Group.Value = measuretest.GroupOf(10, 24) }, "warn: 6 members, 4 each → 24 partitions over 10 members, 2–3 each (10 members for 9 pods: somebody else consumes in the group)"},
		{"R-115", "a pod without a consumer", func(l *later) { l.w.Addressed().Consumers(1, 1, 1, 1, 1, 1, 1, 1, 0) }, "fail: 6 members, 4 each → 24 partitions over 8 members, 3 each (without a consumer in the group (T-36): download-worker-8)"},
		{"R-115", "a pod with fewer", func(l *later) { l.w.Addressed().Consumers(3, 3, 3, 3, 3, 3, 3, 3, 2) }, "warn: 6 members, 4 each → 24 partitions over 26 members, 0–1 each (2 members without a partition)"},
		{"R-115", "somebody elsewhere", func(l *later) {
			l.w.Addressed().Consumers(1, 1, 1, 1, 1, 1, 1, 1, 1).Strangers(1, "xact.downloads.pending")
		}, "warn: 6 members, 4 each → 24 partitions over 10 members, 1–3 each (1 member that runs elsewhere reads its topics too)"},
		{"R-115", "before unknown", func(l *later) { l.op.Before.Group = scale.Reading[scale.Group]{} }, "pass:  → 24 partitions over 9 members, 2–3 each ()"},
		{"R-115", "group unknown", func(l *later) { l.w.Now.Group = scale.Unknown[scale.Group]("no answer", scaletest.Start, scale.Broker) }, "unknown: 6 members, 4 each → unknown (no answer)"},
		{"R-116", "below the floor", nil, "pass: 0.2 % → 0.1 % ()"},
		{"R-116", "at the floor", func(l *later) { l.w.Now.Signals.Errors.Value.Share = 0.01 }, "pass: 0.2 % → 1 % ()"},
		{"R-116", "over it, and more than twice as many", func(l *later) {
			l.w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.011, Kinds: map[string]float64{"timeout": 4}}
		}, "fail: 0.2 % → 1.1 % (timeout 4/s)"},
		{"R-116", "over it, and just twice as many", func(l *later) {
			l.w.Now.Signals.Errors.Value.Share = 1. / 32
			l.errorsBefore(1. / 64)
		}, "warn: 1.6 % → 3.1 % (high, but not more than 2 times the rate before)"},
		{"R-116", "over it, and as before", func(l *later) {
			l.w.Now.Signals.Errors.Value.Share = 1. / 32
			l.errorsBefore(1. / 32)
		}, "warn: 3.1 % → 3.1 % (high, but not higher than before)"},
		{"R-116", "over it, and before unknown", func(l *later) {
			l.w.Now.Signals.Errors.Value.Share = 0.02
			l.errorsBefore(scale.Missing)
			l.op.Before.Signals.Errors = scale.Reading[scale.ErrorRate]{}
		}, "unknown:  → 2 % (the error rate before the change is unknown)"},
		{"R-117", "low", nil, "pass: 14,200, stable → 900, falling by 20 msg/s (lag is low)"},
		{"R-117", "falling", func(l *later) { l.w.Lag(6000) }, "pass: 14,200, stable → 6,000, falling by 20 msg/s ()"},
		{"R-117", "falling from a peak", func(l *later) { l.w.Lag(16000) }, "pass: 14,200, stable → 16,000, falling by 20 msg/s (more than at the write, and falls since the rebalance)"},
		{"R-117", "flat", func(l *later) { l.w.Lag(16000); l.falling(0) }, "warn: 14,200, stable → 16,000, stable (neither better nor worse)"},
		{"R-117", "rose until it settled (T-25)", func(l *later) {
			l.w.Lag(6000)
			l.op.Steps[0].Rollout.StableAt = scaletest.Start.Add(-45 * time.Second)
			l.w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
				since := 45 - ago.Seconds()
				p.Lag = 6900 + 100*min(0, since) - 20*max(0, since)
				p.Commits = p.Ends - p.Lag
				if p.At.Before(l.op.Rollout().WrittenAt) {
					p.Lag = 14_200
				}
			})
		}, "pass: 14,200, stable → 6,000, falling by 20 msg/s ()"},
		{"R-117", "rising", func(l *later) { l.w.Lag(16000); l.falling(-20) }, "fail: 14,200, stable → 16,000, rising by 20 msg/s (lag rises)"},
		{"R-117", "one partition is not read", func(l *later) { l.unread(2) }, "unknown: 14,200, stable → at least 862, falling by 20 msg/s (lag is unknown on 1 of 24 partitions)"},
		{"R-117", "nothing seen since", func(l *later) { l.w.Lag(16000); l.op.Steps[0].Rollout.StableAt = scaletest.Start }, "unknown: 14,200, stable → 16,000, trend unknown (too little has been seen since the rebalance)"},
		{"R-117", "trend before unknown", func(l *later) { l.op.Plan.Trend = "" }, "pass: 14,200 → 900, falling by 20 msg/s (lag is low)"},
		{"R-053", "low", func(l *later) { l.op.From = 10 }, "pass: 14,200, stable → 900, falling by 20 msg/s (lag is low)"},
		{"R-053", "falling", func(l *later) { l.op.From = 10; l.w.Lag(6000) }, "warn: 14,200, stable → 6,000, falling by 20 msg/s (lag is not low, but falls)"},
		{"R-053", "rising", func(l *later) { l.op.From = 10; l.w.Lag(6000); l.falling(-20) }, "fail: 14,200, stable → 6,000, rising by 20 msg/s (lag rises)"},
		{"R-047", "more", func(l *later) { l.writes(40, 62) }, "pass: 40/s → 62/s ()"},
		{"R-047", "just enough", func(l *later) { l.writes(40, 38) }, "pass: 40/s → 38/s ()"},
		{"R-047", "fewer", func(l *later) { l.writes(40, 37.5) }, "warn: 40/s → 38/s ()"},
		{"R-047", "few", func(l *later) { l.writes(9.25, 10) }, "pass: 9.2/s → 10/s ()"},
		{"R-047", "fewer, after fewer workers", func(l *later) { l.writes(40, 20); l.op.From = 10 }, "pass: 40/s → 20/s ()"},
		{"R-047", "before unknown", func(l *later) { l.writes(40, 20); l.op.Before.Signals.Writes = scale.Reading[float64]{} }, "unknown:  → 20/s (the rate before the change is unknown)"},
		{"R-047", "from some of the pods", func(l *later) {
			l.writes(40, 20)
			l.w.Now.Signals.Writes.AtLeast, l.w.Now.Signals.Writes.Note = true, "from 5 of 9 pods"
		}, "unknown: 40/s → at least 20/s (from 5 of 9 pods)"},
		{"T-35", "little behind it", func(l *later) { l.behind(100, 10_000) }, "pass: 100 → 10,000 ()"},
		{"T-35", "more behind it", func(l *later) { l.behind(100, 10_001) }, "warn: 100 → 10,001 (the backlog moves there)"},
		{"T-35", "as much as before", func(l *later) { l.behind(20_000, 20_000) }, "pass: 20,000 → 20,000 ()"},
		{"T-35", "before unknown", func(l *later) { l.behind(0, 20_000); l.op.Before.Downstream = nil }, "warn:  → 20,000 (the backlog moves there)"},
		{"T-35", "unknown", func(l *later) { l.w.Now.Downstream = nil }, "unknown:  → unknown (not measured)"},
		{"R-044", "keeps up", nil, "pass: 600 msg/s → 450 msg/s (keeps up with arrivals of 450 msg/s)"},
		{"R-044", "just keeps up", func(l *later) { l.w.Now.Rates.Value = scale.Rates{Arrival: 400, Consumption: 380} }, "pass: 600 msg/s → 380 msg/s (keeps up with arrivals of 400 msg/s)"},
		{"R-044", "no more than before", func(l *later) { l.w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 450} }, "fail: 600 msg/s → 450 msg/s (not higher than before, while 900 msg/s arrive)"},
		{"R-044", "more than before", func(l *later) { l.w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 800} }, "warn: 600 msg/s → 800 msg/s (less than the 900 msg/s that arrive)"},
		{"R-044", "less, after fewer workers", func(l *later) {
			l.w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 300}
			l.op.From = 10
		}, "warn: 600 msg/s → 300 msg/s (less than the 900 msg/s that arrive)"},
		{"R-044", "before unknown", func(l *later) {
			l.w.Now.Rates.Value = scale.Rates{Arrival: 900, Consumption: 700}
			l.op.Before.Rates = scale.Reading[scale.Rates]{}
		}, "unknown:  → 700 msg/s (the rate before the change is unknown)"},
	} {
		x.check(t, 5*time.Minute, immediate)
	}
}

// T-24.
func TestTheReportAfterFifteenMinutes(t *testing.T) {
	for _, x := range []said{
		{"R-118", "what is left is under the limit", nil, "pass: 14,200 → 900 ()"},
		{"R-118", "just under it", func(l *later) { l.w.Lag(4_999) }, "pass: 14,200 → 4,999 ()"},
		{"R-118", "one partition is not read", func(l *later) { l.unread(3) }, "unknown: 14,200 → at least 862 (lag is unknown on 1 of 24 partitions)"},
		{"R-118", "at the limit, without a forecast", func(l *later) { l.w.Lag(5_000) }, "warn: 14,200 → 5,000 (falling, gone in about 4 min; there was no forecast to compare with)"},
		{"R-118", "nobody saw the lag before", func(l *later) {
			l.op.Before.Lag = scale.Reading[scale.Lag]{}
			l.w.Past = measure.Recent(l.w.Past, 10*time.Minute)
		}, "pass:  → 900 ()"},
		{"R-118", "settled just now", func(l *later) {
			l.w.Lag(12_000)
			l.op.Steps[0].Rollout.StableAt = scaletest.Start.Add(-20 * time.Second)
		}, "unknown: 14,200 → 12,000 (where lag is going is unknown)"},
		{"R-118", "within the forecast, as much arrives as before", func(l *later) {
			l.w.Lag(12_000)
			l.op.Before.Rates.Value.Arrival = l.w.Now.Rates.Value.Arrival
			l.op.Plan.After.Drain = ledger.Drain{Known: true, High: 25*time.Minute + time.Second}
		}, "warn: 14,200 → 12,000 (on track: gone in about 10 min, within the forecast)"},
		{"R-118", "within the forecast, less arrives than before", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, High: 25*time.Minute + time.Second}
		}, "warn: 14,200 → 12,000 (on track: gone in about 10 min; the forecast was for other arrivals)"},
		{"R-118", "not within the forecast", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, High: 24 * time.Minute}
		}, "fail: 14,200 → 12,000 (falling too slowly: gone about 25 min after the write, the forecast said at most 24 min)"},
		{"R-118", "longer by what nobody reads", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, High: 25*time.Minute - time.Second}
		}, "warn: 14,200 → 12,000 (on track: gone in about 10 min; the forecast was for other arrivals)"},
		{"R-118", "may never end, within twice the time", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, MayNot: true, Expected: 13 * time.Minute, High: time.Minute}
		}, "warn: 14,200 → 12,000 (on track: gone in about 10 min; the forecast was for other arrivals)"},
		{"R-118", "may never end, longer than that", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, MayNot: true, Expected: 12 * time.Minute, High: time.Hour}
		}, "fail: 14,200 → 12,000 (falling too slowly: gone about 25 min after the write, the forecast said at most 24 min)"},
		{"R-118", "nothing was expected to help", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true, Never: true, High: time.Hour}
		}, "warn: 14,200 → 12,000 (falling, gone in about 10 min; there was no forecast to compare with)"},
		{"R-118", "no forecast", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{High: time.Hour}
		}, "warn: 14,200 → 12,000 (falling, gone in about 10 min; there was no forecast to compare with)"},
		{"R-118", "an empty forecast", func(l *later) {
			l.w.Lag(12_000)
			l.op.Plan.After.Drain = ledger.Drain{Known: true}
		}, "warn: 14,200 → 12,000 (falling, gone in about 10 min; there was no forecast to compare with)"},
		{"R-118", "rising", func(l *later) { l.w.Lag(12_000); l.falling(-10) }, "fail: 14,200 → 12,000 (and rising by 10 msg/s)"},
		{"R-119", "below", nil, "pass: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) ()"},
		{"R-119", "no bound for CPU", func(l *later) { l.w.Now.Usage.Value.CPULimit, l.w.Now.Usage.Value.CPURequest = -1, -1 }, "unknown: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU unknown, memory 50 % of limit (highest pod 60 % and 60 %) (the pods set neither a limit nor a request for CPU)"},
		{"R-119", "no bound for memory", func(l *later) { l.w.Now.Usage.Value.MemoryLimit, l.w.Now.Usage.Value.MemoryRequest = -1, -1 }, "unknown: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU 50 % of limit, memory unknown (highest pod 60 % and 60 %) (the pods set neither a limit nor a request for memory)"},
		{"R-119", "CPU at its bound, none for memory", func(l *later) {
			l.w.Now.Usage.Value.CPULimit = 0.99
			l.w.Now.Usage.Value.MemoryLimit, l.w.Now.Usage.Value.MemoryRequest = -1, -1
		}, "fail: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU 99 % of limit, memory unknown (highest pod 60 % and 60 %) (CPU at its bound; more CPU per pod is the next lever (R-132, R-070))"},
		{"R-119", "idle pods have no highest one", func(l *later) {
			l.w.Now.Usage.Value.CPULimit, l.w.Now.Usage.Value.MemoryLimit, l.w.Now.Usage.Value.CPUPeak, l.w.Now.Usage.Value.MemoryPeak = 0, 0, 0, 0
		}, "pass: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU 0 % of limit, memory 0 % of limit ()"},
		{"R-119", "one highest pod is no pair", func(l *later) { l.w.Now.Usage.Value.CPUPeak = 0 }, "pass: CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) → CPU 50 % of limit, memory 50 % of limit ()"},
		{"R-119", "use before unknown", func(l *later) { l.op.Before.Usage = scale.Reading[scale.Usage]{} }, "pass:  → CPU 50 % of limit, memory 50 % of limit (highest pod 60 % and 60 %) ()"},
		{"R-120", "lower", nil, "pass: 3.0 s → 1.2 s (lower than before)"},
		{"R-120", "as before, and good", func(l *later) { l.w.Now.Signals.Latency.Value = 3 }, "pass: 3.0 s → 3.0 s (not over 5.0 s)"},
		{"R-120", "before unknown, and good", func(l *later) { l.op.Before.Signals.Latency = scale.Reading[float64]{} }, "pass:  → 1.2 s (not over 5.0 s)"},
		{"R-120", "before unknown, and high", func(l *later) {
			l.op.Before.Signals.Latency = scale.Reading[float64]{}
			l.w.Now.Signals.Latency.Value = 7
		}, "unknown:  → 7.0 s (the latency before the change is unknown)"},
		{"R-120", "beyond the largest bucket", func(l *later) {
			l.w.Now.Signals.Latency.Value, l.w.Now.Signals.Latency.AtLeast = 2.5, true
			l.op.Before.Signals.Latency.Value = 2
		}, "unknown: 2.0 s → at least 2.5 s (the largest bucket of the histogram is too small to tell)"},
		{"R-121", "closed", nil, "pass: 2 of 6 open → 0 of 6 open ()"},
		{"R-121", "one still open", func(l *later) { l.w.Now.Signals.Breaker.Value.Open = 1 }, "fail: 2 of 6 open → 1 of 6 open (look at the service behind it)"},
		{"R-121", "before unknown", func(l *later) { l.op.Before.Signals.Breaker = scale.Reading[scale.Breaker]{} }, "pass:  → 0 of 6 open ()"},
	} {
		x.check(t, 15*time.Minute, shortTerm)
	}
}

// T-27.
func TestTheReportAfterAnHour(t *testing.T) {
	for _, x := range []said{
		{"R-122", "low", nil, "pass: 14,200 → 900, falling by 20 msg/s (low)"},
		{"R-122", "at the limit", func(l *later) { l.w.Lag(5000) }, "fail: 14,200 → 5,000, falling by 20 msg/s (not under 5,000)"},
		{"R-122", "one partition is not read", func(l *later) { l.unread(3) }, "unknown: 14,200 → at least 862, falling by 20 msg/s (lag is unknown on 1 of 24 partitions)"},
		{"R-122", "not under five seconds of traffic", func(l *later) { l.w.Lag(2250) }, "pass: 14,200 → 2,250, falling by 20 msg/s (under 5,000, not under 1,000)"},
		{"R-122", "just under them", func(l *later) { l.w.Lag(2249) }, "pass: 14,200 → 2,249, falling by 20 msg/s (low)"},
		{"R-122", "rising", func(l *later) { l.w.Lag(3000); l.falling(-20) }, "warn: 14,200 → 3,000, rising by 20 msg/s (under 5,000 but rising)"},
		{"R-122", "trend unknown", func(l *later) { l.w.Lag(3000); l.w.Past = nil }, "unknown: 14,200 → 3,000, trend unknown (where lag is going is unknown)"},
		{"R-123", "under", nil, "pass: 0.2 % → 0.1 % ()"},
		{"R-123", "at the limit", func(l *later) {
			l.w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.01, Kinds: map[string]float64{"timeout": 4}}
		}, "fail: 0.2 % → 1 % (timeout 4/s)"},
		{"R-123", "before unknown", func(l *later) {
			l.op.Before.Signals.Errors = scale.Reading[scale.ErrorRate]{}
			l.w.Past = nil
		}, "pass:  → 0.1 % ()"},
		{"R-124", "none", nil, "pass:  → 0 restarts, 9/9 ready ()"},
		{"R-124", "more than before", func(l *later) {
			l.op.Before.Workload.Value.Pods[1].Restarts = 2
			l.w.Change(func(w *scale.Workload) {
				w.Pods[1].Restarts, w.Pods[1].LastExit, w.Pods[2].Restarts = 3, "OOMKilled", 2
			})
		}, "fail:  → 3 restarts, 9/9 ready (download-worker-1 restarted 1× (OOMKilled) and download-worker-2 restarted 2×)"},
		{"R-124", "as many as before", func(l *later) {
			l.op.Before.Workload.Value.Pods[1].Restarts = 5
			l.w.Change(func(w *scale.Workload) { w.Pods[1].Restarts = 5 })
		}, "pass:  → 0 restarts, 9/9 ready ()"},
		{"R-124", "not ready", func(l *later) {
			l.w.Change(func(w *scale.Workload) {
				w.Pods[1].Ready, w.Pods[1].LastExit, w.Pods[1].Restarts = false, "OOMKilled", 1
				w.Pods[2].Ready = false
				w.Pods[2].Phase = ""
			})
		}, "fail:  → 1 restart, 7/9 ready (download-worker-1 not ready (running) and download-worker-2 not ready (no reason given))"},
		{"R-124", "too few pods", func(l *later) { l.w.Change(func(w *scale.Workload) { w.Pods = w.Pods[:8] }) }, "fail:  → 0 restarts, 8/9 ready ()"},
		{"R-124", "before unknown", func(l *later) { l.op.Before.Workload = scale.Reading[scale.Workload]{} }, "pass:  → 0 restarts, 9/9 ready (counted since the pods were made)"},
		{"R-124", "many", func(l *later) {
			l.w.Change(func(w *scale.Workload) {
				for i := range 4 {
					w.Pods[i].Restarts = 1
				}
			})
		}, "fail:  → 4 restarts, 9/9 ready (download-worker-0 restarted 1×, download-worker-1 restarted 1×, download-worker-2 restarted 1× and 1 more)"},
		{"R-125", "kept up", nil, "pass: 600 msg/s of 900 msg/s → 450 msg/s of 450 msg/s ()"},
		{"R-125", "just kept up", func(l *later) { l.w.Now.Rates.Value = scale.Rates{Arrival: 400, Consumption: 380} }, "pass: 600 msg/s of 900 msg/s → 380 msg/s of 400 msg/s ()"},
		{"R-125", "falls behind", func(l *later) { l.w.Now.Rates.Value = scale.Rates{Arrival: 400, Consumption: 379} }, "fail: 600 msg/s of 900 msg/s → 379 msg/s of 400 msg/s (less than 95 % of what arrives)"},
		{"R-125", "before unknown", func(l *later) { l.op.Before.Rates = scale.Reading[scale.Rates]{} }, "pass:  → 450 msg/s of 450 msg/s ()"},
	} {
		x.check(t, time.Hour, mediumTerm)
	}
}
