package diagnose

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// Diagnosis is the runbook's troubleshooting section applied to a snapshot.
type Diagnosis struct {
	Component string
	// Headline is the most likely cause, or says that none was found.
	Headline string
	// Findings are the branches of the runbook in its order, each answered.
	Findings []scale.Check
	// Next are the steps to take, in order.
	Next []string
}

// branch is the result of one troubleshooting branch: the check, the headline if it is the cause,
// and the steps to take. Only a failed check or a warning counts.
type branch struct {
	check    scale.Check
	headline string
	next     []string
}

// found reports whether the branch has found a problem.
func (b branch) found() bool { return b.check.Result == scale.Fail || b.check.Result == scale.Warn }

// question is one branch of the troubleshooting section.
type question struct {
	rule scale.Rule
	name string
	// only says when the question applies; nil for always.
	only func(view) bool
	// answer fills in the check, whose result is set to passed before the call.
	answer func(view, scale.Check) branch
}

// questions are the branches in the order in which they are answered.
var questions = []question{
	{rule: scale.RuleOnePartition, name: "the topic that was made anew is read", only: view.remade, answer: view.remadeBranch},
	{rule: scale.RuleStillRising, name: "no rise after a scale-up", answer: view.scaledBranch},
	{rule: scale.RuleElsewhere, name: "no bottleneck elsewhere", answer: view.elsewhereBranch},
	{rule: scale.RuleWorkersEnough, name: "workers against partitions", answer: view.partitionsBranch},
	{rule: scale.RulePodLimits, name: "pods below their limits", answer: view.boundsBranch},
	{rule: scale.RuleOnePartition, name: "no partition stands still", answer: view.stalledBranch},
	{rule: scale.RuleOnePartition, name: "lag spread over the partitions", answer: view.hotBranch},
	{rule: scale.RuleRebalanceInTime, name: "rebalance finished in time", answer: view.rebalanceBranch},
	{rule: scale.RulePodsStart, name: "all pods start", answer: view.startBranch},
	{rule: scale.RuleTimeouts, name: "error rate", answer: view.errorsBranch},
	{rule: scale.RuleOwner, name: "nobody else sets the count", answer: view.ownerBranch},
}

// branches are the questions that apply, answered.
func (v view) branches() []branch {
	var answered []branch
	for _, q := range questions {
		if q.only == nil || q.only(v) {
			answered = append(answered, q.answer(v, scale.Check{Rule: q.rule, Name: q.name, Result: scale.Pass}))
		}
	}
	return answered
}

// Diagnose walks through the troubleshooting branches.
func Diagnose(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) Diagnosis {
	v := newView(c, p, s, past)
	d := Diagnosis{Component: c.Name}
	unanswered := 0
	for _, b := range v.branches() {
		d.Findings = append(d.Findings, b.check)
		if b.check.Result == scale.ResultUnsure {
			unanswered++
		}
		if !b.found() {
			continue
		}
		if b.headline != "" && (d.Headline == "" || b.check.Result == scale.Fail && d.firstFail() == b.check.Rule) {
			d.Headline = b.headline
		}
		for _, step := range b.next {
			d.Next = scale.AppendNew(d.Next, step)
		}
	}
	if d.Headline == "" {
		d.Headline = v.nothingStandsOut(unanswered)
		if r := judge.Recommend(c, p, s, past); r.Action == scale.ScaleUp {
			d.Headline = fmt.Sprintf("Nothing is broken: there is more to do than %s.", managed(v.Replicas))
			d.Next = scale.AppendNew(d.Next, fmt.Sprintf("scale from %d to %d: %s", r.From, r.To, scale.List(judge.Fired(v.UpFindings()), 2)))
		}
	}
	for _, step := range v.tuningAdvice() {
		d.Next = scale.AppendNew(d.Next, step)
	}
	return d
}

// firstFail is the rule of the first failed branch so far.
func (d Diagnosis) firstFail() scale.Rule {
	for _, check := range d.Findings {
		if check.Result == scale.Fail {
			return check.Rule
		}
	}
	return ""
}

func managed(workers int) string {
	if workers == 1 {
		return "1 worker manages"
	}
	return scale.Several(workers, "worker") + " manage"
}

func (v view) nothingStandsOut(unanswered int) string {
	if unanswered > 0 {
		return fmt.Sprintf("Nothing stands out, but %s could not be answered.", scale.Several(unanswered, "question"))
	}
	return "Nothing stands out."
}

// scaledBranch is R-129: workers were added and lag still rises.
func (v view) scaledBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Lag, v.Now.At)
	if !v.LagKnown {
		return branch{check: judge.Lacking(check, v.Now.Lag.Why(), check.Source)}
	}
	trend, change := v.Trend()
	check.After = v.LagRead() + ", " + measure.TrendSentence(trend, change)
	ago, before, scaled := v.scaledUp()
	switch {
	case trend == scale.TrendUnknown:
		check.Result, check.Note = scale.ResultUnsure, "where lag is going is unknown"
	case !scaled:
		check.Note = scale.FirstOf(v.takenBack(), "no scale-up in the last hour")
	case v.notRunning(before):
		// The cause that keeps the added pods from running is reported by a branch of its own.
		check.Result = scale.Warn
		check.Note = fmt.Sprintf("scaled from %d to %d %s ago, and none of the added ones is ready", before, v.Replicas, scale.Span(ago))
	case trend == scale.Rising && float64(v.Lag.Total) > v.Policy.After.LagGood:
		check.Result = scale.Fail
		check.Note = fmt.Sprintf("scaled from %d to %d %s ago", before, v.Replicas, scale.Span(ago))
		return branch{check: check, headline: fmt.Sprintf("Scaled from %d to %d, but lag still rises.", before, v.Replicas)}
	default:
		check.Note = fmt.Sprintf("scaled from %d to %d %s ago", before, v.Replicas, scale.Span(ago))
	}
	return branch{check: check}
}

