package scale

import (
	"fmt"
	"time"
)

// Diagnosis is the troubleshooting section of the runbook applied to what is seen
//
type Diagnosis struct {
	Component string
	// Headline says what is most likely wrong, or that nothing stands out.
	Headline string
	// Findings are the branches of the runbook in its order, each answered.
	Findings []Check
	// Next are the steps to take, in order.
	Next []string
}

// branch is one troubleshooting branch answered: the check, the headline it would make
// and the steps it leads to. Only a failed or warned branch counts.
type branch struct {
	check    Check
	headline string
	next     []string
}

// found reports whether the branch explains something.
func (b branch) found() bool { return b.check.Result == Fail || b.check.Result == Warn }

// Diagnose walks through the troubleshooting branches.
func Diagnose(c Component, p Policy, s Snapshot, past []Point) Diagnosis {
	v := look(c, p, s, past)
	d := Diagnosis{Component: c.Name}
	branches := []branch{
		v.scaledBranch(), v.elsewhereBranch(), v.partitionsBranch(), v.boundsBranch(),
		v.stalledBranch(), v.hotBranch(), v.rebalanceBranch(), v.startBranch(), v.errorsBranch(), v.ownerBranch(),
	}
	branches = append(v.remadeBranch(), branches...)
	unanswered := 0
	for _, b := range branches {
		d.Findings = append(d.Findings, b.check)
		if b.check.Result == ResultUnsure {
			unanswered++
		}
		if !b.found() {
			continue
		}
		if b.headline != "" && (d.Headline == "" || b.check.Result == Fail && d.firstFail() == b.check.Rule) {
			d.Headline = b.headline
		}
		for _, step := range b.next {
			d.Next = appendNew(d.Next, step)
		}
	}
	if d.Headline == "" {
		d.Headline = v.nothingStandsOut(unanswered)
		if r := Recommend(c, p, s, past); r.Action == ScaleUp {
			d.Headline = fmt.Sprintf("Nothing is broken: there is more to do than %s.", managed(v.replicas))
			d.Next = appendNew(d.Next, fmt.Sprintf("scale from %d to %d: %s", r.From, r.To, list(fired(v.upFindings()), 2)))
		}
	}
	for _, step := range v.tuningAdvice() {
		d.Next = appendNew(d.Next, step)
	}
	return d
}

// firstFail is the rule of the first failed branch so far.
func (d Diagnosis) firstFail() string {
	for _, check := range d.Findings {
		if check.Result == Fail {
			return check.Rule
		}
	}
	return ""
}

func managed(workers int) string {
	if workers == 1 {
		return "1 worker manages"
	}
	return several(workers, "worker") + " manage"
}

func (v view) nothingStandsOut(unanswered int) string {
	if unanswered > 0 {
		return fmt.Sprintf("Nothing stands out, but %s could not be answered.", several(unanswered, "question"))
	}
	return "Nothing stands out."
}

// scaledBranch is R-129: workers were added and lag still rises.
func (v view) scaledBranch() branch {
	check := Check{Rule: "R-129", Name: "no rise after a scale-up", Result: Pass, Source: from(v.s.Lag, v.s.At)}
	if !v.lagKnown {
		return branch{check: lacking(check.Rule, check.Name, v.s.Lag.Why(), check.Source)}
	}
	trend, change := v.trend()
	check.After = v.lagRead() + ", " + trendSentence(trend, change)
	ago, before, scaled := v.scaledUp()
	switch {
	case trend == TrendUnknown:
		check.Result, check.Note = ResultUnsure, "where lag is going is unknown"
	case !scaled:
		check.Note = "no scale-up in the last hour"
	case trend == Rising && float64(v.lag.Total) > v.p.After.LagGood:
		check.Result = Fail
		check.Note = fmt.Sprintf("scaled from %d to %d %s ago", before, v.replicas, Span(ago))
		return branch{check: check, headline: fmt.Sprintf("Scaled from %d to %d, but lag still rises.", before, v.replicas)}
	default:
		check.Note = fmt.Sprintf("scaled from %d to %d %s ago", before, v.replicas, Span(ago))
	}
	return branch{check: check}
}

