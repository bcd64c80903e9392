package scale

import (
	"fmt"
	"time"
)

// The bounds of the verdict (decision B.11): the share of the expected extra throughput
// that was seen.
const (
	gainFull    = 0.7
	gainSome    = 0.3
	gainHarmful = -0.1
	// leastJudged is the shortest busy time that says anything about throughput.
	leastJudged = time.Minute
	// demandRose is the factor from which arrivals count as risen, and demandMoved the
	// relative change that makes a forecast void.
	demandRose  = 1.05
	demandMoved = 0.2
)

// judged is a verdict with what follows from it.
type judged struct {
	verdict   Verdict
	why, next string
	suggest   int
	rollBack  bool
	diagnose  bool
}

// verdict judges whether the change did what it was made for; before is the verdict of the
// report before this one.
func (f followup) verdict(at stage, before Verdict, checks []Check) judged {
	j := f.judge(at, before).byChecks(checks)
	f.suggest(&j, at)
	if j.next == "" {
		j.next = f.nextStep(j, at)
	}
	return j
}

func (f followup) judge(at stage, before Verdict) judged {
	if j, not := f.notApplied(); not {
		return j
	}
	if f.op.Change.Down() {
		return f.judgeDown()
	}
	worked := before == VerdictWorked || before == VerdictGrew
	if at == inTheEnd && worked && f.lagKnown && float64(f.lag.Total) >= f.p.After.LagLow {
		return judged{verdict: VerdictRegressed, diagnose: true,
			why: fmt.Sprintf("the change had worked, but lag is back at %s", Count(f.lag.Total))}
	}
	j := f.judgeUp()
	if worked && j.verdict == VerdictUndecided && f.keepsUp() {
		return judged{verdict: VerdictWorked, why: fmt.Sprintf("the change had worked, and %s keep up with the %s that arrive now; lag is %s",
			several(f.replicas, "worker"), PerSecond(f.rates.Arrival), Count(f.lag.Total))}
	}
	return j
}

// notApplied finds changes that never took effect: undone, pods that do not run, pods
// that run and own nothing.
func (f followup) notApplied() (judged, bool) {
	if by := f.op.Rollout.RevertedBy; by != "" {
		return judged{verdict: VerdictNotApplied, why: fmt.Sprintf("%s set the count back to %d", by, f.op.Rollout.RevertedTo),
			next: "Change the count where its owner keeps it."}, true
	}
	w, known := f.s.Workload.Get()
	if !known {
		return judged{}, false
	}
	if w.Desired != f.op.Change.To {
		return judged{verdict: VerdictNotApplied,
			why:  fmt.Sprintf("%d replicas are wanted now, not %d%s", w.Desired, f.op.Change.To, byWhom(w)),
			next: fmt.Sprintf("The count was changed since; propose %d again if it is still needed.", f.op.Change.To)}, true
	}
	if f.op.Change.Down() {
		return judged{}, false
	}
	if ready := w.readyPods(); ready <= f.op.Change.From {
		return judged{verdict: VerdictNotApplied, diagnose: true, rollBack: true,
			why: fmt.Sprintf("only %d of %s are ready%s", ready, several(w.Desired, "pod"), firstTrouble(w))}, true
	}
	consumers, seen := f.consumersNow.Get()
	if working := consumers.workingPods(f.consumersEach()); seen && consumers.State.Stable() && f.op.Change.From < f.ceiling() && working <= f.op.Change.From {
		return judged{verdict: VerdictNotApplied, diagnose: true, why: f.onlyOwn(consumers, working)}, true
	}
	return judged{}, false
}

func firstTrouble(w Workload) string {
	for _, p := range w.Counted() {
		if !p.Ready && p.reason() != "" {
			return ": " + p.Name + ", " + p.reason()
		}
	}
	return ""
}

// onlyOwn says who works of the pods that run.
func (f followup) onlyOwn(c Consumers, working int) string {
	noun := "member"
	if c.Matched {
		noun = "pod"
	}
	return fmt.Sprintf("the pods run, but only %s own partitions%s", several(working, noun), c.others())
}

