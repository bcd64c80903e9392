package scale

import (
	"fmt"
	"strconv"
	"time"
)

// throughputFinding is R-006: low throughput means something only with demand, which
// is lag above a floor that rises, or busy workers (T-09).
func (v view) throughputFinding() Finding {
	l := v.p.Up.Throughput
	bound := "< " + PerSecond(l.Value) + " per worker"
	rate, known := v.s.Signals.Throughput.Get()
	workers, counted := v.ready()
	switch {
	case !known:
		return unclear(ruleThroughput, "throughput", bound, v.s.Signals.Throughput.Why(), l)
	case !counted:
		return unclear(ruleThroughput, "throughput", bound, v.s.Workload.Why(), l)
	case workers == 0:
		return unclear(ruleThroughput, "throughput", bound, "no worker is ready", l)
	}
	each := rate / float64(workers)
	value := PerSecond(each)
	// A rate is an estimate of some minutes: what reads like the target is not below it.
	if each >= l.Value || value == PerSecond(l.Value) {
		return silent(ruleThroughput, "throughput", value, bound, l)
	}
	if v.s.Signals.Throughput.AtLeast {
		return unclear(ruleThroughput, "throughput", bound, openEnded(v.s.Signals.Throughput, value+" per worker"), l)
	}
	f := firing(ruleThroughput, "throughput", value, bound+v.meanOf(workers), l, ScaleUp)
	f.Limit = bound
	if why := v.noDemand(); why != "" {
		return f.excused("throughput " + value + " per worker is low because " + why)
	}
	return v.demandFinding(f, l)
}

// demandFinding keeps a finding of low throughput only while the demand is as old as the
// measurement and grows: throughput is a mean over the rate window. Busy workers are
// demand.
func (v view) demandFinding(f Finding, l Limit) Finding {
	if v.busyShare() > busyEnough {
		return f
	}
	demand := Limit{For: max(l.For, v.p.Times.RateWindow)}
	h := v.sustained(demand, lagOf, func(x float64) bool { return x > v.p.Up.ThroughputLagFloor })
	why := "throughput " + f.Value + " per worker is low, but the backlog is "
	switch h.outcome {
	case Unclear:
		return unclear(f.Rule, f.Metric, f.Limit, "of the backlog "+h.why(demand), l)
	case Silent:
		return f.excused(why + "younger than " + Span(demand.For))
	case Fires:
	}
	if v.lagBefore(v.s.At.Add(time.Second-demand.For)) >= float64(v.lag.Total) {
		return f.excused(why + "no larger than " + Span(demand.For) + " ago")
	}
	return f
}

// meanOf says what kind of number the throughput per worker is: what a busy one manages
// stands beside it and is another.
func (v view) meanOf(workers int) string {
	if workers < 2 {
		return ""
	}
	text := fmt.Sprintf(" on average of %d", workers)
	if window := v.p.Times.RateWindow; window > 0 {
		text += " in " + Span(window)
	}
	return text
}

// noDemand says why low throughput is no shortage; empty when there is demand.
func (v view) noDemand() string {
	if v.busyShare() > busyEnough {
		return ""
	}
	if !v.lagKnown || v.backlog() <= v.p.Up.ThroughputLagFloor {
		return "there is little to do" + v.beside(" besides ")
	}
	if trend, _ := v.movingTrend(); trend != Rising {
		return "the backlog does not grow" + v.beside(" besides ")
	}
	return ""
}

// busyEnough is the share of a worker's slots in use from which it counts as busy.
const busyEnough = 0.7

// busyShare is the share of all processing slots in use, by the workers' configured
// concurrency; negative when not known.
func (v view) busyShare() float64 {
	busy, known := v.s.Signals.Busy.Get()
	workload, seen := v.s.Workload.Get()
	slots, err := strconv.Atoi(workload.Env[envConcurrency])
	if !known || !seen || err != nil || slots <= 0 || workload.readyPods() == 0 {
		return -1
	}
	return busy / float64(slots*workload.readyPods())
}
