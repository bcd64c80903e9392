package review

import (
	"fmt"
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// suggest returns the next count worth scaling to. After a change that did not help it does not
// suggest more of the same (decision B.11).
func (f followup) suggest(j *judged, at stage) {
	switch j.verdict {
	case scale.VerdictIneffective, scale.VerdictHarmful, scale.VerdictNotApplied:
		return
	case scale.VerdictWorked, scale.VerdictGrew, scale.VerdictPartial, scale.VerdictUndecided, scale.VerdictRegressed, scale.VerdictHolds, scale.VerdictNoBacklog:
	}
	now := f.Now
	now.Tried = nil // a further scale-up would have to wait for this very report
	advice := judge.Recommend(f.Component, f.Policy, now, f.Past)
	switch {
	case advice.Action == scale.ScaleUp && advice.To > f.Replicas:
		j.suggest = advice.To
	case advice.Action == scale.ScaleDown && (f.op.Down() || at == mediumTerm):
		j.suggest = advice.To
	}
}

// nextStep says what to do now.
func (f followup) nextStep(j judged, last bool) string {
	switch j.verdict {
	case scale.VerdictWorked:
		return f.nextWorked(j, last)
	case scale.VerdictGrew, scale.VerdictPartial, scale.VerdictRegressed:
		if j.suggest > 0 {
			return fmt.Sprintf("Scale further, to %d, or look at what holds the workers up.", j.suggest)
		}
		return "Look at what holds the workers up; no higher count is recommended now."
	case scale.VerdictIneffective, scale.VerdictHarmful:
		return fmt.Sprintf("Find the bottleneck first; going back to %d loses nothing.", f.op.From)
	case scale.VerdictNotApplied:
		return "See why the pods do not take part, or go back to the old number."
	case scale.VerdictHolds:
		if j.suggest > 0 {
			return fmt.Sprintf("The next step down, to %d, may be taken.", j.suggest)
		}
		return "Nothing to do; keep the count."
	case scale.VerdictNoBacklog:
		if last {
			return fmt.Sprintf("Nothing to do; what %d workers add shows under load only.", f.Replicas)
		}
		return "Nothing to do; the next report follows."
	case scale.VerdictUndecided:
	}
	if last {
		return "Look at the lag by hand; no further report follows."
	}
	return "Wait for the next report."
}

func (f followup) nextWorked(j judged, last bool) string {
	switch {
	case j.suggest > f.Replicas:
		return fmt.Sprintf("It helps but is not enough: scale further, to %d.", j.suggest)
	case j.suggest > 0:
		return fmt.Sprintf("The load has gone: %d would do now.", j.suggest)
	case last:
		return fmt.Sprintf("Keep %d for now; scaling down is suggested when lag stays low long enough (R-050).", f.Replicas)
	}
	return "Nothing to do; the next report follows."
}

// clearedAfter is how long after the write the lag was first low. The time that an earlier report
// stored is kept: the history becomes coarser with time, and later backlogs do not count.
func (f followup) clearedAfter() (time.Duration, bool) {
	if f.cleared > 0 {
		return f.cleared, true
	}
	limit := f.lowLimit()
	high := false
	for _, p := range measure.Since(f.Past, f.wrote) {
		switch {
		case scale.IsMissing(p.Lag) || p.At.After(f.Now.At):
		case p.Lag >= limit:
			high = true
		case high:
			return p.At.Sub(f.wrote), true
		}
	}
	if high && f.LagKnown && float64(f.Lag.Total) < limit {
		return f.Now.At.Sub(f.wrote), true
	}
	return 0, false
}

// forecastSentence compares the card's forecast with what happened.
func (f followup) forecastSentence() string {
	if f.op.Down() {
		return ""
	}
	d := f.drain
	switch {
	case !d.Known:
		return scale.Sentence("No forecast was made: " + scale.Named(d.Why, "too little was known"))
	case !scale.IsMissing(f.lagThen()) && f.lagThen() < f.idleLimit():
		return "There was no backlog to forecast."
	}
	cleared, gone := f.clearedAfter()
	void := f.void(cleared, gone)
	fact := f.stillWaits(d, void)
	if gone {
		fact = goneAfter(cleared, d, void)
	}
	return scale.Sentence("Predicted: "+d.Sentence) + " " + scale.Sentence(fact) + void
}

// stillWaits describes the outcome while the backlog is there, or when nobody saw it end; a void
// forecast is not compared with it.
func (f followup) stillWaits(d ledger.Drain, void string) string {
	passed := f.Now.At.Sub(f.wrote)
	switch {
	case !f.LagKnown:
		return "whether the backlog is gone is unknown: " + f.Now.Lag.Why()
	case f.LagComplete() && f.low():
		return "the backlog is gone, and when it went was not seen"
	case len(f.Stalled) > 0:
		return fmt.Sprintf("after %s, %s wait, %s of them on %s, which %s not move", scale.Span(passed), scale.Count(f.Lag.Total),
			scale.Whole(float64(f.Lag.Total)-f.Backlog()), measure.PartitionNumbers(f.Stalled), scale.Verb(len(f.Stalled), "does", "do"))
	case void != "" || d.Never || d.MayNot || d.High >= passed || scale.Span(d.High) == scale.Span(passed):
		return fmt.Sprintf("after %s, %s wait", scale.Span(passed), scale.Count(f.Lag.Total))
	}
	return fmt.Sprintf("after %s, %s still wait, longer than predicted", scale.Span(passed), scale.Count(f.Lag.Total))
}

// goneAfter describes the outcome once the backlog is gone; a void forecast is not compared with
// it.
func goneAfter(cleared time.Duration, d ledger.Drain, void string) string {
	text := "the backlog was gone " + scale.Span(cleared) + " after the write"
	switch {
	case void != "" || d.Never:
		return text
	case scale.Span(cleared) == scale.Span(d.Low) || scale.Span(cleared) == scale.Span(d.High):
		// Two times that print alike are not called different.
	case cleared < d.Low:
		return text + ", faster than predicted"
	case !d.MayNot && cleared > d.High:
		return text + ", slower than predicted"
	}
	return text + ", as predicted"
}

// void says why the forecast's assumption no longer holds: the arrivals changed while the backlog
// was there. Arrivals after it was gone say nothing about the forecast.
func (f followup) void(cleared time.Duration, gone bool) string {
	then, now, known := f.arrivalsThenNow()
	if gone {
		if rate, over := measure.Slope(measure.Until(measure.Since(f.Past, f.wrote), f.wrote.Add(cleared)), measure.Arrivals, f.Policy.Times.Gap); over >= measure.LeastRateSpan {
			now = rate
		}
	}
	if !known || then <= 0 || math.Abs(now-then) <= demandMoved*then {
		return ""
	}
	return fmt.Sprintf(" Arrivals went from %s to %s, so the forecast no longer applies.", scale.PerSecond(then), scale.PerSecond(now))
}
