package measure

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// The comparison that finds a slow service behind the workers (decision B.9): a message takes
// this much longer than before, and no more messages are processed.
const (
	slowerBy      = 1.3
	notMoreThan   = 1.05
	comparedFrom  = time.Hour
	comparedUntil = 15 * time.Minute
	leastCompared = 8
)

// slowerVeto: messages take longer than before while no more of them are processed, and CPU is
// not the reason. The workers then wait for something, and more workers would wait for it too.
func (v Case) slowerVeto() string {
	if cpu, _ := v.Now.Usage.Value.CPU(); v.Now.Usage.Known() && cpu > v.Policy.Up.CPU.Value {
		return ""
	}
	at := v.Now.At
	before := Since(Until(v.Past, at.Add(-comparedUntil)), at.Add(-comparedFrom))
	now := Since(Until(v.Past, at.Add(time.Second)), at.Add(-v.Policy.Times.RateWindow))
	then, thenKnown := medianOf(before, func(p scale.Point) float32 {
		if p.LatencyAtLeast { // it may have been anything above that.
			return float32(math.Inf(1))
		}
		return p.Latency
	})
	late, lateKnown := medianOf(now, func(p scale.Point) float32 { return p.Latency })
	did, didKnown := medianOf(before, func(p scale.Point) float32 { return p.Throughput })
	does, doesKnown := medianOf(now, func(p scale.Point) float32 { return p.Throughput })
	switch {
	case !thenKnown || !lateKnown || !didKnown || !doesKnown || then <= 0 || did <= 0:
		return ""
	case late < slowerBy*then || does > notMoreThan*did:
		return ""
	}
	took := scale.BesideSeconds(late, then)
	if slices.ContainsFunc(now, func(p scale.Point) bool { return p.LatencyAtLeast }) {
		took = "at least " + took
	}
	return fmt.Sprintf("a message takes %s at p95, %s more than in the hour before, and no more of them are processed (%s, %s before) over the last %s: the workers wait for something",
		took, scale.Percent(late/then-1), scale.PerSecond(does), scale.PerSecond(did), scale.Span(v.Policy.Times.RateWindow))
}

// medianOf is the middle of the known values of the points, if there are enough of them.
func medianOf(points []scale.Point, value func(scale.Point) float32) (float64, bool) {
	var known []float64
	for _, p := range points {
		if x := float64(value(p)); !scale.IsMissing(x) {
			known = append(known, x)
		}
	}
	if len(known) < leastCompared {
		return 0, false
	}
	slices.Sort(known)
	return known[len(known)/2], true
}
