package slackuitest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// Unposted is an operation that has no card yet.
func Unposted(state ledger.State) ledger.Operation {
	op := Operation(state)
	op.Message = scale.MessageRef{}
	return op
}

// Noon is the time at which every scenario of these tests begins.
var Noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// RunbookSnoozes are the lengths of the embedded runbook.
var RunbookSnoozes = runbook.Default().Policy.Alert.Snoozes

// Ana and Ben are on call, Carl is not.
var (
	Ana  = scale.Person{ID: "U0ANA", Name: "Ana"}
	Ben  = scale.Person{ID: "U0BEN", Name: "Ben"}
	Carl = scale.Person{ID: "U0CARL", Name: "Carl"}
)

// At is a time after the beginning of the scenario.
func At(d time.Duration) time.Time { return Noon.Add(d) }

// Snapshot is a download worker with 6 of 6 pods and 14,200 messages waiting.
func Snapshot() scale.Snapshot {
	return scale.Snapshot{
		Component: "download-worker", At: Noon,
		Lag: scale.Known(scale.Lag{Total: 14200, Partitions: []scale.PartitionLag{
			{Topic: "xact.downloads.pending", Partition: 7, Lag: 14200, Oldest: 80 * time.Second},
		}}, Noon, "Kafka"),
		Group:      scale.Known(Group(6, 1), Noon, "Kafka"),
		Rates:      scale.Known(scale.Rates{Arrival: 740, Consumption: 600}, Noon, "Kafka"),
		Workload:   scale.Known(scale.Workload{Desired: 6, Ready: 6, Observed: true, Pods: Pods(6)}, Noon, "Kubernetes"),
		Owner:      scale.Known(scale.Owner{Kind: scale.OwnerNone}, Noon, "Kubernetes"),
		Usage:      scale.Unknown[scale.Usage]("metrics.k8s.io does not answer", Noon, "metrics.k8s.io"),
		Partitions: scale.Known(24, Noon, "Kafka"),
		Signals: scale.Signals{
			Errors:  scale.Known(scale.ErrorRate{Share: 0.004}, Noon, "6 of 6 pods scraped"),
			Latency: scale.Unknown[float64]("no such metric", Noon, "6 of 6 pods scraped"),
		},
	}
}

// Pods are ready, each with an address of its own.
func Pods(n int) []scale.Pod {
	var all []scale.Pod
	for i := range n {
		all = append(all, scale.Pod{Name: fmt.Sprintf("download-worker-7f-x%d", i), Phase: "Running", Ready: true, Current: true, IPs: []string{fmt.Sprintf("10.0.0.%d", i)}})
	}
	return all
}

// Group has the given number of consumers in each of the pods, which share 24 partitions evenly.
func Group(pods, each int) scale.Group {
	g := scale.Group{Name: "xact-download-worker", State: "Stable"}
	for i := range pods * each {
		g.Members = append(g.Members, scale.Member{ID: fmt.Sprintf("m-%02d", i), Host: fmt.Sprintf("10.0.0.%d", i/each), Partitions: map[string][]int32{}})
	}
	for i := range 24 {
		owned := g.Members[i%len(g.Members)].Partitions
		owned["xact.downloads.pending"] = append(owned["xact.downloads.pending"], int32(i))
	}
	return g
}

func advice() ledger.Recommendation {
	return ledger.Recommendation{
		Action: scale.ScaleUp, From: 6, To: 9, Urgency: scale.UrgencyCritical, ActBy: At(0),
		Findings: []scale.Finding{
			{Rule: scale.RuleLag, Metric: "consumer lag", Outcome: scale.Fires, Urgency: scale.UrgencyCritical, Sentence: "lag 14,200 > 10,000 → Critical, now"},
			{Rule: scale.RuleCPU, Metric: "CPU", Outcome: scale.Unclear, Sentence: "CPU is unknown: metrics.k8s.io does not answer"},
			{Rule: scale.RuleTimeouts, Metric: "errors", Outcome: scale.Silent, Sentence: "errors 0.4 %"},
		},
		Reasons:    []string{"lag 14,200 > 10,000 → Critical, now", "2–4 partitions per worker → 8–12", "9 loads the busiest worker like 8"},
		RunbookLow: 8, RunbookHigh: 12,
		Options: []ledger.Option{
			{Replicas: 6, Busiest: 4, Load: 1.23, Drain: ledger.Drain{Known: true, Never: true, Sentence: "never: 740 msg/s arrive and 6 workers manage 600 msg/s"}},
			{Replicas: 9, Busiest: 3, Load: 0.82, Drain: ledger.Drain{Known: true, Sentence: "about 6 min (4–9 min)"}},
		},
		Capacity: scale.Capacity{PerWorker: 100, Basis: "runbook"},
	}
}

