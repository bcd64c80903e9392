package scale_test

import (
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// A reading that failed has no value, so that nobody can take it for zero.
func ExampleReading() {
	read := scale.Known(14_200, now, "Kafka")
	failed := scale.Unknown[int]("no answer within 3 s", now, "Kafka")
	for _, lag := range []scale.Reading[int]{read, failed, read.FreshAt(now.Add(5*time.Minute), time.Minute)} {
		if messages, ok := lag.Get(); ok {
			fmt.Println("lag", messages)
		} else {
			fmt.Println("lag unknown:", lag.Why())
		}
	}
	// Output:
	// lag 14200
	// lag unknown: no answer within 3 s
	// lag unknown: last seen 5 min ago
}

// Nine workers on 24 partitions are no faster than eight: the busiest one has three
// partitions either way. These are the counts that lower the busiest worker's load.
func ExampleEfficient() {
	fmt.Println(measure.Efficient(24))
	// Output: [1 2 3 4 5 6 8 12 24]
}

// A lag above the limit asks for the smallest count that carries what arrives and drains
// the backlog in ten minutes. A rule whose data is missing is unknown, which is no all-clear.
func ExampleRecommend() {
	book := runbook.Default()
	worker, _ := book.Component("download-worker")
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
