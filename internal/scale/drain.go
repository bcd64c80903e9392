package scale

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// The shape of the drain forecast (decision B.6).
const (
	// drainZ widens the interval to about four of five outcomes.
	drainZ = 1.5
	// measuredDoubt and runbookDoubt are the relative uncertainty of a worker's
	// capacity, by how it is known.
	measuredDoubt = 0.05
	runbookDoubt  = 0.15
	// longestDrain is where a forecast stops being a number.
	longestDrain = 7 * 24 * time.Hour
	// slimSpare is the spare share of arrivals under which only the interval is told.
	slimSpare = 0.15
	// uselessSpan is how many times its lower end the upper end of an interval may be
	// before the middle says nothing.
	uselessSpan = 10
)

// drain predicts when the backlog is gone with the given count: the start of pods and
// the rebalance come first, and arrivals pile up meanwhile (T-08).
func (v view) drain(count int) Drain {
	if why := v.noForecast(count); why != "" {
		return Drain{Why: why, Sentence: "not known: " + why}
	}
	if v.backlog() <= v.perCommit() {
		// What a group that keeps up shows between two commits is no backlog.
		return Drain{Known: true, Sentence: "nothing to drain" + v.beside(" besides ")}
	}
	d := v.forecast(count)
	d.Sentence += v.beside(", without ")
	return d
}

func (v view) noForecast(count int) string {
	switch {
	case !v.lagKnown:
		return "lag is unknown (" + v.s.Lag.Why() + ")"
	case !v.ratesKnown:
		return "arrivals are unknown (" + v.s.Rates.Why() + ")"
	case v.unsettled():
		return "the number of partitions is unknown"
	case v.capacity.PerWorker <= 0 || count <= 0:
		return "the capacity of a worker is unknown"
	}
	return ""
}

func (v view) forecast(count int) Drain {
	able := v.able(count)
	rate := v.effective(able) * v.capacity.PerWorker
	spare := rate - v.movingArrival()
	doubt := drainZ * math.Hypot(v.rates.ArrivalSpread, rate*v.doubt())
	d := Drain{Known: true}
	if hot, yes := v.unfixable(); yes {
		d.Never = true
		d.Sentence = fmt.Sprintf("never: partition %d alone gets %s, and one "+v.one()+" manages %s",
			hot.Partition, PerSecond(hot.Arrival), PerSecond(v.eachManages()))
		return d
	}
	if spare <= 0 {
		d.Never = true
		d.Sentence = fmt.Sprintf("never: %s arrive and %s manage %s",
			PerSecond(v.movingArrival()), v.worth(able), PerSecond(rate))
		d.Sentence = v.onlyRun(count) + d.Sentence
		return d
	}
	d.Expected = v.takes(count, spare, 0.75, 0)
	d.Low = v.takes(count, spare+doubt, 0.5, 1)
	rising := v.risesWith(count)
	d.MayNot = rising || spare-doubt <= 0
	if !d.MayNot {
		d.High = v.takes(count, spare-doubt, 1, -1)
		d.MayNot = d.High >= longestDrain && d.Expected < longestDrain
	}
	if d.MayNot {
		d.High = 0
	}
	d.Sentence = v.onlyRun(count) + d.sentence(spare < slimSpare*v.movingArrival(), rising)
	return d
}

// risesWith reports whether lag is seen to rise with the very count that a forecast is made
// for: what is seen then speaks against what the capacity promises.
func (v view) risesWith(count int) bool {
	if count != v.replicas {
		return false
	}
	trend, _ := v.movingTrend()
	return trend == Rising
}

// able is how many workers a count amounts to: of the present one those that do not come
// by themselves are missing.
func (v view) able(count int) int {
	if count != v.replicas {
		return count
	}
	return count - v.absent()
}

// onlyRun says that a forecast is made with fewer workers than are wanted.
func (v view) onlyRun(count int) string {
	if able := v.able(count); able < count {
		return fmt.Sprintf("only %d of %d run: ", able, count)
	}
	return ""
}

// worth prints a count, and the smaller one it amounts to where the busiest worker makes
// the difference: "9 workers (worth 8)".
func (v view) worth(count int) string {
	text := several(count, "worker")
	if worth := fmt.Sprintf("%.2g", v.effective(count)); worth != fmt.Sprint(count) {
		text += " (worth " + worth + ")"
	}
	return text
}

func (v view) doubt() float64 {
	if v.capacity.Basis == BasisMeasured {
		return measuredDoubt
	}
	return runbookDoubt
}

