package metrics

import (
	"math"
	"slices"
	"time"
)

// ledger sums up what one metric of one pod has counted, series by series, since the pod was
// first seen. Each series is compared with its own last known value. A series that is missing for
// a while is a gap, and its increase is added when it returns. Only a start time, or a series
// whose value fell, proves that the process restarted.
type ledger struct {
	// at is when a page last had the metric; zero when there is nothing to compare with.
	at time.Time
	// pages is how many pages in a row had it.
	pages  int
	series map[uint64]known
	// bounds are those of a histogram, pending different bounds that one page had instead.
	bounds, pending []float64
	// late bounds the value of a series that appears for the first time on this page, if it is to
	// count as an increase since the previous page.
	late float64
	// kinds are the kinds of a counter in the order of the sums.
	kinds []string
	sums  tally
}

// known is the last known state of a series.
type known struct {
	values  []float64
	created float64
	kind    int
	at      time.Time
	cut     bool
}

// tally is what was counted, and over how many seconds. Its numbers never fall while round stays
// the same.
type tally struct {
	// counted is by kind for a counter and by bucket for a histogram.
	counted []float64
	covered float64
	round   int
}

func (t tally) clone() tally {
	t.counted = slices.Clone(t.counted)
	return t
}

// advance adds a page, and says why it cannot be used; empty when it can. After a gap longer than
// the window nothing is compared, because it is not known when the increase happened.
func (l *ledger) advance(now reported, at time.Time, window time.Duration) (why string) {
	why = now.why
	if why == "" {
		why = l.unfit(now)
	}
	if why != "" {
		l.pages = 0
		return why
	}
	if l.at.IsZero() || at.Sub(l.at) > window {
		l.begin(now, at)
		return ""
	}
	l.late = l.lateMost(at)
	still := len(now.series) == 0 && len(l.series) == 0
	seen, compared := still, still
	for hash, s := range now.series {
		took, counted := l.count(hash, s, at, window)
		seen, compared = seen || took, compared || counted
	}
	if !seen {
		l.pages = 0
		return "the page lacks what it had of " + now.name
	}
	if compared {
		l.sums.covered += at.Sub(l.at).Seconds()
	}
	l.at = at
	l.pages++
	l.forget(at)
	return ""
}

// begin uses the page as the first one to compare with.
func (l *ledger) begin(now reported, at time.Time) {
	l.series = make(map[uint64]known, len(now.series))
	for hash, s := range now.series {
		l.series[hash] = known{values: s.values, created: s.created, kind: l.kind(s), at: at, cut: s.cut}
		l.bounds = s.bounds
	}
	l.at, l.pages = at, 1
}

// unfit says why a histogram cannot be compared with the known one; empty when it can. A page
// that lacks some of the buckets is a gap. The same different buckets on two pages in a row
// replace the known ones.
func (l *ledger) unfit(now reported) string {
	fits, alike := len(now.series) == 0, true
	var other []float64
	for _, s := range now.series {
		fits = fits || slices.Equal(s.bounds, l.bounds)
		alike = alike && (other == nil || slices.Equal(s.bounds, other))
		other = s.bounds
	}
	switch {
	case fits:
		l.pending = nil
		return ""
	case !alike:
		return now.name + " has samples with different buckets"
	case l.bounds == nil, slices.Equal(other, l.pending):
		l.anew()
		return ""
	}
	l.pending = other
	return now.name + " has other buckets than before"
}

// anew restarts the counting: earlier counts cannot be compared.
func (l *ledger) anew() {
	*l = ledger{sums: tally{round: l.sums.round + 1}}
}

// count adds the increase of one series. It reports whether the series was accepted, and whether
// it could be compared.
func (l *ledger) count(hash uint64, now sampled, at time.Time, window time.Duration) (took, compared bool) {
	before, old := l.series[hash]
	if !slices.Equal(now.bounds, l.bounds) || now.cut && old && !before.cut {
		return false, false
	}
	if !old {
		before = known{kind: l.kind(now)}
	}
	from, compared := l.base(before, now, old && at.Sub(before.at) <= window)
	if compared {
		l.add(before.kind, now.values, from)
	}
	before.values, before.at, before.cut = now.values, at, now.cut
	before.created = max(before.created, now.created)
	l.series[hash] = before
	return true, compared
}