func plan() ledger.Plan {
	return ledger.Plan{
		From: 6, To: 9, Trend: scale.Rising, Slope: 140, Spark: []int64{900, 2200, -1, 7000, 14200},
		Now:          ledger.Option{Replicas: 6, Busiest: 4, Drain: ledger.Drain{Known: true, Never: true, Sentence: "never at this rate"}},
		After:        ledger.Option{Replicas: 9, Busiest: 3, Drain: ledger.Drain{Known: true, Sentence: "about 6 min (4–9 min)"}},
		Alternatives: []ledger.Option{{Replicas: 8, Busiest: 3, Drain: ledger.Drain{Sentence: "about 7 min"}}, {Replicas: 12, Busiest: 2, Drain: ledger.Drain{Sentence: "about 3 min"}}},
		Checklist: []scale.Check{
			{Rule: scale.RuleLagAndTrend, Name: "lag and trend", Result: scale.Warn, After: "14,200, rising by 140 msg/s", Source: "Kafka, 2 s ago"},
			{Rule: scale.RuleUsage, Name: "CPU and memory", Result: scale.ResultUnsure, Source: "metrics.k8s.io", Note: "metrics.k8s.io does not answer"},
			{Rule: scale.RuleErrorKinds, Name: "errors", Result: scale.Pass, After: "0.4 %", Source: "6 of 6 pods scraped"},
			{Rule: scale.RuleSpread, Name: "partitions", Result: scale.Pass, After: "24 over 6, 4 each", Source: "Kafka"},
			{Rule: scale.RuleRecentRollout, Name: "recent rollouts", Result: scale.Pass, After: "none within 1 h", Source: "Kubernetes"},
		},
		Warnings: []string{"download-processor has no room for more output"},
		Notes:    []string{"9 is inside the recommended 6–12"},
		Reverter: "HPA download-worker wants 6 and would undo this within 15 s",
		Kubectl:  "kubectl scale deployment/download-worker -n kafka-pipeline --replicas=9 --current-replicas=6",
	}
}

// Operation is a change of the download worker in the given state.
func Operation(state ledger.State) ledger.Operation {
	op := ledger.Operation{
		ID: "download-worker-17", Component: "download-worker", Number: 17,
		Steps:   ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Request: ledger.Request{By: Carl, Reason: "backlog after the outage", Origin: "command", Channel: "C0INCIDENT", At: Noon, ExpiresAt: At(15 * time.Minute)},
		Before:  Snapshot(), Advice: advice(), Plan: plan(),
		Message: scale.MessageRef{Channel: "C0INCIDENT", TS: "1.000001"},
		Events:  []ledger.Event{{State: ledger.Proposed, At: Noon, By: Carl}},
	}
	for _, s := range Roads[state] {
		op = Step(op, s)
	}
	return op
}

// Roads are the states between proposed and each state.
var Roads = map[ledger.State][]ledger.State{
	ledger.Proposed: {}, ledger.Approved: {ledger.Approved},
	ledger.Applying:   {ledger.Approved, ledger.Applying},
	ledger.Settling:   {ledger.Approved, ledger.Applying, ledger.Settling},
	ledger.Watching:   {ledger.Approved, ledger.Applying, ledger.Settling, ledger.Watching},
	ledger.Done:       {ledger.Approved, ledger.Applying, ledger.Settling, ledger.Watching, ledger.Done},
	ledger.Failed:     {ledger.Approved, ledger.Applying, ledger.Settling, ledger.Failed},
	ledger.Superseded: {ledger.Approved, ledger.Applying, ledger.Settling, ledger.Watching, ledger.Superseded},
	ledger.Declined:   {ledger.Declined}, ledger.Cancelled: {ledger.Cancelled}, ledger.Expired: {ledger.Expired}, ledger.Replaced: {ledger.Replaced},
}

