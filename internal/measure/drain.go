package measure

import (
	"fmt"
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// The parameters of the drain forecast (decision B.6).
const (
	// drainZ sets the width of the interval, which covers about four of five outcomes.
	drainZ = 1.5
	// measuredUncertainty and runbookUncertainty are the relative uncertainty of a worker's
	// capacity, by its basis.
	measuredUncertainty = 0.05
	runbookUncertainty  = 0.15
	// slimSpare is the spare capacity, as a share of arrivals, below which only the interval is
	// shown.
	slimSpare = 0.15
)

// Drain predicts when the backlog is gone with the given count. Pod start and rebalance come
// first, and arrivals accumulate meanwhile (T-08).
func (v Case) Drain(count int) ledger.Drain {
	if why := v.noForecast(count); why != "" {
		return ledger.Drain{Why: why, Sentence: "not known: " + why}
	}
	if v.Backlog() <= v.perCommit() {
		// The lag that a group shows between two commits is no backlog. The present count is
		// seen to keep up, whatever capacity is assumed: only a lower count lets lag grow.
		if rate := v.Effective(count) * v.Capacity.PerWorker; count < v.Replicas && rate <= v.MovingArrival() {
			return ledger.Drain{Known: true, Never: true, Sentence: fmt.Sprintf("nothing to drain now, but lag would grow: %s arrive and %s manage %s",
				scale.PerSecond(v.MovingArrival()), v.worth(count), scale.PerSecond(rate)) + v.Beside(", without ")}
		}
		return ledger.Drain{Known: true, Sentence: "nothing to drain" + v.Beside(" besides ")}
	}
	d := v.forecast(count)
	d.Sentence += v.Beside(", without ")
	return d
}

func (v Case) noForecast(count int) string {
	switch {
	case !v.LagKnown:
		return "lag is unknown (" + v.Now.Lag.Why() + ")"
	case !v.RatesKnown:
		return "arrivals are unknown (" + v.Now.Rates.Why() + ")"
	case v.Unsettled():
		return "the number of partitions is unknown"
	case v.Capacity.PerWorker <= 0 || count <= 0:
		return "the capacity of a worker is unknown"
	}
	return ""
}

func (v Case) forecast(count int) ledger.Drain {
	able := v.able(count)
	rate := v.Effective(able) * v.Capacity.PerWorker
	spare := rate - v.MovingArrival()
	margin := drainZ * math.Hypot(v.Rates.ArrivalSpread, rate*v.uncertainty())
	d := ledger.Drain{Known: true}
	if hot, yes := v.unfixable(); yes {
		d.Never = true
		d.Sentence = fmt.Sprintf("never: partition %d alone gets %s, and one "+v.OwnerWord()+" manages %s",
			hot.Partition, scale.PerSecond(hot.Arrival), scale.PerSecond(v.EachManages()))
		return d
	}
	if spare <= 0 {
		d.Never = true
		d.Sentence = fmt.Sprintf("never: %s arrive and %s manage %s",
			scale.PerSecond(v.MovingArrival()), v.worth(able), scale.PerSecond(rate))
		d.Sentence = v.onlyRun(count) + d.Sentence
		return d
	}
	d.Expected = v.lasts(count, spare, 0.75, 0)
	d.Low = v.lasts(count, spare+margin, 0.5, 1)
	rising := v.risesWith(count)
	d.MayNot = rising || spare-margin <= 0
	if !d.MayNot {
		d.High = v.lasts(count, spare-margin, 1, -1)
		d.MayNot = d.High >= ledger.LongestDrain && d.Expected < ledger.LongestDrain
	}
	if d.MayNot {
		d.High = 0
	}
	d.Sentence = v.onlyRun(count) + d.Words(spare < slimSpare*v.MovingArrival(), rising)
	return d
}

// risesWith reports whether lag rises with the same count that the forecast is for. The
// observation then contradicts the assumed capacity.
func (v Case) risesWith(count int) bool {
	if count != v.Replicas {
		return false
	}
	trend, _ := v.MovingTrend()
	return trend == scale.Rising
}

// able is how many working workers a count stands for: those that will not become ready by
// themselves are subtracted from the present count.
func (v Case) able(count int) int {
	if count != v.Replicas {
		return count
	}
	return count - v.Absent()
}

// onlyRun says that a forecast counts fewer workers than are wanted.
func (v Case) onlyRun(count int) string {
	if able := v.able(count); able < count {
		return fmt.Sprintf("only %d of %d run: ", able, count)
	}
	return ""
}

// worth prints a count and, where an uneven distribution makes it worth less, the smaller count:
// "9 workers (worth 8)".
func (v Case) worth(count int) string {
	text := scale.Several(count, "worker")
	if worth := fmt.Sprintf("%.2g", v.Effective(count)); worth != fmt.Sprint(count) {
		text += " (worth " + worth + ")"
	}
	return text
}

func (v Case) uncertainty() float64 {
	if v.Capacity.Basis == BasisMeasured {
		return measuredUncertainty
	}
	return runbookUncertainty
}

// lasts is how long the backlog lasts at a spare rate. part is how much of the expected maximum
// of pod start and rebalance is used up. lean selects the end of the interval: 1 the quick one,
// -1 the slow one, 0 the expected time.
func (v Case) lasts(count int, spare, part, lean float64) time.Duration {
	start, pause := v.delays(count, part)
	now := v.Effective(v.able(v.Replicas)) * v.Capacity.PerWorker
	arrival := v.MovingArrival()
	piled := v.Backlog() + (arrival-now)*start.Seconds() + arrival*pause.Seconds()
	rest := max(0, piled) / spare
	if rest > ledger.LongestDrain.Seconds() {
		return ledger.LongestDrain
	}
	total := start + pause + time.Duration(rest*float64(time.Second))
	return max(total, v.hottestLasts(lean))
}

// hottestLasts is how long the slowest single partition lasts: no count of workers reads one
// partition faster than one worker can. The capacity and the arrivals are as uncertain as for the
// whole group; lean is that of lasts.
func (v Case) hottestLasts(lean float64) time.Duration {
	slowest := 0.0
	if v.Open {
		return 0
	}
	manages, arrives := v.EachManages()*(1+lean*drainZ*v.uncertainty()), 1.0
	if v.Rates.Arrival > 0 {
		arrives = max(0, 1-lean*drainZ*v.Rates.ArrivalSpread/v.Rates.Arrival)
	}
	for _, p := range v.Lag.Partitions {
		spare := manages - arrives*max(0, p.Arrival)
		if p.Arrival <= 0 || p.Lag <= 0 || v.isStalled(p) {
			continue
		}
		if spare <= 0 {
			return ledger.LongestDrain
		}
		slowest = max(slowest, float64(p.Lag)/spare)
	}
	return time.Duration(min(slowest, ledger.LongestDrain.Seconds()) * float64(time.Second))
}

// unfixable is the busiest partition that has a backlog and more arrivals than one worker
// manages: no count of workers ever drains it (decision B.5).
func (v Case) unfixable() (hottest scale.PartitionLag, found bool) {
	if v.Open {
		return hottest, false
	}
	for _, p := range v.Lag.Partitions {
		if p.Lag > 0 && p.Arrival >= v.EachManages() && !v.isStalled(p) && (!found || p.Arrival > hottest.Arrival) {
			hottest, found = p, true
		}
	}
	return hottest, found
}

// delays are the time until new pods run and the pause of the rebalance. Both are zero when the
// count stays, and the first is zero for a scale-down.
func (v Case) delays(count int, part float64) (start, pause time.Duration) {
	if count == v.Replicas || !v.ReplicasKnown {
		return 0, 0
	}
	if count > v.Replicas {
		start = time.Duration(part * float64(v.Policy.Sizing.PodStart))
	}
	return start, time.Duration(part * float64(v.Policy.Sizing.Rebalance))
}