// base is what a series is compared with: its last known values, or nil for zero. A series whose
// value fell was reset. A value that may be truncated proves nothing.
func (l *ledger) base(before known, now sampled, recent bool) (from []float64, ok bool) {
	seen := float64(l.at.Unix())
	switch {
	case before.at.IsZero():
		return nil, !now.cut && l.countedFromZero(now)
	case !recent, before.cut != now.cut, now.cut && fell(before.values, now.values):
		return nil, false
	}
	switch compareStarts(before.created, now.created, seen) {
	case startedAnew:
		return nil, true
	case startedOther:
		return nil, false
	case startedBefore:
	}
	if fell(before.values, now.values) {
		return nil, true
	}
	return before.values, true
}

// lateFactor is how many times faster than all known series a new one may have counted: failures
// come in bursts. A higher value must have existed before and was only not visible.
const lateFactor = 100

// lateMost is how much can have been counted since the previous page: by the rate so far, or,
// while nothing has been counted, no more than the other series show in total. Without either
// there is no bound.
func (l *ledger) lateMost(at time.Time) float64 {
	if done := total(l.sums.counted); done > 0 && l.sums.covered > 0 {
		return lateFactor * done / l.sums.covered * at.Sub(l.at).Seconds()
	}
	others := 0.0
	for _, s := range l.series {
		others += total(s.values)
	}
	if others == 0 {
		return math.Inf(1)
	}
	return others
}

func total(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum
}

// countedFromZero reports whether a new series has counted from zero since the previous page.
// Either its creation time says so, or it was missing on two pages in a row and its value could
// have been counted meanwhile. One page alone may have lacked it by accident.
func (l *ledger) countedFromZero(now sampled) bool {
	if now.created > 0 {
		return now.created >= float64(l.at.Unix())
	}
	return l.pages >= 2 && total(now.values) <= l.late
}

// rounding is the share of a number by which it may seem to fall: a sum of floats depends on the
// order in which a library adds them.
const rounding = 1e-12

// fell reports whether a number is lower than before.
func fell(before, now []float64) bool {
	for i := range now {
		if now[i] < before[i]*(1-rounding) {
			return true
		}
	}
	return false
}

// add adds the difference to the sums.
func (l *ledger) add(kind int, now, from []float64) {
	for i, n := range now {
		if from != nil {
			n = max(0, n-from[i])
		}
		at := kind + i
		for len(l.sums.counted) <= at {
			l.sums.counted = append(l.sums.counted, 0)
		}
		l.sums.counted[at] += n
	}
}

// kind is the index of a series' kind in the sums.
func (l *ledger) kind(s sampled) int {
	if s.bounds != nil {
		return 0
	}
	name := s.kind
	if at := slices.Index(l.kinds, name); at >= 0 {
		return at
	}
	if len(l.kinds) >= maxKinds {
		if at := slices.Index(l.kinds, otherKind); at >= 0 {
			return at
		}
		name = otherKind
	}
	l.kinds = append(l.kinds, name)
	return len(l.kinds) - 1
}

// restart records that the process restarted: every series counts from zero.
func (l *ledger) restart() {
	for hash, s := range l.series {
		s.values, s.created, s.cut = make([]float64, len(s.values)), 0, false
		l.series[hash] = s
	}
	l.pages = max(l.pages, 2) // a series that appears now has counted from zero, too.
}

// forget drops series that the last page did not have, when there are more than the limit. Below
// it none is dropped, because a dropped series that returns is taken for a new one.
func (l *ledger) forget(at time.Time) {
	if len(l.series) <= maxNumbers {
		return
	}
	for hash, s := range l.series {
		if s.at.Before(at) {
			delete(l.series, hash)
		}
	}
}

// size is how many numbers are kept.
func (l *ledger) size() int {
	n := len(l.sums.counted)
	for _, s := range l.series {
		n += len(s.values) + seriesSize
	}
	return n
}

// seriesSize is how many numbers' worth of memory a series takes beside its values.
const seriesSize = 12