// Step moves an operation on by one event.
func Step(op ledger.Operation, s ledger.State) ledger.Operation {
	event := ledger.Event{State: s, At: At(time.Duration(len(op.Events)) * time.Minute)}
	switch s {
	case ledger.Approved:
		event.By = Ana
	case ledger.Settling:
		op = op.WithRollout(settling())
	case ledger.Watching:
		op = op.WithRollout(settled(op.Rollout()))
		op.Reports = []ledger.Report{{Horizon: "5 min", Due: At(7 * time.Minute)}, {Horizon: "15 min", Due: At(17 * time.Minute)}, {Horizon: "1 h", Due: At(62 * time.Minute)}}
	case ledger.Done:
		op.Reports = []ledger.Report{Report()}
	case ledger.Failed:
		event.Note = "7 of 9 pods became ready before the deadline"
	case ledger.Superseded:
		event.Note = "download-worker-18 scales to 12"
		op.Reports[1].Closed = "download-worker-18 took over"
	case ledger.Declined:
		event.By, event.Note = Ben, "after the release"
	case ledger.Cancelled:
		event.By = Carl
	case ledger.Expired:
		event.Note = "nobody decided within 15 min"
	case ledger.Replaced:
		event.Note = "download-worker-18 asks for 12"
	case ledger.Proposed, ledger.Applying:
	}
	next, err := op.To(event)
	if err != nil {
		panic(fmt.Sprint("the fixtures break the state table: ", err))
	}
	return next
}

// settled is the rollout after it has ended.
func settled(r ledger.Rollout) ledger.Rollout {
	r.ReadyAt, r.StableAt = At(168*time.Second), At(180*time.Second)
	r.Now = ledger.Progress{At: At(3 * time.Minute), Ready: 9, Replicas: 9, Members: 9, Lag: 9100, Spark: []int64{15800, 14000, 9100}, State: "Stable", ErrorShare: 0.003}
	r.Troubles = nil
	return r
}

// settling is a rollout in progress.
func settling() ledger.Rollout {
	return ledger.Rollout{
		WrittenAt: At(2 * time.Minute), FirstReadyAt: At(142 * time.Second),
		Troubles: []string{"download-worker-7f-x2: 0/3 nodes are available: insufficient cpu"},
		Now: ledger.Progress{
			At: At(150 * time.Second), Ready: 7, Replicas: 9, Members: 7, Lag: 15800, Spark: []int64{14200, 15100, 15800},
			State: "PreparingRebalance", Rebalanced: 12 * time.Second, ErrorShare: -1,
		},
	}
}

// Report is a report with every kind of line.
func Report() ledger.Report {
	chart := make([]ledger.ChartPoint, 24)
	for i := range chart {
		chart[i] = ledger.ChartPoint{At: At(time.Duration(i) * 45 * time.Second), Lag: int64(16000 - 600*i), Replicas: 9}
	}
	chart[5].Lag, chart[23].Lag = -1, 2100
	return ledger.Report{
		Horizon: "15 min", Due: At(17 * time.Minute), MadeAt: At(17 * time.Minute),
		Checks: []scale.Check{
			{Rule: scale.RuleLagAcceptable, Name: "lag under 5,000", Result: scale.Pass, Before: "14,200", After: "2,100", Source: "Kafka, 4 s ago"},
			{Rule: scale.RuleNotAtLimits, Name: "resources not at limits", Result: scale.ResultUnsure, Before: "unknown", After: "unknown", Source: "metrics.k8s.io", Note: "metrics.k8s.io does not answer"},
			{Rule: scale.RuleLatencyAfter, Name: "p95 latency improved", Result: scale.Warn, Before: "4.1 s", After: "4.0 s", Source: "6 of 6 pods scraped"},
			{Rule: scale.RuleBreakersClosed, Name: "no circuit breaker opened", Result: scale.Fail, Before: "0", After: "2 of 9", Source: "9 of 9 pods scraped", Note: "download-worker-7f-x2 and -x3"},
		},
		Verdict: scale.VerdictPartial, Why: "The lag fell as predicted, but two breakers opened.",
		Forecast: "predicted 6 min, took 7 min", Next: "Look at the external service before scaling further.",
		Suggest: 12, RollBack: true, Diagnose: true, Chart: chart,
		Lag: scale.Known(int64(2100), At(17*time.Minute), scale.Broker),
	}
}

