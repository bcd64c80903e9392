package slackui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// noon is when every story of these tests begins.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// runbookSnoozes are the lengths of the embedded runbook.
var runbookSnoozes = runbook.Default().Policy.Alert.Snoozes

var (
	ana  = scale.Person{ID: "U0ANA", Name: "Ana"}
	ben  = scale.Person{ID: "U0BEN", Name: "Ben"}
	carl = scale.Person{ID: "U0CARL", Name: "Carl"}
)

func at(d time.Duration) time.Time { return noon.Add(d) }

// snapshot is a download worker with 6 of 6 pods and 14,200 messages waiting.
func snapshot() scale.Snapshot {
	return scale.Snapshot{
		Component: "download-worker", At: noon,
		Lag: scale.Known(scale.Lag{Total: 14200, Partitions: []scale.PartitionLag{
			{Topic: "xact.downloads.pending", Partition: 7, Lag: 14200, Oldest: 80 * time.Second},
		}}, noon, "Kafka"),
		Group:      scale.Known(group(6, 1), noon, "Kafka"),
		Rates:      scale.Known(scale.Rates{Arrival: 740, Consumption: 600}, noon, "Kafka"),
		Workload:   scale.Known(scale.Workload{Desired: 6, Ready: 6, Observed: true, Pods: pods(6)}, noon, "Kubernetes"),
		Owner:      scale.Known(scale.Owner{Kind: scale.OwnerNone}, noon, "Kubernetes"),
		Usage:      scale.Unknown[scale.Usage]("metrics.k8s.io does not answer", noon, "metrics.k8s.io"),
		Partitions: scale.Known(24, noon, "Kafka"),
		Signals: scale.Signals{
			Errors:  scale.Known(scale.ErrorRate{Share: 0.004}, noon, "6 of 6 pods scraped"),
			Latency: scale.Unknown[float64]("no such metric", noon, "6 of 6 pods scraped"),
		},
	}
}

// pods are ready, each with an address of its own.
func pods(n int) []scale.Pod {
	var all []scale.Pod
	for i := range n {
		all = append(all, scale.Pod{Name: fmt.Sprintf("download-worker-7f-x%d", i), Phase: "Running", Ready: true, Current: true, IPs: []string{fmt.Sprintf("10.0.0.%d", i)}})
	}
	return all
}

