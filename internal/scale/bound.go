package scale

// Above reports whether a reading lies above a limit, and whether that is known.
func Above(r Reading[float64], limit float64) (is, known bool) {
	value, ok := r.Get()
	return ok && value > limit, ok && (value > limit || !r.AtLeast)
}

// Below reports whether a reading lies below a limit, and whether that is known.
func Below(r Reading[float64], limit float64) (is, known bool) {
	value, ok := r.Get()
	return ok && value < limit && !r.AtLeast, ok && (value >= limit || !r.AtLeast)
}

// Less reports whether one reading lies below another, and whether that is known.
func Less(a, b Reading[float64]) (is, known bool) {
	x, ok := a.Get()
	y, has := b.Get()
	switch {
	case !ok || !has:
		return false, false
	case !a.AtLeast && !b.AtLeast:
		return x < y, true
	case !a.AtLeast && x < y: // b is y or more.
		return true, true
	case !b.AtLeast && x >= y: // a is x or more.
		return false, true
	}
	return false, false
}

// Words puts a reading's value into words that say when it is a lower bound.
func (r Reading[T]) Words(text string) string {
	if r.AtLeast {
		return "at least " + text
	}
	return text
}

// OpenEnded says why a lower bound does not answer a question about a limit.
func OpenEnded[T any](r Reading[T], value string) string {
	why := "it is " + r.Words(value) + ", and how much more is not known"
	if r.Note != "" {
		why += " (" + r.Note + ")"
	}
	return why
}

// LatencyAbove is the latency of a point as a value that can be compared with a limit. A lower
// bound that lies under the limit is unknown: the true value may lie on either side.
func LatencyAbove(limit float64) func(Point) float64 {
	return func(p Point) float64 {
		if p.LatencyAtLeast && float64(p.Latency) <= limit {
			return Missing
		}
		return float64(p.Latency)
	}
}