// notRunning reports whether no more pods are ready than there were before the scale-up.
func (v view) notRunning(before int) bool {
	ready, known := v.Ready()
	return known && ready <= before
}

// scaledUp is when workers were last added in the past hour, and how many there were before.
func (v view) scaledUp() (ago time.Duration, before int, scaled bool) {
	for i := len(v.Past) - 1; i >= 0 && v.Now.At.Sub(v.Past[i].At) <= time.Hour; i-- {
		if n, known := v.Past[i].Wanted(); known && n < v.Replicas {
			return v.Now.At.Sub(v.Past[i].At), n, true
		}
	}
	return 0, 0, false
}

// takenBack reports workers that were added in the past hour and have been removed since.
func (v view) takenBack() string {
	more, last := 0, time.Time{}
	for i := len(v.Past) - 1; i >= 0 && v.Now.At.Sub(v.Past[i].At) <= time.Hour; i-- {
		n, known := v.Past[i].Wanted()
		switch {
		case !known:
		case n > v.Replicas && more == 0:
			more, last = n, v.Past[i].At
		case n < more:
			return fmt.Sprintf("scaled from %d to %d in the last hour, and back to %d %s ago", n, more, v.Replicas, scale.Span(v.Now.At.Sub(last)))
		}
	}
	return ""
}

// elsewhereBranch is R-130: a slow transfer or an open breaker means that more workers
// do not help.
func (v view) elsewhereBranch(check scale.Check) branch {
	if why := v.SlowDownstream(); why != "" {
		check.Result, check.After, check.Source = scale.Fail, why, scale.From(v.Now.Signals.Download, v.Now.At)
		return branch{check, "The bottleneck is elsewhere: " + why + ". More workers will not help.", []string{
			"speed up the transfer or the external service; more workers add load to it (R-130)",
			"keep the concurrency as it is while the service is slow (R-076)",
		}}
	}
	if why := v.SlowerWorkers(); why != "" {
		check.Result, check.After, check.Source = scale.Warn, why, scale.From(v.Now.Rates, v.Now.At)
		return branch{check, scale.Sentence(why), []string{
			"look at what the workers call, and at what changed last (R-130, R-109)",
			"add no workers until it is known why they are slower",
		}}
	}
	check.Source = scale.From(v.Now.Signals.Download, v.Now.At)
	if why := v.DownloadUnclear(); why != "" {
		return branch{check: judge.Lacking(check, why, check.Source)}
	}
	check.After = "transfer p95 " + v.Now.Signals.Download.Words(scale.Seconds(v.Now.Signals.Download.Value))
	return branch{check: check}
}

// boundsBranch is: pods at their bounds, or killed for lack of memory.
func (v view) boundsBranch(check scale.Check) branch {
	check.Source = scale.From(v.Now.Usage, v.Now.At)
	if killed := v.killedForMemory(); killed != "" {
		check.Result, check.After, check.Note = scale.Fail, "killed for memory", killed
		check.Source = scale.From(v.Now.Workload, v.Now.At)
		return branch{check, "Pods are killed for memory.", v.memoryAdvice()}
	}
	usage, known := v.Now.Usage.Get()
	if !known {
		return branch{check: judge.Lacking(check, v.Now.Usage.Why(), check.Source)}
	}
	cpu, cpuOf := usage.CPU()
	memory, memoryOf := usage.Memory()
	check.After = "CPU " + judge.ShareOf(cpu, cpuOf) + ", memory " + judge.ShareOf(memory, memoryOf)
	switch at := v.Policy.After.AtLimit; {
	case max(memory, usage.MemoryPeak) >= at:
		check.Result = scale.Fail
		return branch{check, "Memory is at its bound.", v.memoryAdvice()}
	case max(cpu, usage.CPUPeak) >= at:
		check.Result = scale.Fail
		return branch{check, "CPU is at its bound.", []string{
			"raise the CPU limit per pod (R-132, R-070); the runbook's example is 1000m (R-071)",
			"bigger pods mean fewer of them per node; nodes may have to be added (R-073)",
		}}
	case usage.Unbounded() != "":
		check.Result, check.Note = scale.ResultUnsure, usage.Unbounded()
	}
	return branch{check: check}
}

// killedForMemory names pods whose container was last killed for lack of memory (T-16).
func (v view) killedForMemory() string {
	w, _ := v.Now.Workload.Get()
	var killed []string
	for _, p := range w.Counted() {
		if p.Cause == scale.CauseMemory || p.LastExit == "OOMKilled" {
			killed = append(killed, fmt.Sprintf("%s (%s)", p.Name, scale.Several(p.Restarts, "restart")))
		}
	}
	return scale.List(killed, 3)
}