// group has so many consumers in each of the pods, which share 24 partitions evenly.
func group(pods, each int) scale.Group {
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

func advice() scale.Recommendation {
	return scale.Recommendation{
		Action: scale.ScaleUp, From: 6, To: 9, Urgency: scale.UrgencyCritical, ActBy: at(0),
		Findings: []scale.Finding{
			{Rule: "R-001", Metric: "consumer lag", Outcome: scale.Fires, Urgency: scale.UrgencyCritical, Sentence: "lag 14,200 > 10,000 → Critical, now"},
			{Rule: "R-003", Metric: "CPU", Outcome: scale.Unclear, Sentence: "CPU is unknown: metrics.k8s.io does not answer"},
			{Rule: "R-005", Metric: "errors", Outcome: scale.Silent, Sentence: "errors 0.4 %"},
		},
		Reasons:    []string{"lag 14,200 > 10,000 → Critical, now", "2–4 partitions per worker → 8–12", "9 loads the busiest worker like 8"},
		RunbookLow: 8, RunbookHigh: 12,
		Options: []scale.Option{
			{Replicas: 6, Busiest: 4, Load: 1.23, Drain: scale.Drain{Known: true, Never: true, Sentence: "never: 740 msg/s arrive and 6 workers manage 600 msg/s"}},
			{Replicas: 9, Busiest: 3, Load: 0.82, Drain: scale.Drain{Known: true, Sentence: "about 6 min (4–9 min)"}},
		},
		Capacity: scale.Capacity{PerWorker: 100, Basis: "runbook"},
	}
}

func plan() scale.Plan {
	return scale.Plan{
		From: 6, To: 9, Trend: scale.Rising, Slope: 140, Spark: []int64{900, 2200, -1, 7000, 14200},
		Now:          scale.Option{Replicas: 6, Busiest: 4, Drain: scale.Drain{Known: true, Never: true, Sentence: "never at this rate"}},
		After:        scale.Option{Replicas: 9, Busiest: 3, Drain: scale.Drain{Known: true, Sentence: "about 6 min (4–9 min)"}},
		Alternatives: []scale.Option{{Replicas: 8, Busiest: 3, Drain: scale.Drain{Sentence: "about 7 min"}}, {Replicas: 12, Busiest: 2, Drain: scale.Drain{Sentence: "about 3 min"}}},
		Checklist: []scale.Check{
			{Rule: "R-105", Name: "lag and trend", Result: scale.Warn, After: "14,200, rising by 140 msg/s", Source: "Kafka, 2 s ago"},
			{Rule: "R-106", Name: "CPU and memory", Result: scale.ResultUnsure, Source: "metrics.k8s.io", Note: "metrics.k8s.io does not answer"},
			{Rule: "R-107", Name: "errors", Result: scale.Pass, After: "0.4 %", Source: "6 of 6 pods scraped"},
			{Rule: "R-108", Name: "partitions", Result: scale.Pass, After: "24 over 6, 4 each", Source: "Kafka"},
			{Rule: "R-109", Name: "recent rollouts", Result: scale.Pass, After: "none within 1 h", Source: "Kubernetes"},
		},
		Warnings: []string{"download-processor has no room for more output"},
		Notes:    []string{"9 is inside the recommended 6–12"},
		Reverter: "HPA download-worker wants 6 and would undo this within 15 s",
		Kubectl:  "kubectl scale deployment/download-worker -n kafka-pipeline --replicas=9 --current-replicas=6",
	}
}

// operation is a change of the download worker in the given state.
func operation(state scale.State) scale.Operation {
	op := scale.Operation{
		ID: "download-worker-17", Component: "download-worker", Number: 17,
		Change:  scale.Replicas{From: 6, To: 9},
		Request: scale.Request{By: carl, Reason: "backlog after the outage", Origin: "command", Channel: "C0INCIDENT", At: noon, ExpiresAt: at(15 * time.Minute)},
		Before:  snapshot(), Advice: advice(), Plan: plan(),
		Message: scale.MessageRef{Channel: "C0INCIDENT", TS: "1.000001"},
		Events:  []scale.Event{{State: scale.Proposed, At: noon, By: carl}},
	}
	for _, s := range roads[state] {
		op = step(op, s)
	}
	return op
}

// roads lead from proposed to each state.
var roads = map[scale.State][]scale.State{
	scale.Proposed: {}, scale.Approved: {scale.Approved},
	scale.Applying:   {scale.Approved, scale.Applying},
	scale.Settling:   {scale.Approved, scale.Applying, scale.Settling},
	scale.Watching:   {scale.Approved, scale.Applying, scale.Settling, scale.Watching},
	scale.Done:       {scale.Approved, scale.Applying, scale.Settling, scale.Watching, scale.Done},
	scale.Failed:     {scale.Approved, scale.Applying, scale.Settling, scale.Failed},
	scale.Superseded: {scale.Approved, scale.Applying, scale.Settling, scale.Watching, scale.Superseded},
	scale.Declined:   {scale.Declined}, scale.Cancelled: {scale.Cancelled}, scale.Expired: {scale.Expired}, scale.Replaced: {scale.Replaced},
}

func step(op scale.Operation, s scale.State) scale.Operation {
	event := scale.Event{State: s, At: at(time.Duration(len(op.Events)) * time.Minute)}
	switch s {
	case scale.Approved:
		event.By = ana
	case scale.Settling:
		settle(&op)
	case scale.Watching:
		op.Rollout.ReadyAt, op.Rollout.StableAt = at(168*time.Second), at(180*time.Second)
		op.Rollout.Now = scale.Progress{At: at(3 * time.Minute), Ready: 9, Replicas: 9, Members: 9, Lag: 9100, Spark: []int64{15800, 14000, 9100}, State: "Stable", ErrorShare: 0.003}
		op.Rollout.Troubles = nil
		op.Reports = []scale.Report{{Horizon: "5 min", Due: at(7 * time.Minute)}, {Horizon: "15 min", Due: at(17 * time.Minute)}, {Horizon: "1 h", Due: at(62 * time.Minute)}}
	case scale.Done:
		op.Reports = []scale.Report{report()}
	case scale.Failed:
		event.Note = "7 of 9 pods became ready before the deadline"
	case scale.Superseded:
		event.Note = "download-worker-18 scales to 12"
		op.Reports[1].Closed = "download-worker-18 took over"
	case scale.Declined:
		event.By, event.Note = ben, "after the release"
	case scale.Cancelled:
		event.By = carl
	case scale.Expired:
		event.Note = "nobody decided within 15 min"
	case scale.Replaced:
		event.Note = "download-worker-18 asks for 12"
	case scale.Proposed, scale.Applying:
	}
	next, err := op.To(event)
	if err != nil {
		panic(fmt.Sprint("the fixtures break the state table: ", err))
	}
	return next
}

func settle(op *scale.Operation) {
	op.Rollout = scale.Rollout{
		WrittenAt: at(2 * time.Minute), FirstReadyAt: at(142 * time.Second),
		Troubles: []string{"download-worker-7f-x2: 0/3 nodes are available: insufficient cpu"},
		Now: scale.Progress{
			At: at(150 * time.Second), Ready: 7, Replicas: 9, Members: 7, Lag: 15800, Spark: []int64{14200, 15100, 15800},
			State: "PreparingRebalance", Rebalanced: 12 * time.Second, ErrorShare: -1,
		},
	}
}

func report() scale.Report {
	chart := make([]scale.ChartPoint, 24)
	for i := range chart {
		chart[i] = scale.ChartPoint{At: at(time.Duration(i) * 45 * time.Second), Lag: int64(16000 - 600*i), Replicas: 9}
	}
	chart[5].Lag, chart[23].Lag = -1, 2100
	return scale.Report{
		Horizon: "15 min", Due: at(17 * time.Minute), MadeAt: at(17 * time.Minute),
		Checks: []scale.Check{
			{Rule: "R-118", Name: "lag under 5,000", Result: scale.Pass, Before: "14,200", After: "2,100", Source: "Kafka, 4 s ago"},
			{Rule: "R-119", Name: "resources not at limits", Result: scale.ResultUnsure, Before: "unknown", After: "unknown", Source: "metrics.k8s.io", Note: "metrics.k8s.io does not answer"},
			{Rule: "R-120", Name: "p95 latency improved", Result: scale.Warn, Before: "4.1 s", After: "4.0 s", Source: "6 of 6 pods scraped"},
			{Rule: "R-121", Name: "no circuit breaker opened", Result: scale.Fail, Before: "0", After: "2 of 9", Source: "9 of 9 pods scraped", Note: "download-worker-7f-x2 and -x3"},
		},
		Verdict: scale.VerdictPartial, Why: "The lag fell as predicted, but two breakers opened.",
		Forecast: "predicted 6 min, took 7 min", Next: "Look at the external service before scaling further.",
		Suggest: 12, RollBack: true, Diagnose: true, Chart: chart,
		Lag: scale.Known(int64(2100), at(17*time.Minute), scale.Broker),
	}
}

func episode() scale.Episode {
	return scale.Episode{
		ID: "download-worker-alert-3", Component: "download-worker", Kind: scale.EpisodeAlert, Number: 3,
		OpenedAt: noon, At: at(time.Minute), Urgency: scale.UrgencyCritical, Peak: scale.UrgencyCritical, PeakLag: 14200,
		ActBy: noon, Advice: advice(), Lag: 14200, Age: scale.Age{Time: 80 * time.Second, Topic: "xact.downloads.pending", Partition: 7}, Spark: []int64{900, 2200, 7000, 14200}, Trend: scale.Rising,
	}
}

// blindness is the note about so many components whose pods and metrics API do not answer;
// the second one went blind later.
func blindness(components int) scale.Episode {
	seen := scale.Sight{
		Rules: 6, Blind: []string{"R-002", "R-003", "R-004", "R-005", "R-006"}, Metrics: []string{"p95 latency", "CPU", "memory", "timeouts", "throughput"},
		Why: []string{"none of 6 pods answered: download-worker-7f-x2 cannot be reached", "reading the pods' use: the server is currently unable to handle the request"},
	}
	since := scale.Onset{At: at(2 * time.Minute)}
	b := scale.Blindness{First: since, Since: since, More: max(0, components-12), Of: 30, From: []string{"the metrics of the pods", "metrics.k8s.io"}}
	for i := range min(components, 12) {
		one := scale.Unsighted{Component: fmt.Sprintf("worker-%02d", i+1), Since: since, Sight: seen}
		if i == 1 {
			one.Since.At = at(5 * time.Minute)
		}
		b.Components = append(b.Components, one)
	}
	return scale.Episode{
		ID: "fleet-blindness-3", Component: scale.Fleet, Kind: scale.EpisodeBlindness, Number: 3, OpenedAt: at(7 * time.Minute), At: at(7 * time.Minute),
		Urgency: scale.UrgencyWarning, Peak: scale.UrgencyWarning, Lag: -1, Blind: since.At, Blindness: &b,
	}
}

func status() engine.Status {
	e := episode()
	past := make([]scale.Point, 40)
	for i := range past {
		past[i] = scale.Point{At: at(time.Duration(i) * time.Minute), Lag: float64(i * 300)}
	}
	past[39].Lag = scale.Missing
	return engine.Status{Component: scale.Component{Name: "download-worker"}, Snapshot: snapshot(), Advice: advice(), Past: past, Episode: &e}
}

// blind is the status of a component whose metrics are gone: one rule of six can be judged.
func blind() engine.Status {
	s := status()
	s.Episode, s.Advice = nil, scale.Recommendation{Action: scale.Hold, From: 6, To: 6, Findings: []scale.Finding{{Rule: "R-001", Outcome: scale.Silent, Sentence: "lag 120, limit > 10,000"}}}
	for rule, name := range map[string]string{"R-002": "p95 latency > 5 s", "R-005": "timeouts > 1 %", "R-006": "throughput < 100 msg/s per worker", "R-003": "CPU > 80 %", "R-004": "memory > 85 %"} {
		why := "none of 6 pods answered: download-worker-7f-x2 cannot be reached"
		if rule == "R-003" || rule == "R-004" {
			why = "reading the pods' use: the server is currently unable to handle the request"
		}
		s.Advice.Findings = append(s.Advice.Findings, scale.Finding{Rule: rule, Outcome: scale.Unclear, Missing: why, Sentence: name + " cannot be judged: " + why})
	}
	slices.SortFunc(s.Advice.Findings, func(a, b scale.Finding) int { return strings.Compare(a.Rule, b.Rule) })
	return s
}
