package scale

import "math"

// What is said of partitions that move, where others stand still: nobody works those off,
// so that neither what arrives there nor the growth of their lag says anything about the
// workers.

// movingArrival is what arrives on the partitions that move, in messages per second.
func (v view) movingArrival() float64 { return max(0, v.rates.Arrival-v.stalledArrival()) }

// stalledArrival is what piles up on the partitions that stand still.
func (v view) stalledArrival() float64 {
	sum := 0.0
	for _, p := range v.stalled {
		sum += max(0, p.Arrival)
	}
	return sum
}

// movingTrend is where the lag of the partitions that move goes.
func (v view) movingTrend() (Trend, float64) {
	trend, change := v.trend()
	if len(v.stalled) == 0 || trend == TrendUnknown {
		return trend, change
	}
	rest := change - v.stalledArrival()
	switch flat := max(v.p.Sizing.FlatSlope*v.movingArrival(), materialShare*v.stalledArrival()); {
	case math.Abs(rest) <= flat:
		return Steady, rest
	case rest > 0:
		return Rising, rest
	}
	return Falling, rest
}

// beside names what a sentence about the others leaves out: ", without partition 5, which
// does not move"; empty where everything moves.
func (v view) beside(word string) string {
	if len(v.stalled) == 0 {
		return ""
	}
	return word + partitionNumbers(v.stalled) + ", which " + verb(len(v.stalled), "does", "do") + " not move"
}
