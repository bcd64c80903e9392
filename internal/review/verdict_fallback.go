package review

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/scale"
)

// judgeWithout judges when there was a backlog for too short a time to measure the new
// throughput.
func (f followup) judgeWithout(before float64) judged {
	then := f.lagThen()
	low := f.LagComplete() && f.low()
	switch {
	case f.idle():
		return f.judgeTriggers()
	case !low && !f.LagComplete():
		return judged{verdict: scale.VerdictUndecided, why: f.LagGap()}
	case !low && f.keepsUp():
		return judged{verdict: scale.VerdictUndecided, why: fmt.Sprintf("the workers keep up, and too little is waiting to show what the new workers add; %s arrive, lag is %s", scale.PerSecond(f.Rates.Arrival), scale.Count(f.Lag.Total))}
	case !low:
		return judged{verdict: scale.VerdictUndecided, why: "too little has been seen since the pods settled; lag is " + scale.Count(f.Lag.Total)}
	}
	cleared, ok := f.clearedAfter()
	text := fmt.Sprintf("the backlog of %s is gone", scale.Whole(then))
	if ok {
		text += " after " + scale.Span(cleared)
	}
	if !f.RatesKnown {
		return judged{verdict: scale.VerdictUndecided, why: text + "; whether the new workers did it is open, arrivals are unknown"}
	}
	old := f.op.Plan.Now.Drain
	switch {
	case before > 0 && f.Rates.Arrival > demandRose*before:
		return judged{verdict: scale.VerdictWorked, why: fmt.Sprintf("%s, and the %s that arrive are more than %s managed (%s)",
			text, scale.PerSecond(f.Rates.Arrival), scale.Several(f.op.From, "worker"), scale.PerSecond(before))}
	case old.Known && !f.demandFell() && ok && f.wrote.Add(cleared).After(f.settled) && (old.Never || cleared < old.Low):
		return judged{verdict: scale.VerdictWorked, why: fmt.Sprintf("%s; with %s the forecast was %s", text, scale.Several(f.op.From, "worker"), old.Sentence)}
	}
	return judged{verdict: scale.VerdictUndecided, why: fmt.Sprintf("%s, before it could be seen what the new workers add; %s arrive now", text, scale.PerSecond(f.Rates.Arrival))}
}

// judgeTriggers judges a change made without a backlog by the triggers that asked for it.
func (f followup) judgeTriggers() judged {
	var still, gone, open []string
	now := f.UpFindings()
	for _, asked := range f.op.Advice.Findings {
		if !judge.ScaleUpRule(asked.Rule) || asked.Outcome != scale.Fires {
			continue
		}
		switch finding, _ := scale.Find(now, asked.Rule); finding.Outcome {
		case scale.Fires:
			still = append(still, finding.Sentence)
		case scale.Silent:
			gone = append(gone, finding.Sentence)
		case scale.Unclear:
			open = append(open, finding.Sentence)
		}
	}
	switch {
	case len(still) > 0:
		return judged{verdict: scale.VerdictIneffective, diagnose: true, rollBack: true, why: "what asked for the change still holds: " + scale.List(still, 3)}
	case len(open) > 0:
		return judged{verdict: scale.VerdictUndecided, why: "whether it helped is unknown: " + scale.List(open, 3)}
	case len(gone) > 0:
		return judged{verdict: scale.VerdictWorked, why: "what asked for the change is over: " + scale.List(gone, 3)}
	}
	return judged{verdict: scale.VerdictNoBacklog, why: f.idleSentence()}
}

// byChecks judges a change without a backlog by its checks alone. One that failed, or that could
// not be made, leaves the verdict undecided.
func (j judged) byChecks(checks []scale.Check) judged {
	if j.verdict != scale.VerdictNoBacklog {
		return j
	}
	results := map[scale.Result]int{}
	for _, check := range checks {
		results[check.Result]++
	}
	switch {
	case results[scale.Fail] > 0:
		j.verdict, j.why = scale.VerdictUndecided, fmt.Sprintf("there was no backlog to judge by, and %s failed; %s", scale.Several(results[scale.Fail], "check"), j.why)
	case results[scale.ResultUnsure] > 0:
		j.verdict, j.why = scale.VerdictUndecided, fmt.Sprintf("there was no backlog to judge by, and %s no answer; %s", have(results[scale.ResultUnsure], "check"), j.why)
	case results[scale.Warn] > 0:
		j.why = fmt.Sprintf("no check failed, %s; %s", scale.Several(results[scale.Warn], "remark"), j.why)
	default:
		j.why = "all checks passed; " + j.why
	}
	return j
}

func have(n int, noun string) string {
	return scale.Several(n, noun) + " " + scale.Verb(n, "has", "have")
}