// scaledUp is when workers were last added in the past hour, and how many there were.
func (v view) scaledUp() (ago time.Duration, before int, scaled bool) {
	for i := len(v.past) - 1; i >= 0 && v.s.At.Sub(v.past[i].At) <= time.Hour; i-- {
		if n, known := v.past[i].Wanted(); known && n < v.replicas {
			return v.s.At.Sub(v.past[i].At), n, true
		}
	}
	return 0, 0, false
}

// elsewhereBranch is R-130: a slow transfer or an open breaker means that more workers
// do not help.
func (v view) elsewhereBranch() branch {
	check := Check{Rule: "R-130", Name: "no bottleneck elsewhere", Result: Pass}
	if why := v.slowDownstream(); why != "" {
		check.Result, check.After, check.Source = Fail, why, from(v.s.Signals.Download, v.s.At)
		return branch{check, "The bottleneck is elsewhere: " + why + ". More workers will not help.", []string{
			"speed up the transfer or the external service; more workers add load to it (R-130)",
			"keep the concurrency as it is while the service is slow (R-076)",
		}}
	}
	if why := v.slowerWorkers(); why != "" {
		check.Result, check.After, check.Source = Warn, why, from(v.s.Rates, v.s.At)
		return branch{check, Sentence(why), []string{
			"look at what the workers call, and at what changed last (R-130, R-109)",
			"add no workers until it is known why they are slower",
		}}
	}
	check.Source = from(v.s.Signals.Download, v.s.At)
	if why := v.downloadUnclear(); why != "" {
		return branch{check: lacking(check.Rule, check.Name, why, check.Source)}
	}
	check.After = "transfer p95 " + v.s.Signals.Download.Words(Seconds(v.s.Signals.Download.Value))
	return branch{check: check}
}

// boundsBranch is: pods at their bounds, or killed for memory.
func (v view) boundsBranch() branch {
	check := Check{Rule: "R-132", Name: "pods below their limits", Result: Pass, Source: from(v.s.Usage, v.s.At)}
	if killed := v.killedForMemory(); killed != "" {
		check.Result, check.After, check.Note = Fail, "killed for memory", killed
		check.Source = from(v.s.Workload, v.s.At)
		return branch{check, "Pods are killed for memory.", v.memoryAdvice()}
	}
	usage, known := v.s.Usage.Get()
	if !known {
		return branch{check: lacking(check.Rule, check.Name, v.s.Usage.Why(), check.Source)}
	}
	cpu, cpuOf := usage.CPU()
	memory, memoryOf := usage.Memory()
	check.After = "CPU " + shareOf(cpu, cpuOf) + ", memory " + shareOf(memory, memoryOf)
	switch at := v.p.After.AtLimit; {
	case max(memory, usage.MemoryPeak) >= at:
		check.Result = Fail
		return branch{check, "Memory is at its bound.", v.memoryAdvice()}
	case max(cpu, usage.CPUPeak) >= at:
		check.Result = Fail
		return branch{check, "CPU is at its bound.", []string{
			"raise the CPU limit per pod (R-132, R-070); the runbook's example is 1000m (R-071)",
			"bigger pods mean fewer of them per node; nodes may have to be added (R-073)",
		}}
	case usage.unbounded() != "":
		check.Result, check.Note = ResultUnsure, usage.unbounded()
	}
	return branch{check: check}
}

// killedForMemory names pods whose container was last ended for memory (T-16).
func (v view) killedForMemory() string {
	w, _ := v.s.Workload.Get()
	var killed []string
	for _, p := range w.Counted() {
		if p.Cause == CauseMemory || p.LastExit == "OOMKilled" {
			killed = append(killed, fmt.Sprintf("%s (%s)", p.Name, several(p.Restarts, "restart")))
		}
	}
	return list(killed, 3)
}
