package scale

import (
	"slices"
	"time"
)

// Follow moves an episode one look further, by the judgement of its component. prev is
// the newest episode of this component and kind, nil when there never was one. It returns
// the episode to store and whether anything has to be stored; a returned episode without
// an ID is a new one and gets its number from the store.
//
// Unknown data neither opens nor closes an episode; an open one says since when it has
// been blind. Between visible changes an episode is stored at most once per EditEvery.
func Follow(kind EpisodeKind, j Judgement, prev *Episode) (Episode, bool) {
	f := following{view: j.view, kind: kind, advice: j.advice}
	switch {
	case prev == nil:
		return f.open(Episode{}, false)
	case prev.Open():
		return f.move(*prev)
	case f.p.Alert.Grace > 0 && f.s.At.Sub(prev.ClosedAt) <= f.p.Alert.Grace:
		return f.open(*prev, true)
	}
	return f.open(Episode{}, false)
}

// following is one look at an episode.
type following struct {
	view
	kind   EpisodeKind
	advice Recommendation
}

// open begins an episode if there is cause, or opens the last one again.
func (f following) open(e Episode, again bool) (Episode, bool) {
	// What an episode that has ended last saw says nothing about a new one.
	if f.blindFor(Episode{}) || !f.cause() {
		return e, false
	}
	if again {
		e.Reopened++
		e.ReopenedAt, e.ClosedAt = f.s.At, time.Time{}
	} else {
		e = Episode{Component: f.c.Name, Kind: f.kind, OpenedAt: f.s.At}
	}
	e.ActBy, e.Overdue = f.advice.ActBy, false
	e.Peak, e.PeakLag = UrgencyNone, 0
	e.QuietSince, e.Blind = time.Time{}, time.Time{}
	if f.kind == EpisodeSuggestion {
		e.ActBy = time.Time{}
	}
	return f.seen(e), true
}

// cause reports whether the recommendation gives cause for an episode: for an alert a
// rule that fired and is urgent or has a remedy in the count, for a suggestion a
// scale-down.
func (f following) cause() bool {
	if f.kind == EpisodeSuggestion {
		return f.advice.Action == ScaleDown
	}
	for _, finding := range f.advice.Findings {
		if finding.upRule() && finding.Outcome == Fires && (finding.Urgency >= UrgencyWarning || f.advice.Action == ScaleUp) {
			return true
		}
	}
	return false
}

// blindFor reports whether too little is known to open or close this episode: the lag,
// or a rule that fired at the last look and cannot be judged now.
func (f following) blindFor(e Episode) bool {
	if f.advice.Action == Undecided {
		return true
	}
	if f.kind == EpisodeSuggestion {
		return e.Open() && !e.OpenedAt.IsZero() && !f.cause() && f.openRule("R-011", "R-012", "R-013", "R-014")
	}
	lag, known := find(f.advice.Findings, ruleLag)
	if !known || lag.Outcome == Unclear {
		return true
	}
	for _, last := range e.Advice.Findings {
		if last.upRule() && last.Outcome == Fires && f.openRule(last.Rule) {
			return true
		}
	}
	return false
}

// openRule reports whether one of the rules cannot be judged now.
func (f following) openRule(rules ...string) bool {
	return slices.ContainsFunc(f.advice.Findings, func(finding Finding) bool {
		return finding.Outcome == Unclear && slices.Contains(rules, finding.Rule)
	})
}

// move follows an open episode.
func (f following) move(e Episode) (Episode, bool) {
	switch {
	case f.s.At.Before(e.At):
		return e, false
	case f.blindFor(e):
		return f.goBlind(e)
	}
	next := f.seen(e)
	next.Blind = time.Time{}
	next.ActBy = earliest(e.ActBy, f.actBy())
	next = f.quiet(next, e)
	next = f.overdue(next)
	next = endSnooze(next, f.s.At)
	if !f.worthStoring(e, next) {
		return e, false
	}
	return next, true
}

// goBlind notes since when the data has been unknown; the numbers stay as they were
// last known.
func (f following) goBlind(e Episode) (Episode, bool) {
	changed := e.Blind.IsZero() || !e.QuietSince.IsZero()
	if e.Blind.IsZero() {
		e.Blind = f.s.At
	}
	e.QuietSince = time.Time{}
	if late := f.overdue(e); late.Overdue != e.Overdue {
		e, changed = late, true
	}
	if late := endSnooze(e, f.s.At); late.SnoozedBy != e.SnoozedBy {
		e, changed = late, true
	}
	return e, changed
}

// seen brings the numbers of an episode up to date.
func (f following) seen(e Episode) Episode {
	e.At, e.Advice, e.Urgency = f.s.At, f.advice, f.advice.Urgency
	e.Advice.Options = f.options()
	switch {
	case f.kind == EpisodeSuggestion:
		e.Urgency = min(e.Urgency, UrgencyInfo)
	case e.Urgency == UrgencyNone:
		// Nothing fires any more, but the episode has not recovered yet.
		e.Urgency = UrgencyInfo
	}
	e.Peak = max(e.Peak, e.Urgency)
	e.Lag, e.Age = -1, Age{}
	if f.lagKnown {
		e.Lag = f.lag.Total
		e.Age, _ = f.lag.Oldest()
		e.PeakLag = max(e.PeakLag, e.Lag, f.peakSince(e.Began()))
	}
	e.Trend, _ = f.trend()
	e.Spark = f.spark()
	return e
}

// peakSince is the highest lag since the episode began, so that a peak between two
// stored looks is not lost.
func (f following) peakSince(t time.Time) int64 {
	peak := int64(0)
	for _, p := range since(f.past, t) {
		if !IsMissing(p.Lag) && !p.At.After(f.s.At) {
			peak = max(peak, int64(p.Lag))
		}
	}
	return peak
}

// sparkTime is how far back the small line on an alert card reaches.
const sparkTime = 10 * time.Minute

// spark is the lag of the last minutes in at most 20 steps.
func (v view) spark() []int64 {
	var known []int64
	for _, p := range since(v.past, v.s.At.Add(-sparkTime)) {
		if !IsMissing(p.Lag) && !p.At.After(v.s.At) {
			known = append(known, int64(p.Lag))
		}
	}
	var out []int64
	for i := range sparkPoints {
		from, to := i*len(known)/sparkPoints, (i+1)*len(known)/sparkPoints
		if from < to {
			out = append(out, slices.Max(known[from:to]))
		}
	}
	return out
}

func (f following) actBy() time.Time {
	if f.kind == EpisodeSuggestion {
		return time.Time{}
	}
	return f.advice.ActBy
}

func earliest(a, b time.Time) time.Time {
	switch {
	case a.IsZero():
		return b
	case b.IsZero() || a.Before(b):
		return a
	}
	return b
}