// judgeDown follows a scale-down: lag has to stay low.
func (f followup) judgeDown() judged {
	if !f.lagComplete() {
		return judged{verdict: VerdictUndecided, why: f.lagGap()}
	}
	trend, change := trendOf(f.after(), f.p)
	lag := float64(f.lag.Total)
	switch {
	case lag < f.lowLimit():
		return judged{verdict: VerdictHolds, why: fmt.Sprintf("lag stayed low, %s with %s", Count(f.lag.Total), several(f.replicas, "worker"))}
	case f.tookUnstarted():
		return judged{verdict: VerdictHolds, why: fmt.Sprintf("the pods that went never ran, so that nothing was lost; lag is %s, %s", Count(f.lag.Total), trendSentence(trend, change)),
			next: "Find out why the new pods did not start before adding workers again (R-136)."}
	case lag >= f.p.After.LagLow || trend == Rising:
		return judged{verdict: VerdictHarmful, rollBack: true, diagnose: true,
			why:  fmt.Sprintf("lag is %s and %s since the move from %d to %d", Count(f.lag.Total), trendSentence(trend, change), f.op.Change.From, f.op.Change.To),
			next: fmt.Sprintf("Stop scaling down and go back one step, to %d (R-054).", f.op.Change.From)}
	case trend == TrendUnknown:
		return judged{verdict: VerdictUndecided, why: "lag is " + Count(f.lag.Total) + "; where it is going is unknown"}
	}
	return judged{verdict: VerdictHolds, why: fmt.Sprintf("lag is %s, %s", Count(f.lag.Total), trendSentence(trend, change))}
}

// judgeUp judges throughput while there was a backlog, not the slope of lag: lag may
// fall because less arrives, and rise although the new workers do all they can.
func (f followup) judgeUp() judged {
	if !f.lagKnown {
		return judged{verdict: VerdictUndecided, why: "lag is unknown: " + f.s.Lag.Why()}
	}
	if why := f.stalledVeto(); why != "" {
		return judged{verdict: VerdictIneffective, diagnose: true, rollBack: true, why: why}
	}
	seen, over := f.busyRate(f.after())
	before := f.rateBefore()
	expected := f.expected(before)
	if over < leastJudged || before <= 0 || expected <= before {
		return f.judgeWithout(before)
	}
	gain := (seen - before) / (expected - before)
	if gain < gainSome && f.keepsUp() {
		return f.judgeWithout(before)
	}
	if gain < gainFull && f.guessedBefore() {
		return judged{verdict: VerdictUndecided, why: fmt.Sprintf("what the workers did with a backlog before was not measured; now it is %s, lag is %s", PerSecond(seen), Count(f.lag.Total))}
	}
	numbers := fmt.Sprintf("%s with a backlog, %s before, %s expected", PerSecond(seen), PerSecond(before), PerSecond(expected))
	switch {
	case gain >= gainFull:
		return f.judgeGain(numbers)
	case gain >= gainSome:
		return judged{verdict: VerdictPartial, diagnose: true, why: "throughput rose by less than expected: " + numbers}
	case gain >= gainHarmful:
		return judged{verdict: VerdictIneffective, diagnose: true, rollBack: true, why: hardly(seen, before) + ": " + numbers + f.lagNevertheless()}
	}
	return judged{verdict: VerdictHarmful, diagnose: true, rollBack: true, why: "throughput fell: " + numbers}
}

// hardly says what became of a throughput that did not rise as it should have, by the numbers
// that are printed beside it.
func hardly(seen, before float64) string {
	if PerSecond(seen) == PerSecond(before) || seen < before {
		return "throughput did not rise"
	}
	return "throughput hardly rose"
}

// keepsUp reports whether the workers handle all that arrives and little is waiting:
// throughput that does not rise then says that there is no more to do, and nothing
// about the workers.
func (f followup) keepsUp() bool {
	return f.handlesArrivals() && float64(f.lag.Total) < f.p.After.LagLow
}

// handlesArrivals reports whether the workers handle what arrives on partitions that move.
func (f followup) handlesArrivals() bool {
	return f.ratesKnown && f.rates.Consumption >= f.p.After.KeptUp*f.movingArrival()
}

// judgeGain tells apart what full throughput did to the lag.
func (f followup) judgeGain(numbers string) judged {
	trend, _ := trendOf(f.after(), f.p)
	if float64(f.lag.Total) < f.p.After.LagLow || trend == Falling {
		return judged{verdict: VerdictWorked, why: "throughput rose as expected: " + numbers}
	}
	if then, now, rose := f.demand(); rose {
		return judged{verdict: VerdictGrew, why: fmt.Sprintf("throughput rose as expected (%s), but arrivals grew from %s to %s", numbers, PerSecond(then), PerSecond(now))}
	}
	return judged{verdict: VerdictPartial, why: "the new workers do what was expected (" + numbers + "), but that does not bring the lag down"}
}

func (f followup) lagNevertheless() string {
	if then, now, known := f.arrivalsThenNow(); known && now < then && float64(f.lag.Total) < f.lagThen() {
		return fmt.Sprintf("; lag fell because arrivals did, from %s to %s", PerSecond(then), PerSecond(now))
	}
	return ""
}
