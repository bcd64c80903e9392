package measure

import (
	"fmt"
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// leastTrend is the shortest time without a rebalance from which a trend is computed.
const leastTrend = 30 * time.Second

// Trend is the direction of lag: arrivals minus consumption, in messages per second and positive
// when rising, measured outside of rebalances. Differences that are small compared with
// the arrivals count as stable.
func (v Case) Trend() (scale.Trend, float64) {
	return TrendOf(v.Past, v.Policy)
}

// TrendOf is the direction of the lag and its change in messages per second, from the last
// minutes of the past.
func TrendOf(past []scale.Point, p scale.Policy) (scale.Trend, float64) {
	window := settled(AfterRewind(Recent(past, p.Times.RateWindow)))
	if late := Recent(window, 2*shiftOver); len(late) >= 4 {
		window = late
	}
	in, change, over := netRate(window, p.Times.Gap)
	if over < leastTrend {
		return scale.TrendUnknown, 0
	}
	if late := Recent(window, shiftOver); len(late) >= 4 {
		if nowIn, now, lateOver := netRate(late, p.Times.Gap); lateOver >= leastTrend && math.Abs(now-change) > shiftShare*max(in, nowIn) {
			window, in, change, over = late, nowIn, now, lateOver
		}
	}
	flat := max(p.Sizing.FlatSlope*in, commitNoise(window, over))
	switch {
	case math.Abs(change) <= flat:
		return scale.Steady, change
	case change > 0:
		return scale.Rising, change
	}
	return scale.Falling, change
}

// settled returns the points after the last rebalance: the members before it say nothing about
// the present trend.
func settled(window []scale.Point) []scale.Point {
	i := len(window)
	for i > 0 && !window[i-1].Moving {
		i--
	}
	return window[i:]
}

// netRate is arrivals, and arrivals minus consumption, over the time outside of
// rebalances that the points cover.
func netRate(window []scale.Point, gap time.Duration) (in, change float64, over time.Duration) {
	in, _ = Slope(window, bothArrive, gap)
	out, over := Slope(window, Consumptions, gap)
	return in, in - out, over
}

// bothArrive counts arrivals only where consumption counts too, so that the two rates
// cover the same time.
func bothArrive(a, b scale.Point) (float64, bool) {
	if _, ok := Consumptions(a, b); !ok {
		return 0, false
	}
	return Arrivals(a, b)
}

// commitNoise is the change that bursts of commits can fake: the largest single step of lag
// between neighbours, taken once over the whole stretch.
func commitNoise(window []scale.Point, over time.Duration) float64 {
	if len(window) < 3 || over <= 0 {
		return 0
	}
	var rises, falls float64
	for i := 1; i < len(window); i++ {
		step := window[i].Lag - window[i-1].Lag
		if scale.IsMissing(step) || window[i].Moving || window[i-1].Moving {
			continue
		}
		rises, falls = max(rises, step), max(falls, -step)
	}
	// Steps in both directions are noise; steps in one are a trend.
	return min(rises, falls) / over.Seconds()
}

// TrendSentence is the direction of the lag in words: "rising by 40 msg/s".
func TrendSentence(t scale.Trend, change float64) string {
	switch t {
	case scale.Rising, scale.Falling:
		return fmt.Sprintf("%s by %s", t, scale.PerSecond(math.Abs(change)))
	case scale.Steady:
		return "stable"
	case scale.TrendUnknown:
	}
	return "trend unknown"
}
