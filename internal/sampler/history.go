package sampler

import (
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// The longest windows of the runbook are hours long and need no fine steps. The last hour is kept
// as sampled; of older time, every few samples are merged into one point with the worst values.
const (
	FineSpan   = time.Hour
	mostMerged = 3
	coarseSlop = 1.1
)

// history is the bounded past of one component.
type history struct {
	fine, coarse *measure.Series
	// newest is the latest point. It goes into the series when it is a full step later than the
	// last one there, so that frequent sampling does not shorten the history.
	newest scale.Point
	worst  scale.Point
	merged int
	// sample is the time between two points, longest how far back they reach.
	sample, longest time.Duration
	// coarsen is how many samples make one coarse point.
	coarsen int
}

// newHistory makes an empty history. Two coarse points are never further apart than gap, the
// longest hole that a filled window may have: otherwise no window beyond fineSpan could be
// filled.
func newHistory(sample, longest, gap time.Duration) *history {
	coarsen := min(max(int(gap/sample), 1), mostMerged)
	h := &history{sample: sample, longest: longest, coarsen: coarsen}
	h.empty()
	return h
}

// empty forgets every point.
func (h *history) empty() {
	fine := int(FineSpan/h.sample) + 1
	coarse := int(float64(h.longest)/float64(time.Duration(h.coarsen)*h.sample)*coarseSlop) + 1
	*h = history{
		fine: measure.NewSeries(fine), coarse: measure.NewSeries(coarse),
		sample: h.sample, longest: h.longest, coarsen: h.coarsen,
	}
}

// add appends a point to both series, merged with its neighbours in the coarse one, so that it is
// not lost when the fine one drops it. A point that is not newer than the latest one is dropped.
func (h *history) add(p scale.Point) {
	if !p.At.After(h.newest.At) {
		return
	}
	h.newest = p
	if h.fine.Len() > 0 && p.At.Sub(h.fine.Last().At) < h.sample*4/5 {
		return
	}
	h.fine.Add(p)
	if h.merged == 0 {
		h.worst = p
	} else {
		h.worst = worse(h.worst, p)
	}
	if h.merged++; h.merged == h.coarsen {
		h.coarse.Add(h.worst)
		h.merged = 0
	}
}

// precede inserts points before the existing ones, because the past is read after sampling has
// begun. Points that are not older than the first existing one are dropped.
func (h *history) precede(points []scale.Point) {
	there := h.appendSince(nil, time.Time{})
	h.empty()
	for _, p := range points {
		if len(there) == 0 || p.At.Before(there[0].At) {
			h.add(p)
		}
	}
	for _, p := range there {
		h.add(p)
	}
}

// appendSince appends the points from t on to those given, oldest first.
func (h *history) appendSince(out []scale.Point, t time.Time) []scale.Point {
	if h.fine.Len() > 0 && h.fine.Index(0).At.After(t) {
		out = h.coarse.AppendBetween(out, t, h.fine.Index(0).At)
	}
	out = h.fine.AppendSince(out, t)
	if h.newest.At.After(h.fine.Last().At) && !h.newest.At.Before(t) {
		out = append(out, h.newest)
	}
	return out
}

// worse merges two points into one at the time of the second. Of each field it keeps the higher
// value, because that is what blocks a scale-down. A value that is missing in either is missing
// in the result.
func worse(a, b scale.Point) scale.Point {
	b.Lag = higher(a.Lag, b.Lag)
	b.CPU = float32(higher(float64(a.CPU), float64(b.CPU)))
	b.Memory = float32(higher(float64(a.Memory), float64(b.Memory)))
	b.Errors = float32(higher(float64(a.Errors), float64(b.Errors)))
	b.Latency = float32(higher(float64(a.Latency), float64(b.Latency)))
	b.LatencyAtLeast = a.LatencyAtLeast || b.LatencyAtLeast
	b.Moving = a.Moving || b.Moving
	return b
}

// higher is the larger of two values. It uses math.Max, which returns NaN when either is NaN: a
// gap stays a gap.
func higher(a, b float64) float64 {
	if scale.IsMissing(a) || scale.IsMissing(b) {
		return scale.Missing
	}
	return max(a, b)
}
