package measure

import (
	"math"

	"github.com/scalebot/scalebot/internal/scale"
)

// MovingArrival is the arrivals on the partitions whose commits advance, in messages per second.
func (v Case) MovingArrival() float64 { return max(0, v.Rates.Arrival-v.stalledArrival()) }

// stalledArrival is the arrivals on the partitions whose commits do not advance.
func (v Case) stalledArrival() float64 {
	sum := 0.0
	for _, p := range v.Stalled {
		sum += max(0, p.Arrival)
	}
	return sum
}

// MovingTrend is the trend of the lag on the partitions whose commits advance.
func (v Case) MovingTrend() (scale.Trend, float64) {
	trend, change := v.Trend()
	if len(v.Stalled) == 0 || trend == scale.TrendUnknown {
		return trend, change
	}
	rest := change - v.stalledArrival()
	switch flat := max(v.Policy.Sizing.FlatSlope*v.MovingArrival(), materialShare*v.stalledArrival()); {
	case math.Abs(rest) <= flat:
		return scale.Steady, rest
	case rest > 0:
		return scale.Rising, rest
	}
	return scale.Falling, rest
}

// Beside names the stalled partitions that a sentence leaves out: ", without partition 5, which
// does not move"; empty where there are none.
func (v Case) Beside(word string) string {
	if len(v.Stalled) == 0 {
		return ""
	}
	return word + PartitionNumbers(v.Stalled) + ", which " + scale.Verb(len(v.Stalled), "does", "do") + " not move"
}

// SoonDrained reports whether the lag falls so fast that it is gone within the recovery time: no
// reason to wake anybody (decision B.12).
func (v Case) SoonDrained() bool {
	trend, change := v.Trend()
	if trend != scale.Falling || !v.LagComplete() || len(v.Stalled) > 0 {
		return false
	}
	return float64(v.Lag.Total) <= -change*v.Policy.Sizing.Recovery.Seconds()
}
