package scale

import (
	"fmt"
	"math"
	"time"
)

// leastTrend is the shortest time without a rebalance that says where lag is going.
const leastTrend = 30 * time.Second

// trend is where lag is going: arrivals minus consumption, in messages per second and
// positive when rising, measured outside of rebalances. Differences that are
// small beside the arrivals count as stable.
func (v view) trend() (Trend, float64) {
	return trendOf(v.past, v.p)
}

func trendOf(past []Point, p Policy) (Trend, float64) {
	window := settled(afterRewind(recent(past, p.Times.RateWindow)))
	if late := recent(window, 2*shiftOver); len(late) >= 4 {
		window = late
	}
	in, change, over := netRate(window, p.Times.Gap)
	if over < leastTrend {
		return TrendUnknown, 0
	}
	if late := recent(window, shiftOver); len(late) >= 4 {
		if nowIn, now, lateOver := netRate(late, p.Times.Gap); lateOver >= leastTrend && math.Abs(now-change) > shiftShare*max(in, nowIn) {
			window, in, change, over = late, nowIn, now, lateOver
		}
	}
	flat := max(p.Sizing.FlatSlope*in, commitNoise(window, over))
	switch {
	case math.Abs(change) <= flat:
		return Steady, change
	case change > 0:
		return Rising, change
	}
	return Falling, change
}

// settled returns the points after the last rebalance among them: what another set of
// workers managed says nothing about where lag is going now.
func settled(window []Point) []Point {
	i := len(window)
	for i > 0 && !window[i-1].Moving {
		i--
	}
	return window[i:]
}

// netRate is arrivals, and arrivals minus consumption, over the time outside of
// rebalances that the points cover.
func netRate(window []Point, gap time.Duration) (in, change float64, over time.Duration) {
	in, _ = slope(window, bothArrive, gap)
	out, over := slope(window, consumptions, gap)
	return in, in - out, over
}

// bothArrive counts arrivals only where consumption counts too, so that the two rates
// cover the same time.
func bothArrive(a, b Point) (float64, bool) {
	if _, ok := consumptions(a, b); !ok {
		return 0, false
	}
	return arrivals(a, b)
}

// commitNoise is the change that commits in bursts can pretend: the largest single
// step of lag between neighbours, seen once over the whole stretch.
func commitNoise(window []Point, over time.Duration) float64 {
	if len(window) < 3 || over <= 0 {
		return 0
	}
	var rises, falls float64
	for i := 1; i < len(window); i++ {
		step := window[i].Lag - window[i-1].Lag
		if IsMissing(step) || window[i].Moving || window[i-1].Moving {
			continue
		}
		rises, falls = max(rises, step), max(falls, -step)
	}
	// Steps in both directions are noise; steps in one are a trend.
	return min(rises, falls) / over.Seconds()
}

func trendSentence(t Trend, change float64) string {
	switch t {
	case Rising, Falling:
		return fmt.Sprintf("%s by %s", t, PerSecond(math.Abs(change)))
	case Steady:
		return "stable"
	case TrendUnknown:
	}
	return "trend unknown"
}
