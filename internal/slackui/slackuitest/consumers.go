package slackuitest

import (
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// Crowded is a download worker of 4 pods with 3 consumers each, in a group that two members
// of another component share.
func Crowded() engine.Status {
	s := Status()
	s.Component = RunbookWorker()
	s.Snapshot = CrowdedSnapshot()
	s.Advice = judge.Recommend(s.Component, runbook.Default().Policy, s.Snapshot, nil)
	return s
}

// RunbookWorker is a component with links to its pages.
func RunbookWorker() scale.Component {
	c, _ := runbook.Default().Component("download-worker")
	return c
}

// CrowdedSnapshot has pods with several consumers each.
func CrowdedSnapshot() scale.Snapshot {
	s := Snapshot()
	g := Group(4, 3)
	g.Members = append(g.Members,
		scale.Member{ID: "o-1", Host: "10.9.0.1", Partitions: map[string][]int32{"xact.audit": {0}}},
		scale.Member{ID: "o-2", Host: "10.9.0.2", Partitions: map[string][]int32{"xact.audit": {1}}})
	s.Group = scale.Known(g, Noon, "Kafka")
	s.Workload = scale.Known(scale.Workload{Desired: 4, Ready: 4, Observed: true, RolledAt: Noon.Add(-50 * time.Hour), Pods: Pods(4)}, Noon, "Kubernetes")
	return s
}

// CrowdedPlan is the change to the 8 pods that 24 partitions keep busy.
func CrowdedPlan() (scale.Snapshot, ledger.Recommendation, ledger.Plan) {
	c, p, s := RunbookWorker(), runbook.Default().Policy, CrowdedSnapshot()
	advice := judge.Recommend(c, p, s, nil)
	return s, advice, judge.MakePlan(c, p, s, nil, advice, 8, "backlog")
}
