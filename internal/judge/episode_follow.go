package judge

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// Follow updates an episode by the present judgement of its component. prev is the newest episode
// of this component and kind, nil when there never was one. It returns the episode and whether it
// has to be stored. A returned episode without an ID is new and gets its number from the store
//
//
// Unknown data neither opens nor closes an episode; an open one records since when it has been
// blind. Between visible changes an episode is stored at most once per EditEvery.
func Follow(kind ledger.EpisodeKind, j Judgement, prev *ledger.Episode) (ledger.Episode, bool) {
	f := following{View: j.view, kind: kind, advice: j.advice}
	switch {
	case prev == nil:
		return f.open(ledger.Episode{}, false)
	case prev.Open():
		return f.move(*prev)
	case f.Policy.Alert.Grace > 0 && f.Now.At.Sub(prev.ClosedAt) <= f.Policy.Alert.Grace:
		return f.open(*prev, true)
	}
	return f.open(ledger.Episode{}, false)
}

// following is one evaluation of an episode.
type following struct {
	View
	kind   ledger.EpisodeKind
	advice ledger.Recommendation
}

// open starts an episode, or opens the last one again, if there is cause.
func (f following) open(e ledger.Episode, again bool) (ledger.Episode, bool) {
	// The last values of an ended episode say nothing about a new one.
	if f.blindFor(ledger.Episode{}) || !f.cause() {
		return e, false
	}
	if again {
		e.Reopened++
		e.ReopenedAt, e.ClosedAt = f.Now.At, time.Time{}
	} else {
		e = ledger.Episode{Component: f.Component.Name, Kind: f.kind, OpenedAt: f.Now.At}
	}
	e.ActBy, e.Overdue = f.advice.ActBy, false
	e.Peak, e.PeakLag = scale.UrgencyNone, 0
	e.QuietSince, e.Blind = time.Time{}, time.Time{}
	if f.kind == ledger.EpisodeSuggestion {
		e.ActBy = time.Time{}
	}
	return f.seen(e), true
}

// cause reports whether the recommendation gives cause for an episode: for an alert, a rule that
// fired and is urgent, or that another count would help; for a suggestion, a scale-down.
func (f following) cause() bool {
	if f.kind == ledger.EpisodeSuggestion {
		return f.advice.Action == scale.ScaleDown
	}
	for _, finding := range f.advice.Findings {
		if ScaleUpRule(finding.Rule) && finding.Outcome == scale.Fires && (finding.Urgency >= scale.UrgencyWarning || f.advice.Action == scale.ScaleUp) {
			return true
		}
	}
	return false
}

// blindFor reports whether too little is known to open or close this episode: the lag is unknown,
// or a rule that fired in the previous evaluation cannot be judged now.
func (f following) blindFor(e ledger.Episode) bool {
	if f.advice.Action == scale.Undecided {
		return true
	}
	if f.kind == ledger.EpisodeSuggestion {
		return e.Open() && !e.OpenedAt.IsZero() && !f.cause() && f.openRule(rulesThat(scale.ScaleDown)...)
	}
	lag, known := scale.Find(f.advice.Findings, scale.RuleLag)
	if !known || lag.Outcome == scale.Unclear {
		return true
	}
	for _, last := range e.Advice.Findings {
		if ScaleUpRule(last.Rule) && last.Outcome == scale.Fires && f.openRule(last.Rule) {
			return true
		}
	}
	return false
}

// openRule reports whether one of the rules cannot be judged now.
func (f following) openRule(rules ...scale.Rule) bool {
	return slices.ContainsFunc(f.advice.Findings, func(finding scale.Finding) bool {
		return finding.Outcome == scale.Unclear && slices.Contains(rules, finding.Rule)
	})
}

// move updates an open episode.
func (f following) move(e ledger.Episode) (ledger.Episode, bool) {
	switch {
	case f.Now.At.Before(e.At):
		return e, false
	case f.blindFor(e):
		return f.goBlind(e)
	}
	next := f.seen(e)
	next.Blind = time.Time{}
	next.ActBy = earliest(e.ActBy, f.actBy())
	next = f.quiet(next, e)
	next = f.overdue(next)
	next = endSnooze(next, f.Now.At)
	if !f.worthStoring(e, next) {
		return e, false
	}
	return next, true
}

// goBlind records since when the data has been unknown; the numbers stay at their last known
// values.
func (f following) goBlind(e ledger.Episode) (ledger.Episode, bool) {
	changed := e.Blind.IsZero() || !e.QuietSince.IsZero()
	if e.Blind.IsZero() {
		e.Blind = f.Now.At
	}
	e.QuietSince = time.Time{}
	if late := f.overdue(e); late.Overdue != e.Overdue {
		e, changed = late, true
	}
	if late := endSnooze(e, f.Now.At); late.SnoozedBy != e.SnoozedBy {
		e, changed = late, true
	}
	return e, changed
}

// seen updates the numbers of an episode.
func (f following) seen(e ledger.Episode) ledger.Episode {
	e.At, e.Advice, e.Urgency = f.Now.At, f.advice, f.advice.Urgency
	e.Advice.Options = f.options()
	switch {
	case f.kind == ledger.EpisodeSuggestion:
		e.Urgency = min(e.Urgency, scale.UrgencyInfo)
	case e.Urgency == scale.UrgencyNone:
		// Nothing fires any more, but the episode has not recovered yet.
		e.Urgency = scale.UrgencyInfo
	}
	e.Peak = max(e.Peak, e.Urgency)
	e.Lag, e.Age = -1, scale.Age{}
	if f.LagKnown {
		e.Lag = f.Lag.Total
		e.Age, _ = f.Lag.Oldest()
		e.PeakLag = max(e.PeakLag, e.Lag, f.peakSince(e.Began()))
	}
	e.Trend, _ = f.Trend()
	e.Spark = f.spark()
	return e
}

// peakSince is the highest lag since the episode began. It is taken from the history, because the
// episode is not stored at every sample.
func (f following) peakSince(t time.Time) int64 {
	peak := int64(0)
	for _, p := range measure.Since(f.Past, t) {
		if !scale.IsMissing(p.Lag) && !p.At.After(f.Now.At) {
			peak = max(peak, int64(p.Lag))
		}
	}
	return peak
}

// sparkTime is how far back the lag line on an alert card reaches.
const sparkTime = 10 * time.Minute

// spark is the lag of the last minutes in at most 20 steps.
func (v View) spark() []int64 {
	var known []int64
	for _, p := range measure.Since(v.Past, v.Now.At.Add(-sparkTime)) {
		if !scale.IsMissing(p.Lag) && !p.At.After(v.Now.At) {
			known = append(known, int64(p.Lag))
		}
	}
	var out []int64
	for i := range measure.SparkPoints {
		from, to := i*len(known)/measure.SparkPoints, (i+1)*len(known)/measure.SparkPoints
		if from < to {
			out = append(out, slices.Max(known[from:to]))
		}
	}
	return out
}

func (f following) actBy() time.Time {
	if f.kind == ledger.EpisodeSuggestion {
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
