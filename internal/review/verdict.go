package review

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// The bounds of the verdict (decision B.11): the share of the expected extra throughput that was
// reached.
const (
	gainFull    = 0.7
	gainSome    = 0.3
	gainHarmful = -0.1
	// leastJudged is the shortest time with a backlog from which throughput can be judged.
	leastJudged = time.Minute
	// demandRose is the factor from which arrivals count as risen, and demandMoved the
	// relative change that makes a forecast void.
	demandRose  = 1.05
	demandMoved = 0.2
)

// judged is a verdict with what follows from it.
type judged struct {
	verdict   scale.Verdict
	why, next string
	suggest   int
	rollBack  bool
	diagnose  bool
}

// verdict judges whether the change achieved its purpose; before is the verdict of the previous
// report.
func (f followup) verdict(at position, before scale.Verdict, checks []scale.Check) judged {
	j := f.judge(at.list, before).byChecks(checks)
	f.suggest(&j, at.list)
	if j.next == "" {
		j.next = f.nextStep(j, at.last)
	}
	return j
}

func (f followup) judge(at stage, before scale.Verdict) judged {
	if j, not := f.notApplied(); not {
		return j
	}
	if f.op.Down() {
		return f.judgeDown()
	}
	worked := before == scale.VerdictWorked || before == scale.VerdictGrew
	if at == mediumTerm && worked && f.LagKnown && float64(f.Lag.Total) >= f.Policy.After.LagLow {
		return judged{verdict: scale.VerdictRegressed, diagnose: true,
			why: fmt.Sprintf("the change had worked, but lag is back at %s", scale.Count(f.Lag.Total))}
	}
	j := f.judgeUp()
	if worked && j.verdict == scale.VerdictUndecided && f.keepsUp() {
		return judged{verdict: scale.VerdictWorked, why: fmt.Sprintf("the change had worked, and %s keep up with the %s that arrive now; lag is %s",
			scale.Several(f.Replicas, "worker"), scale.PerSecond(f.Rates.Arrival), scale.Count(f.Lag.Total))}
	}
	return j
}

// notApplied finds changes that never took effect: they were undone, or their pods do not run, or
// run and own nothing.
func (f followup) notApplied() (judged, bool) {
	if f.op.Rollout().RevertedBy != "" {
		return judged{verdict: scale.VerdictNotApplied, why: f.op.Rollout().Reverted(),
			next: "Change the count where its owner keeps it."}, true
	}
	w, known := f.Now.Workload.Get()
	if !known {
		return judged{}, false
	}
	if w.Desired != f.op.To {
		return judged{verdict: scale.VerdictNotApplied,
			why:  fmt.Sprintf("%d replicas are wanted now, not %d%s", w.Desired, f.op.To, ByWhom(w)),
			next: fmt.Sprintf("The count was changed since; propose %d again if it is still needed.", f.op.To)}, true
	}
	if f.op.Down() {
		return judged{}, false
	}
	if ready := w.ReadyPods(); ready <= f.op.From {
		return judged{verdict: scale.VerdictNotApplied, diagnose: true, rollBack: true,
			why: fmt.Sprintf("only %d of %s are ready%s", ready, scale.Several(w.Desired, "pod"), firstTrouble(w))}, true
	}
	consumers, seen := f.ConsumersNow.Get()
	if working := consumers.WorkingPods(f.ConsumersEach()); seen && consumers.State.Stable() && f.op.From < f.Ceiling() && working <= f.op.From {
		return judged{verdict: scale.VerdictNotApplied, diagnose: true, why: f.onlyOwn(consumers, working)}, true
	}
	return judged{}, false
}

func firstTrouble(w scale.Workload) string {
	for _, p := range w.Counted() {
		if !p.Ready && p.Reason() != "" {
			return ": " + p.Name + ", " + p.Reason()
		}
	}
	return ""
}

// onlyOwn says which of the running pods do the work.
func (f followup) onlyOwn(c measure.Consumers, working int) string {
	noun := "member"
	if c.Matched {
		noun = "pod"
	}
	return fmt.Sprintf("the pods run, but only %s own partitions%s", scale.Several(working, noun), c.OthersClause())
}

