package metrics

import "math"

// quantileOf estimates a quantile from cumulative bucket counts, as histogram_quantile
// of PromQL does: evenly spread within its bucket, the first of which begins at zero.
// What lies beyond the last finite bound is that bound, and above tells that it is more.
// Without any observation ok is false.
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
