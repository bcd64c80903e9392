package scale

// A lower bound is no value. It answers a question only where more would give the same
// answer: 2.5 s or more are over a limit of 1 s, and nobody knows whether they are over 5 s.

// above reports whether a reading lies above a limit, and whether that is known.
func above(r Reading[float64], limit float64) (is, known bool) {
	value, ok := r.Get()
	return ok && value > limit, ok && (value > limit || !r.AtLeast)
}

// below reports whether a reading lies below a limit, and whether that is known.
func below(r Reading[float64], limit float64) (is, known bool) {
	value, ok := r.Get()
	return ok && value < limit && !r.AtLeast, ok && (value >= limit || !r.AtLeast)
}

// less reports whether one reading lies below another, and whether that is known.
func less(a, b Reading[float64]) (is, known bool) {
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

// openEnded says why a lower bound does not answer a question about a limit.
func openEnded[T any](r Reading[T], value string) string {
	why := "it is " + r.Words(value) + ", and how much more is not known"
	if r.Note != "" {
		why += " (" + r.Note + ")"
	}
	return why
}

// latencyAbove is the latency of a point as a value that can be compared with a limit: a
// lower bound under the limit answers nothing.
func latencyAbove(limit float64) func(Point) float64 {
	return func(p Point) float64 {
		if p.LatencyAtLeast && float64(p.Latency) <= limit {
			return Missing
		}
		return float64(p.Latency)
	}
}
