package scale

import "fmt"

// judgeWithout judges when there was too little busy time to see the new throughput.
func (f followup) judgeWithout(before float64) judged {
	then := f.lagThen()
	low := f.lagComplete() && f.low()
	switch {
	case f.idle():
		return f.judgeTriggers()
	case !low && !f.lagComplete():
		return judged{verdict: VerdictUndecided, why: f.lagGap()}
	case !low && f.keepsUp():
		return judged{verdict: VerdictUndecided, why: fmt.Sprintf("the workers keep up, and too little is waiting to show what the new workers add; %s arrive, lag is %s", PerSecond(f.rates.Arrival), Count(f.lag.Total))}
	case !low:
		return judged{verdict: VerdictUndecided, why: "too little has been seen since the pods settled; lag is " + Count(f.lag.Total)}
	}
	cleared, ok := f.clearedAfter()
	text := fmt.Sprintf("the backlog of %s is gone", whole(then))
	if ok {
		text += " after " + Span(cleared)
	}
	if !f.ratesKnown {
		return judged{verdict: VerdictUndecided, why: text + "; whether the new workers did it is open, arrivals are unknown"}
	}
	old := f.op.Plan.Now.Drain
	switch {
	case before > 0 && f.rates.Arrival > demandRose*before:
		return judged{verdict: VerdictWorked, why: fmt.Sprintf("%s, and the %s that arrive are more than %s managed (%s)",
			text, PerSecond(f.rates.Arrival), several(f.op.Change.From, "worker"), PerSecond(before))}
	case old.Known && !f.demandFell() && ok && f.wrote.Add(cleared).After(f.settled) && (old.Never || cleared < old.Low):
		return judged{verdict: VerdictWorked, why: fmt.Sprintf("%s; with %s the forecast was %s", text, several(f.op.Change.From, "worker"), old.Sentence)}
	}
	return judged{verdict: VerdictUndecided, why: fmt.Sprintf("%s, before it could be seen what the new workers add; %s arrive now", text, PerSecond(f.rates.Arrival))}
}

// judgeTriggers judges a change made without a backlog by the rules that asked for it.
func (f followup) judgeTriggers() judged {
	var still, gone, open []string
	now := f.upFindings()
	for _, asked := range f.op.Advice.Findings {
		if !asked.upRule() || asked.Outcome != Fires {
			continue
		}
		switch finding, _ := find(now, asked.Rule); finding.Outcome {
		case Fires:
			still = append(still, finding.Sentence)
		case Silent:
			gone = append(gone, finding.Sentence)
		case Unclear:
			open = append(open, finding.Sentence)
		}
	}
	switch {
	case len(still) > 0:
		return judged{verdict: VerdictIneffective, diagnose: true, rollBack: true, why: "what asked for the change still holds: " + list(still, 3)}
	case len(open) > 0:
		return judged{verdict: VerdictUndecided, why: "whether it helped is unknown: " + list(open, 3)}
	case len(gone) > 0:
		return judged{verdict: VerdictWorked, why: "what asked for the change is over: " + list(gone, 3)}
	}
	return judged{verdict: VerdictNoBacklog, why: f.idleSentence()}
}

// byChecks ends a judgement that had nothing to work off: the checks are all there is to
// judge by, so one that failed or has no answer leaves it undecided.
func (j judged) byChecks(checks []Check) judged {
	if j.verdict != VerdictNoBacklog {
		return j
	}
	results := map[Result]int{}
	for _, check := range checks {
		results[check.Result]++
	}
	switch {
	case results[Fail] > 0:
		j.verdict, j.why = VerdictUndecided, fmt.Sprintf("there was no backlog to judge by, and %s failed; %s", several(results[Fail], "check"), j.why)
	case results[ResultUnsure] > 0:
		j.verdict, j.why = VerdictUndecided, fmt.Sprintf("there was no backlog to judge by, and %s no answer; %s", have(results[ResultUnsure], "check"), j.why)
	case results[Warn] > 0:
		j.why = fmt.Sprintf("no check failed, %s; %s", several(results[Warn], "remark"), j.why)
	default:
		j.why = "all checks passed; " + j.why
	}
	return j
}

func have(n int, noun string) string { return several(n, noun) + " " + verb(n, "has", "have") }
