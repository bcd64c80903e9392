package scale

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// The comparison that finds a slow service behind the workers (decision B.9): processing
// takes this much longer than it did before, and no more is processed.
const (
	slowerBy      = 1.3
	notMoreThan   = 1.05
	comparedFrom  = time.Hour
	comparedUntil = 15 * time.Minute
	leastCompared = 8
)

// slowerVeto: messages take longer than before while no more of them are processed, and
// the processor is not the reason. Then the workers wait for something, and more workers
// would wait for it too.
func (v view) slowerVeto() string {
	if cpu, _ := v.s.Usage.Value.CPU(); v.s.Usage.Known() && cpu > v.p.Up.CPU.Value {
		return ""
	}
	at := v.s.At
	before := since(until(v.past, at.Add(-comparedUntil)), at.Add(-comparedFrom))
	now := since(until(v.past, at.Add(time.Second)), at.Add(-v.p.Times.RateWindow))
	then, thenKnown := medianOf(before, func(p Point) float32 {
		if p.LatencyAtLeast { // it may have been anything above that.
			return float32(math.Inf(1))
		}
		return p.Latency
	})
	late, lateKnown := medianOf(now, func(p Point) float32 { return p.Latency })
	did, didKnown := medianOf(before, func(p Point) float32 { return p.Throughput })
	does, doesKnown := medianOf(now, func(p Point) float32 { return p.Throughput })
	switch {
	case !thenKnown || !lateKnown || !didKnown || !doesKnown || then <= 0 || did <= 0:
		return ""
	case late < slowerBy*then || does > notMoreThan*did:
		return ""
	}
	took := besideSeconds(late, then)
	if slices.ContainsFunc(now, func(p Point) bool { return p.LatencyAtLeast }) {
		took = "at least " + took
	}
	return fmt.Sprintf("a message takes %s at p95, %s more than in the hour before, and no more of them are processed (%s, %s before) over the last %s: the workers wait for something",
		took, Percent(late/then-1), PerSecond(does), PerSecond(did), Span(v.p.Times.RateWindow))
}

// medianOf is the middle of the known values of the points, if there are enough of them.
func medianOf(points []Point, value func(Point) float32) (float64, bool) {
	var known []float64
	for _, p := range points {
		if x := float64(value(p)); !IsMissing(x) {
			known = append(known, x)
		}
	}
	if len(known) < leastCompared {
		return 0, false
	}
	slices.Sort(known)
	return known[len(known)/2], true
}