// judgeDown judges a scale-down: lag has to stay low.
func (f followup) judgeDown() judged {
	if !f.LagComplete() {
		return judged{verdict: scale.VerdictUndecided, why: f.LagGap()}
	}
	trend, change := measure.TrendOf(f.after(), f.Policy)
	lag := float64(f.Lag.Total)
	switch {
	case lag < f.lowLimit():
		return judged{verdict: scale.VerdictHolds, why: fmt.Sprintf("lag stayed low, %s with %s", scale.Count(f.Lag.Total), scale.Several(f.Replicas, "worker"))}
	case f.tookUnstarted():
		return judged{verdict: scale.VerdictHolds, why: fmt.Sprintf("the pods that went never ran, so that nothing was lost; lag is %s, %s", scale.Count(f.Lag.Total), measure.TrendSentence(trend, change)),
			next: "Find out why the new pods did not start before adding workers again (R-136)."}
	case lag >= f.Policy.After.LagLow || trend == scale.Rising:
		return judged{verdict: scale.VerdictHarmful, rollBack: true, diagnose: true,
			why:  fmt.Sprintf("lag is %s and %s since the move from %d to %d", scale.Count(f.Lag.Total), measure.TrendSentence(trend, change), f.op.From, f.op.To),
			next: fmt.Sprintf("Stop scaling down and go back one step, to %d (R-054).", f.op.From)}
	case trend == scale.TrendUnknown:
		return judged{verdict: scale.VerdictUndecided, why: "lag is " + scale.Count(f.Lag.Total) + "; where it is going is unknown"}
	}
	return judged{verdict: scale.VerdictHolds, why: fmt.Sprintf("lag is %s, %s", scale.Count(f.Lag.Total), measure.TrendSentence(trend, change))}
}

// judgeUp judges by the throughput while there was a backlog, not by the slope of lag. Lag may
// fall because less arrives, and may rise although the new workers do all they can.
func (f followup) judgeUp() judged {
	if !f.LagKnown {
		return judged{verdict: scale.VerdictUndecided, why: "lag is unknown: " + f.Now.Lag.Why()}
	}
	if why := f.StalledVeto(); why != "" {
		return judged{verdict: scale.VerdictIneffective, diagnose: true, rollBack: true, why: why}
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
		return judged{verdict: scale.VerdictUndecided, why: fmt.Sprintf("what the workers did with a backlog before was not measured; now it is %s, lag is %s", scale.PerSecond(seen), scale.Count(f.Lag.Total))}
	}
	numbers := fmt.Sprintf("%s with a backlog, %s before, %s expected", scale.PerSecond(seen), scale.PerSecond(before), scale.PerSecond(expected))
	switch {
	case gain >= gainFull:
		return f.judgeGain(numbers)
	case gain >= gainSome:
		return judged{verdict: scale.VerdictPartial, diagnose: true, why: "throughput rose by less than expected: " + numbers}
	case gain >= gainHarmful:
		return judged{verdict: scale.VerdictIneffective, diagnose: true, rollBack: true, why: hardly(seen, before) + ": " + numbers + f.lagNevertheless()}
	}
	return judged{verdict: scale.VerdictHarmful, diagnose: true, rollBack: true, why: "throughput fell: " + numbers}
}

// hardly describes a throughput that did not rise as expected, in words that fit the numbers
// printed beside it.
func hardly(seen, before float64) string {
	if scale.PerSecond(seen) == scale.PerSecond(before) || seen < before {
		return "throughput did not rise"
	}
	return "throughput hardly rose"
}

// keepsUp reports whether the workers process all that arrives and little is waiting. A
// throughput that does not rise then shows only that there is no more to do.
func (f followup) keepsUp() bool {
	return f.handlesArrivals() && float64(f.Lag.Total) < f.Policy.After.LagLow
}

// handlesArrivals reports whether the workers process all arrivals on the partitions that
// advance.
func (f followup) handlesArrivals() bool {
	return f.RatesKnown && f.Rates.Consumption >= f.Policy.After.KeptUp*f.MovingArrival()
}

// judgeGain distinguishes the verdicts of a change with the expected throughput by what happened
// to the lag.
func (f followup) judgeGain(numbers string) judged {
	trend, _ := measure.TrendOf(f.after(), f.Policy)
	if float64(f.Lag.Total) < f.Policy.After.LagLow || trend == scale.Falling {
		return judged{verdict: scale.VerdictWorked, why: "throughput rose as expected: " + numbers}
	}
	if then, now, rose := f.demand(); rose {
		return judged{verdict: scale.VerdictGrew, why: fmt.Sprintf("throughput rose as expected (%s), but arrivals grew from %s to %s", numbers, scale.PerSecond(then), scale.PerSecond(now))}
	}
	return judged{verdict: scale.VerdictPartial, why: "the new workers do what was expected (" + numbers + "), but that does not bring the lag down"}
}

func (f followup) lagNevertheless() string {
	if then, now, known := f.arrivalsThenNow(); known && now < then && float64(f.Lag.Total) < f.lagThen() {
		return fmt.Sprintf("; lag fell because arrivals did, from %s to %s", scale.PerSecond(then), scale.PerSecond(now))
	}
	return ""
}
