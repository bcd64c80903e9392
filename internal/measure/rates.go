package measure

import (
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// LeastRateSpan is the shortest stretch a rate is measured over (decision B.4): over a shorter
// one, a few commits decide the result.
const LeastRateSpan = 25 * time.Second

// The parameters of rate measuring (decision B.4).
const (
	// shiftOver is the recent stretch that is compared with the whole window. shiftShare is the
	// difference from which demand has changed its level: the rate is then that of the recent
	// stretch alone.
	shiftOver  = time.Minute
	shiftShare = 0.15
	// batches is into how many pieces the window is cut to see how arrivals vary.
	batches = 5
)

// Measure estimates arrival and consumption from the history, each on its own and
// without the pauses of rebalances. No line is ever fitted through lag: one pause in
// the window would spoil it. It reports false while too little is known.
func Measure(past []scale.Point, p scale.Policy) (scale.Rates, bool) {
	window := Recent(past, p.Times.RateWindow)
	window = AfterRewind(window)
	if len(window) < 2 {
		return scale.Rates{}, false
	}
	arrival, over := Slope(window, Arrivals, p.Times.Gap)
	if over < LeastRateSpan {
		return scale.Rates{}, false
	}
	used := window
	if late := Recent(window, shiftOver); len(late) >= 3 {
		now, lateOver := Slope(late, Arrivals, p.Times.Gap)
		if lateOver >= LeastRateSpan && math.Abs(now-arrival) > shiftShare*max(now, arrival) {
			arrival, over, used = now, lateOver, late
		}
	}
	consumption, seen := Slope(settled(used), Consumptions, p.Times.Gap)
	if seen < LeastRateSpan {
		consumption, seen = Slope(window, Consumptions, p.Times.Gap)
	}
	if seen == 0 {
		return scale.Rates{}, false
	}
	return scale.Rates{
		Arrival: arrival, Consumption: consumption, Over: over,
		ArrivalSpread: spread(window, p.Times.Gap),
	}, true
}

// Recent returns the points of the last stretch before the newest one.
func Recent(past []scale.Point, window time.Duration) []scale.Point {
	if len(past) == 0 || window <= 0 {
		return past
	}
	return Since(past, past[len(past)-1].At.Add(-window))
}

// Since returns the points at or after a moment; past is sorted by time.
func Since(past []scale.Point, t time.Time) []scale.Point {
	i := len(past)
	for i > 0 && !past[i-1].At.Before(t) {
		i--
	}
	return past[i:]
}

// Until returns the points before a moment.
func Until(past []scale.Point, t time.Time) []scale.Point {
	i := len(past)
	for i > 0 && !past[i-1].At.Before(t) {
		i--
	}
	return past[:i]
}

// AfterRewind drops the points before end offsets went backwards: the topic was recreated, and
// older points say nothing about it.
func AfterRewind(past []scale.Point) []scale.Point {
	last := math.NaN()
	for i := len(past) - 1; i >= 0; i-- {
		if past[i].Ends > last {
			return past[i+1:]
		}
		if !scale.IsMissing(past[i].Ends) {
			last = past[i].Ends
		}
	}
	return past
}

// Arrivals and Consumptions are how many messages arrived or were consumed between two points,
// and whether the pair is usable. A rebalance stops consumption but not arrivals; commits that
// went backwards were set by hand.
func Arrivals(a, b scale.Point) (float64, bool) {
	moved := b.Ends - a.Ends
	return moved, moved >= 0
}

// Consumptions is how many messages were consumed between two points, and whether the pair is
// usable.
func Consumptions(a, b scale.Point) (float64, bool) {
	moved := b.Commits - a.Commits
	return moved, moved >= 0 && !a.Moving && !b.Moving
}

// Slope is messages per second over the usable pairs of neighbours, and how much time they cover.
func Slope(past []scale.Point, moved func(a, b scale.Point) (float64, bool), gap time.Duration) (float64, time.Duration) {
	total, over := 0.0, time.Duration(0)
	last := -1
	for i := range past {
		if scale.IsMissing(past[i].Ends) || scale.IsMissing(past[i].Commits) {
			continue
		}
		if last >= 0 {
			between := past[i].At.Sub(past[last].At)
			if n, ok := moved(past[last], past[i]); ok && between > 0 && (gap <= 0 || between <= gap) {
				total += n
				over += between
			}
		}
		last = i
	}
	if over <= 0 {
		return 0, 0
	}
	return total / over.Seconds(), over
}

// spread is the standard error of the arrival rate by batch means: the window is cut into pieces,
// and the variation of their rates gives the uncertainty of the mean. An ordinary regression
// interval would be far too narrow, because neighbouring samples are correlated.
func spread(window []scale.Point, gap time.Duration) float64 {
	if len(window) < 2*batches {
		return 0
	}
	var rates []float64
	size := (len(window) - 1) / batches
	for i := range batches {
		piece := window[i*size : (i+1)*size+1]
		if rate, over := Slope(piece, Arrivals, gap); over > 0 {
			rates = append(rates, rate)
		}
	}
	if len(rates) < 3 {
		return 0
	}
	mean, sum := 0.0, 0.0
	for _, r := range rates {
		mean += r / float64(len(rates))
	}
	for _, r := range rates {
		sum += (r - mean) * (r - mean)
	}
	return math.Sqrt(sum / float64(len(rates)-1) / float64(len(rates)))
}
