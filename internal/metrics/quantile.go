package metrics

import (
	"math"
	"slices"
	"time"
)

// histogram has cumulative counts, or rates, by upper bound in seconds, the last bound being
// +Inf.
type histogram struct {
	bounds, counts []float64
}

// merged is the 95th percentile of several histograms together. Those with other buckets than the
// majority cannot be added, and the note says so.
func merged(all []histogram, note string, window time.Duration) number {
	var sum histogram
	most := 0
	for _, h := range all {
		if n := alike(all, h); n > most {
			most, sum.bounds = n, h.bounds
		}
	}
	sum.counts = make([]float64, len(sum.bounds))
	for _, h := range all {
		if slices.Equal(h.bounds, sum.bounds) {
			for i, n := range h.counts {
				sum.counts[i] += n
			}
		}
	}
	if left := len(all) - most; left > 0 {
		note = join(note, counted(left, "pod")+" with other buckets left out")
	}
	return sum.p95(note, window)
}

// alike counts the histograms that have the same bounds.
func alike(all []histogram, as histogram) int {
	n := 0
	for _, h := range all {
		if slices.Equal(h.bounds, as.bounds) {
			n++
		}
	}
	return n
}

// p95 is the 95th percentile with a note. Beyond the largest finite bound it is a lower
// bound: the buckets do not tell how far beyond.
func (h histogram) p95(note string, window time.Duration) number {
	value, above, ok := quantileOf(quantile, h.bounds, h.counts)
	if !ok {
		return silence(window)
	}
	if above {
		note = join("beyond the largest bucket", note)
	}
	return number{value: value, note: note, atLeast: above}
}

// quantileOf estimates a quantile from cumulative bucket counts, as histogram_quantile of PromQL
// does: observations are spread evenly within their bucket, and the first bucket begins at zero.
// A quantile beyond the last finite bound is returned as that bound, and above says that it is
// more. Without any observation ok is false.
func quantileOf(q float64, bounds, counts []float64) (value float64, above, ok bool) {
	n := len(bounds)
	if n < 2 || len(counts) != n || counts[n-1] <= 0 {
		return 0, false, false
	}
	rank := q * counts[n-1]
	i := 0
	for i < n-1 && counts[i] < rank {
		i++
	}
	if math.IsInf(bounds[i], 1) {
		return bounds[n-2], true, true
	}
	low, below := 0.0, 0.0
	if i > 0 {
		low, below = bounds[i-1], counts[i-1]
	} else if bounds[0] <= 0 {
		return bounds[0], false, true
	}
	in := counts[i] - below
	if in <= 0 {
		return bounds[i], false, true
	}
	return low + (bounds[i]-low)*(rank-below)/in, false, true
}
