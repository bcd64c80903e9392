package scale

import "time"

// hold says whether a condition has held long enough, and for how long it has.
type hold struct {
	outcome Outcome
	held    time.Duration
}

// sustained judges a condition that must have held without a gap for the limit's time
// until now. A value on the other side anywhere in the window starts the wait
// anew. Where the history ends or has a hole before the window is filled, the
// answer is unclear: a missing sample is no proof either way.
func (v view) sustained(limit Limit, value func(Point) float64, test func(float64) bool) hold {
	last := v.s.At
	for i := len(v.past) - 1; i >= 0; i-- {
		point := v.past[i]
		if point.At.After(v.s.At) {
			continue
		}
		if v.p.Times.Gap > 0 && last.Sub(point.At) > v.p.Times.Gap {
			break
		}
		x := value(point)
		if IsMissing(x) {
			continue
		}
		if !test(x) {
			return hold{Silent, v.s.At.Sub(last)}
		}
		last = point.At
		if v.s.At.Sub(last) >= limit.For {
			return hold{Fires, v.s.At.Sub(last)}
		}
	}
	if limit.For <= 0 {
		return hold{Fires, 0}
	}
	return hold{Unclear, v.s.At.Sub(last)}
}

// why says that the window is not filled, for people.
func (h hold) why(limit Limit) string {
	return "only " + Span(h.held) + " of " + Span(limit.For) + " without a gap are known"
}

func cpuOf(p Point) float64    { return float64(p.CPU) }
func memoryOf(p Point) float64 { return float64(p.Memory) }
func lagOf(p Point) float64    { return p.Lag }
