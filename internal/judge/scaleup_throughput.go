package judge

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// throughputFinding is R-006: low throughput matters only with demand, which is a rising lag
// above a floor, or busy workers (T-09).
func (v View) throughputFinding(t Trigger) scale.Finding {
	l := t.limitIn(v.Policy)
	bound := "< " + scale.PerSecond(l.Value) + " per worker"
	rate, known := v.Now.Signals.Throughput.Get()
	workers, counted := v.Ready()
	switch {
	case !known:
		return t.unclear(bound, v.Now.Signals.Throughput.Why(), l)
	case !counted:
		return t.unclear(bound, v.Now.Workload.Why(), l)
	case workers == 0:
		return t.unclear(bound, "no worker is ready", l)
	}
	each := rate / float64(workers)
	value := scale.PerSecond(each)
	// A rate is an estimate over some minutes: a value that prints like the target is not below
	// it.
	if each >= l.Value || value == scale.PerSecond(l.Value) {
		return t.silent(value, bound, l)
	}
	if v.Now.Signals.Throughput.AtLeast {
		return t.unclear(bound, scale.OpenEnded(v.Now.Signals.Throughput, value+" per worker"), l)
	}
	f := t.firing(value, bound+v.meanOf(workers), l)
	f.Limit = bound
	if why := v.noDemand(); why != "" {
		return f.Excused("throughput " + value + " per worker is low because " + why)
	}
	return v.demandFinding(t, f, l)
}

// demandFinding keeps a finding of low throughput only while demand has lasted as long as the
// measurement and grows, because throughput is a mean over the rate window. Busy workers count as
// demand.
func (v View) demandFinding(t Trigger, f scale.Finding, l scale.Limit) scale.Finding {
	if v.BusyShare() > measure.BusyEnough {
		return f
	}
	demand := scale.Limit{For: max(l.For, v.Policy.Times.RateWindow)}
	h := v.Sustained(demand, measure.LagOf, func(x float64) bool { return x > v.Policy.Up.ThroughputLagFloor })
	why := "throughput " + f.Value + " per worker is low, but the backlog is "
	switch h.Outcome {
	case scale.Unclear:
		return t.unclear(f.Limit, "of the backlog "+h.Why(demand), l)
	case scale.Silent:
		return f.Excused(why + "younger than " + scale.Span(demand.For))
	case scale.Fires:
	}
	if v.LagBefore(v.Now.At.Add(time.Second-demand.For)) >= float64(v.Lag.Total) {
		return f.Excused(why + "no larger than " + scale.Span(demand.For) + " ago")
	}
	return f
}

// meanOf says that the throughput per worker is a mean, because the capacity of a busy worker is
// printed beside it and differs.
func (v View) meanOf(workers int) string {
	if workers < 2 {
		return ""
	}
	text := fmt.Sprintf(" on average of %d", workers)
	if window := v.Policy.Times.RateWindow; window > 0 {
		text += " in " + scale.Span(window)
	}
	return text
}

// noDemand says why low throughput is no shortage; empty when there is demand.
func (v View) noDemand() string {
	if v.BusyShare() > measure.BusyEnough {
		return ""
	}
	if !v.LagKnown || v.Backlog() <= v.Policy.Up.ThroughputLagFloor {
		return "there is little to do" + v.Beside(" besides ")
	}
	if trend, _ := v.MovingTrend(); trend != scale.Rising {
		return "the backlog does not grow" + v.Beside(" besides ")
	}
	return ""
}

// throughputLacks is the missing data of the throughput per worker: the rate, or the number of
// ready workers.
func (v View) throughputLacks() absent {
	if lacks := unseen(v.Now.Signals.Throughput); lacks.why != "" {
		return lacks
	}
	return unseen(v.Now.Workload)
}