// takes is how long the backlog lasts at a spare rate; part is how much of the
// expected upper ends of pod start and rebalance is used up, lean which end of the
// interval is asked for: 1 the quick one, -1 the slow one, 0 what is expected.
func (v view) takes(count int, spare, part, lean float64) time.Duration {
	start, pause := v.delays(count, part)
	now := v.effective(v.able(v.replicas)) * v.capacity.PerWorker
	arrival := v.movingArrival()
	piled := v.backlog() + (arrival-now)*start.Seconds() + arrival*pause.Seconds()
	rest := max(0, piled) / spare
	if rest > longestDrain.Seconds() {
		return longestDrain
	}
	total := start + pause + time.Duration(rest*float64(time.Second))
	return max(total, v.hottestTakes(lean))
}

// hottestTakes is how long the slowest single partition lasts: no count of workers
// reads one partition faster than one worker can. What one worker manages and what arrives
// are as doubtful here as in the sum of all; lean is that of takes.
func (v view) hottestTakes(lean float64) time.Duration {
	slowest := 0.0
	if v.open {
		return 0
	}
	manages, arrives := v.eachManages()*(1+lean*drainZ*v.doubt()), 1.0
	if v.rates.Arrival > 0 {
		arrives = max(0, 1-lean*drainZ*v.rates.ArrivalSpread/v.rates.Arrival)
	}
	for _, p := range v.lag.Partitions {
		spare := manages - arrives*max(0, p.Arrival)
		if p.Arrival <= 0 || p.Lag <= 0 || v.isStalled(p) {
			continue
		}
		if spare <= 0 {
			return longestDrain
		}
		slowest = max(slowest, float64(p.Lag)/spare)
	}
	return time.Duration(min(slowest, longestDrain.Seconds()) * float64(time.Second))
}

// unfixable is the partition with a backlog that gets more than one worker manages, the
// busiest of them: no count of workers ever drains it (decision B.5).
func (v view) unfixable() (hottest PartitionLag, found bool) {
	if v.open {
		return hottest, false
	}
	for _, p := range v.lag.Partitions {
		if p.Lag > 0 && p.Arrival >= v.eachManages() && !v.isStalled(p) && (!found || p.Arrival > hottest.Arrival) {
			hottest, found = p, true
		}
	}
	return hottest, found
}

// delays are the time until new pods run and the pause of the rebalance; none when the
// count stays, and no start when workers only go.
func (v view) delays(count int, part float64) (start, pause time.Duration) {
	if count == v.replicas || !v.replicasKnown {
		return 0, 0
	}
	if count > v.replicas {
		start = time.Duration(part * float64(v.p.Sizing.PodStart))
	}
	return start, time.Duration(part * float64(v.p.Sizing.Rebalance))
}

// sentence tells the forecast. An interval is told as two ends that differ; where they are
// too far apart for a middle to mean anything, the forecast is called uncertain.
func (d Drain) sentence(slim, rising bool) string {
	low, high := Span(d.Low), Span(d.High)
	switch {
	case d.Expected >= longestDrain:
		return "longer than " + Span(longestDrain)
	case rising:
		return "about " + Span(d.Expected) + " by what the workers manage, but that is uncertain: lag rises now"
	case d.MayNot && slim:
		return "slow and uncertain: at least " + low + ", and it may not drain"
	case d.MayNot:
		return "about " + Span(d.Expected) + ", but that is uncertain: it may not drain"
	case slim && low == high:
		return "slow and uncertain: about " + low
	case slim:
		return "slow and uncertain: between " + low + " and " + high
	case d.Expected < time.Second:
		return "at most " + Span(max(d.High, time.Second))
	case d.High > uselessSpan*max(d.Low, time.Second):
		return "between " + low + " and " + high + ", which is uncertain"
	case low == high:
		return "about " + Span(d.Expected)
	}
	return fmt.Sprintf("about %s (%s to %s)", Span(d.Expected), low, high)
}

// clause is the forecast behind a sentence about the backlog: lasts stands before a time,
// such as "; the backlog drains in ".
func (d Drain) clause(lasts string) string {
	for _, time := range []string{"about ", "at most ", "between ", "longer than "} {
		if strings.HasPrefix(d.Sentence, time) {
			return lasts + d.Sentence
		}
	}
	if d.Known && !d.Never && d.Expected == 0 {
		return "; there is " + d.Sentence
	}
	return "; as for the backlog, " + d.Sentence
}
