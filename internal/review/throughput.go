package review

import (
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// busyRate is the consumption while every worker had a backlog, and how much time that covers.
func (f followup) busyRate(points []scale.Point) (float64, time.Duration) {
	rate, over := measure.Slope(points, measure.Consumptions, f.Policy.Times.Gap)
	if over == 0 {
		return 0, 0
	}
	floor := measure.BusySeconds * rate
	return measure.Slope(points, func(a, b scale.Point) (float64, bool) {
		moved, ok := measure.Consumptions(a, b)
		return moved, ok && a.Lag >= floor && b.Lag >= floor && b.Lag > 0
	}, f.Policy.Times.Gap)
}

// rateBefore is what the old count managed: measured with a backlog before the write, otherwise
// by the capacity on the card.
func (f followup) rateBefore() float64 {
	if rate, over := f.busyRate(f.before()); over >= leastJudged {
		return rate
	}
	from := f.op.From
	if f.Unsettled() {
		return float64(min(from, 1)) * f.op.Advice.Capacity.PerWorker
	}
	return f.Working(from) * f.op.Advice.Capacity.PerWorker
}

// guessedBefore reports whether the rate before is the runbook's figure and nothing measured. A
// fall in throughput cannot be concluded from it.
func (f followup) guessedBefore() bool {
	_, over := f.busyRate(f.before())
	return over < leastJudged && f.op.Advice.Capacity.Basis == measure.BasisRunbook
}

// expected is the throughput of the new count with a backlog. It is computed from the count with
// the same load on the busiest worker: a good change is not judged bad for a limit that the
// partitions set.
func (f followup) expected(before float64) float64 {
	from, to := f.op.From, f.op.To
	if from <= 0 || f.Unsettled() {
		return 0
	}
	each := before / f.Working(from)
	if worth := f.Effective(to); worth > float64(from) {
		return each * worth
	}
	return each * f.Working(to)
}

func (f followup) arrivalsThenNow() (then, now float64, known bool) {
	before, had := f.prior.Rates.Get()
	return before.Arrival, f.Rates.Arrival, had && f.RatesKnown
}

// demandFell reports whether arrivals fell so much that the forecasts no longer apply.
func (f followup) demandFell() bool {
	then, now, known := f.arrivalsThenNow()
	return !known || now < (1-demandMoved)*then
}

func (f followup) demand() (then, now float64, rose bool) {
	then, now, known := f.arrivalsThenNow()
	return then, now, known && now > demandRose*then
}
