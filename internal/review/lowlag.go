package review

import (
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// lowLimit is the limit of a low lag: the good value, or some seconds of traffic where that is
// more, because consumers commit in intervals.
func (f followup) lowLimit() float64 {
	limit := f.Policy.After.LagGood
	if f.RatesKnown {
		limit = max(limit, measure.UsualCommit.Seconds()*f.Rates.Arrival)
	}
	return min(limit, max(f.Policy.After.LagLow, f.Policy.After.LagGood))
}

// low reports whether the lag is low, as far as it could be read.
func (f followup) low() bool { return float64(f.Lag.Total) < f.lowLimit() }

// idle reports whether there was nothing to work off, neither at the write nor now: the lag at
// both moments, minus what may only wait for the next commit, is under the good value. A single
// reading may contain anything up to a whole commit interval, however well a group keeps up.
func (f followup) idle() bool {
	then, limit := f.lagThen(), f.idleLimit()
	return f.LagComplete() && float64(f.Lag.Total) < limit && (scale.IsMissing(then) || then < limit)
}

// idleLimit is the lag from which there is a backlog. It is never above the limit of a low lag.
func (f followup) idleLimit() float64 {
	return min(f.Policy.After.LagGood+f.BetweenCommits(), max(f.Policy.After.LagLow, f.Policy.After.LagGood))
}

// idleSentence is the lag and, where it is not under the good value, how much of it may only wait
// for the next commit.
func (f followup) idleSentence() string {
	text := "lag is " + scale.Count(f.Lag.Total)
	if float64(f.Lag.Total) >= f.Policy.After.LagGood {
		text += ", " + f.betweenWords()
	}
	return text
}

// betweenWords says how much of the lag may be between commits.
func (f followup) betweenWords() string {
	if most := f.BetweenCommits(); most < float64(f.Lag.Total) {
		return "up to " + scale.Whole(most) + " of it may be between commits"
	}
	return "all of it may be between commits"
}
