package scale

// lowLimit is what counts as low lag: the good value, or some seconds of traffic where
// that is more, because commits come in intervals.
func (f followup) lowLimit() float64 {
	limit := f.p.After.LagGood
	if f.ratesKnown {
		limit = max(limit, usualCommit.Seconds()*f.rates.Arrival)
	}
	return min(limit, max(f.p.After.LagLow, f.p.After.LagGood))
}

// low reports whether the lag is low, as far as it could be read.
func (f followup) low() bool { return float64(f.lag.Total) < f.lowLimit() }

// idle reports whether there was nothing to work off, neither at the write nor now: what
// both show beyond that which may wait for the next commit is under the good value. A look
// at one moment sees anything up to a whole interval of that, however well a group keeps up.
func (f followup) idle() bool {
	then, limit := f.lagThen(), f.idleLimit()
	return f.lagComplete() && float64(f.lag.Total) < limit && (IsMissing(then) || then < limit)
}

// idleLimit is where a backlog begins, and never more than what is low at all.
func (f followup) idleLimit() float64 {
	return min(f.p.After.LagGood+f.betweenCommits(), max(f.p.After.LagLow, f.p.After.LagGood))
}

// betweenCommits is the most that a group which keeps up shows as lag. Where the arrivals of
// single partitions are not known, it is that of all by the usual interval.
func (v view) betweenCommits() float64 {
	if !v.ratesKnown {
		return 0
	}
	return max(v.perCommit(), v.movingArrival()*usualCommit.Seconds())
}

// idleSentence is the lag and, where it is not under the good value, what of it may only
// wait for the next commit.
func (f followup) idleSentence() string {
	text := "lag is " + Count(f.lag.Total)
	if float64(f.lag.Total) >= f.p.After.LagGood {
		text += ", " + f.betweenWords()
	}
	return text
}

// betweenWords says how much of the lag may be between commits.
func (f followup) betweenWords() string {
	if most := f.betweenCommits(); most < float64(f.lag.Total) {
		return "up to " + whole(most) + " of it may be between commits"
	}
	return "all of it may be between commits"
}
