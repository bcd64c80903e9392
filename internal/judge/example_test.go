package judge_test

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// A lag above the limit asks for the smallest count that carries what arrives and drains
// the backlog in ten minutes. A rule whose data is missing is unknown, which is no all-clear.
func ExampleRecommend() {
	book := runbook.Default()
	worker, _ := book.Component("download-worker")
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	seen := scale.Snapshot{
		Component: worker.Name, At: now,
		Workload:   scale.Known(scale.Workload{Desired: 6, Ready: 6}, now, "Kubernetes"),
		Partitions: scale.Known(24, now, scale.Broker),
		Lag:        scale.Known(scale.Lag{Total: 14_200, Partitions: make([]scale.PartitionLag, 24)}, now, scale.Broker),
		Rates:      scale.Known(scale.Rates{Arrival: 620, Consumption: 600, Over: 5 * time.Minute}, now, scale.Broker),
	}
	advice := judge.Recommend(worker, book.Policy, seen, nil)
	fmt.Println(advice.Action, advice.From, "→", advice.To, advice.Urgency)
	for _, finding := range advice.Findings[:2] {
		fmt.Println(finding.Rule, finding.Outcome, "-", finding.Sentence)
	}
	// Output:
	// up 6 → 8 Critical
	// R-001 fires - lag 14,200 > 10,000 → Critical, now
	// R-002 unknown - p95 latency > 5.0 s cannot be judged: not measured
}
