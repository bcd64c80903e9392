package metrics

import (
	"maps"
	"slices"
	"time"
)

// marksPerWindow bounds how many past totals are kept of one pod.
const marksPerWindow = 60

// totals are a pod's counters added up since it was first seen, with restarts of the
// process taken out: they never fall.
type totals struct {
	consumed, writes  float64
	errors            map[string]float64
	latency, download histogram
}

func (t totals) clone() totals {
	t.errors = maps.Clone(t.errors)
	t.latency.counts = slices.Clone(t.latency.counts)
	t.download.counts = slices.Clone(t.download.counts)
	return t
}

// track is what is remembered of one pod.
type track struct {
	listed time.Time // when the pod was last among the workload's
	at     time.Time // when the page was read
	page   page
	totals totals
	marks  []mark // oldest first
}

// mark is a past state of a track.
type mark struct {
	at     time.Time
	totals totals
}

// record takes over a page read at the given time. One older than the last is dropped:
// two readers may have overtaken each other.
func (t *track) record(p page, at time.Time, window time.Duration) {
	if !at.After(t.at) {
		return
	}
	t.totals.advance(t.page, p, t.at.IsZero())
	t.page, t.at = p, at
	if n := len(t.marks); n == 0 || at.Sub(t.marks[n-1].at) >= window/marksPerWindow {
		t.marks = append(t.marks, mark{at, t.totals.clone()})
	}
	for len(t.marks) > 1 && at.Sub(t.marks[0].at) > window {
		t.marks = t.marks[1:]
	}
}

// since returns the oldest state within the window and the seconds passed since. A pod
// read once only has no past.
func (t *track) since() (totals, float64, bool) {
	if len(t.marks) == 0 {
		return totals{}, 0, false
	}
	seconds := t.at.Sub(t.marks[0].at).Seconds()
	return t.marks[0].totals, seconds, seconds > 0
}

// advance adds what was counted between two pages. On the first page there is nothing
// to compare with. A counter that fell, and every counter of a process that started
// anew, begins at zero.
func (t *totals) advance(before, now page, first bool) {
	if first {
		t.errors = make(map[string]float64)
		t.latency, t.download = now.latency.zero(), now.download.zero()
		return
	}
	if now.started != before.started && now.started != 0 {
		before = page{}
	}
	t.consumed += increase(before.consumed.value, now.consumed.value)
	t.writes += increase(before.writes.value, now.writes.value)
	for kind, value := range now.errors.byKind {
		if _, known := t.errors[kind]; !known && len(t.errors) >= maxKinds {
			t.errors[otherKind] += increase(before.errors.byKind[kind], value)
			continue
		}
		t.errors[kind] += increase(before.errors.byKind[kind], value)
	}
	t.latency.advance(before.latency, now.latency)
	t.download.advance(before.download, now.download)
}

// increase is how much a counter has counted; one that fell was reset to zero.
func increase(before, now float64) float64 {
	if now < before {
		return now
	}
	return now - before
}

// zero is a histogram with the same bounds and nothing in it.
func (h histogram) zero() histogram {
	return histogram{bounds: h.bounds, counts: make([]float64, len(h.counts))}
}

// advance adds what a histogram has counted. When it has other buckets than before,
// counting begins anew: the old counts cannot be compared.
func (h *histogram) advance(before, now histogram) {
	if now.why != "" {
		return
	}
	if !slices.Equal(h.bounds, now.bounds) {
		*h = now.zero()
		if len(before.bounds) > 0 {
			return
		}
	}
	last := len(now.counts) - 1
	if len(before.counts) != len(now.counts) || before.counts[last] > now.counts[last] {
		before = now.zero()
	}
	for i := range now.counts {
		h.counts[i] += max(0, now.counts[i]-before.counts[i])
	}
	h.sum += increase(before.sum, now.sum)
}
