package sampler

import (
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// The longest windows of the runbook are hours long and need no fine steps: the last
// hour is kept as sampled, older time as the worst of every few samples.
const (
	FineSpan   = time.Hour
	mostMerged = 3
	coarseSlop = 1.1
)

// history is the bounded past of one component.
type history struct {
	fine, coarse *measure.Series
	// newest is the latest point; it goes into the series when it is a full step
	// later than the last one there, so that a component looked at more often does
	// not lose its past sooner.
	newest scale.Point
	worst  scale.Point
	merged int
	// sample is the time between two points, longest how far back they go.
	sample, longest time.Duration
	// coarsen is how many samples make one coarse point.
	coarsen int
}

// newHistory makes an empty past. Two coarse points are never further apart than gap, the
// longest hole a filled window may have: otherwise no window beyond fineSpan could be filled.
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

// add appends a point. Both series get it, the coarse one merged with its neighbours,
// so that nothing is lost when the fine one lets it go. A point that is not newer than
// the latest one is dropped.
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

// precede puts points before those that are there: what came first is asked for later.
// Points that are not older than the first one there are dropped.
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

// worse merges two points into one at the time of the second. It keeps the higher value
// where high breaks a scale-down's waiting time, and a gap stays a gap: a missing value
// on either side is missing.
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

// higher is the larger of two values; math.Max is NaN when either is, which is what a
// gap has to be.
func higher(a, b float64) float64 {
	if scale.IsMissing(a) || scale.IsMissing(b) {
		return scale.Missing
	}
	return max(a, b)
}