// Episode is an open alert with a prepared change.
func Episode() ledger.Episode {
	return ledger.Episode{
		ID: "download-worker-alert-3", Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 3,
		OpenedAt: Noon, At: At(time.Minute), Urgency: scale.UrgencyCritical, Peak: scale.UrgencyCritical, PeakLag: 14200,
		ActBy: Noon, Advice: advice(), Lag: 14200, Age: scale.Age{Time: 80 * time.Second, Topic: "xact.downloads.pending", Partition: 7}, Spark: []int64{900, 2200, 7000, 14200}, Trend: scale.Rising,
	}
}

// Blindness is the episode about the given number of components whose pods and metrics API do not
// answer; the second component stopped answering later.
func Blindness(components int) ledger.Episode {
	seen := ledger.Sight{
		Rules: 6, Blind: []scale.Rule{scale.RuleLatency, scale.RuleCPU, scale.RuleMemory, scale.RuleTimeouts, scale.RuleThroughput}, Metrics: []string{"p95 latency", "CPU", "memory", "timeouts", "throughput"},
		Why: []string{"none of 6 pods answered: download-worker-7f-x2 cannot be reached", "reading the pods' use: the server is currently unable to handle the request"},
	}
	since := ledger.Onset{At: At(2 * time.Minute)}
	b := ledger.Blindness{First: since, Since: since, More: max(0, components-12), Of: 30, From: []string{"the metrics of the pods", "metrics.k8s.io"}}
	for i := range min(components, 12) {
		one := ledger.Unsighted{Component: fmt.Sprintf("worker-%02d", i+1), Since: since, Sight: seen}
		if i == 1 {
			one.Since.At = At(5 * time.Minute)
		}
		b.Components = append(b.Components, one)
	}
	return ledger.Episode{
		ID: "fleet-blindness-3", Component: ledger.Fleet, Kind: ledger.EpisodeBlindness, Number: 3, OpenedAt: At(7 * time.Minute), At: At(7 * time.Minute),
		Urgency: scale.UrgencyWarning, Peak: scale.UrgencyWarning, Lag: -1, Blind: since.At, Blindness: &b,
	}
}

// Status is a component's status with everything known.
func Status() engine.Status {
	e := Episode()
	past := make([]scale.Point, 40)
	for i := range past {
		past[i] = scale.Point{At: At(time.Duration(i) * time.Minute), Lag: float64(i * 300)}
	}
	past[39].Lag = scale.Missing
	return engine.Status{Component: scale.Component{Name: "download-worker"}, Snapshot: Snapshot(), Advice: advice(), Past: past, Episode: &e}
}

// Blind is the status of a component without metrics: one rule of six can be judged.
func Blind() engine.Status {
	s := Status()
	s.Episode, s.Advice = nil, ledger.Recommendation{Action: scale.Hold, From: 6, To: 6, Findings: []scale.Finding{{Rule: scale.RuleLag, Outcome: scale.Silent, Sentence: "lag 120, limit > 10,000"}}}
	for rule, name := range map[scale.Rule]string{scale.RuleLatency: "p95 latency > 5 s", scale.RuleTimeouts: "timeouts > 1 %", scale.RuleThroughput: "throughput < 100 msg/s per worker", scale.RuleCPU: "CPU > 80 %", scale.RuleMemory: "memory > 85 %"} {
		why := "none of 6 pods answered: download-worker-7f-x2 cannot be reached"
		if rule == scale.RuleCPU || rule == scale.RuleMemory {
			why = "reading the pods' use: the server is currently unable to handle the request"
		}
		s.Advice.Findings = append(s.Advice.Findings, scale.Finding{Rule: rule, Outcome: scale.Unclear, Missing: why, Sentence: name + " cannot be judged: " + why})
	}
	slices.SortFunc(s.Advice.Findings, func(a, b scale.Finding) int { return cmp.Compare(a.Rule, b.Rule) })
	return s
}
