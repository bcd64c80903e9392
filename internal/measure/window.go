package measure

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// BetweenCommits is the highest lag that a group which keeps up shows between two commits. It is
// at least the total arrivals of one usual commit interval, because the arrivals of single
// partitions may not be known.
func (v Case) BetweenCommits() float64 {
	if !v.RatesKnown {
		return 0
	}
	return max(v.perCommit(), v.MovingArrival()*UsualCommit.Seconds())
}

// Hold says whether a condition has held long enough, and for how long it has.
type Hold struct {
	Outcome scale.Outcome
	Held    time.Duration
}

// Sustained judges a condition that must have held without a gap for the limit's time until now
// . A value on the other side of the limit restarts the wait. Where the history is
// too short for the window or has a hole, the answer is unclear: a missing sample proves nothing.
func (v Case) Sustained(limit scale.Limit, value func(scale.Point) float64, test func(float64) bool) Hold {
	last := v.Now.At
	for i := len(v.Past) - 1; i >= 0; i-- {
		point := v.Past[i]
		if point.At.After(v.Now.At) {
			continue
		}
		if v.Policy.Times.Gap > 0 && last.Sub(point.At) > v.Policy.Times.Gap {
			break
		}
		x := value(point)
		if scale.IsMissing(x) {
			continue
		}
		if !test(x) {
			return Hold{scale.Silent, v.Now.At.Sub(last)}
		}
		last = point.At
		if v.Now.At.Sub(last) >= limit.For {
			return Hold{scale.Fires, v.Now.At.Sub(last)}
		}
	}
	if limit.For <= 0 {
		return Hold{scale.Fires, 0}
	}
	return Hold{scale.Unclear, v.Now.At.Sub(last)}
}

// Why says, for people, that the history does not cover the window.
func (h Hold) Why(limit scale.Limit) string {
	return "only " + scale.Span(h.Held) + " of " + scale.Span(limit.For) + " without a gap are known"
}

// CPUOf is the CPU use of a point, as a share of the limit.
func CPUOf(p scale.Point) float64 { return float64(p.CPU) }

// MemoryOf is the memory use of a point, as a share of the limit.
func MemoryOf(p scale.Point) float64 { return float64(p.Memory) }

// LagOf is the lag of a point, in messages.
func LagOf(p scale.Point) float64 { return p.Lag }
