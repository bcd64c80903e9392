package slackui

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// crowded is a download worker of 4 pods with 3 consumers each, in a group that two members
// of another component share.
func crowded() engine.Status {
	s := status()
	s.Component = runbookWorker()
	s.Snapshot = crowdedSnapshot()
	s.Advice = scale.Recommend(s.Component, runbook.Default().Policy, s.Snapshot, nil)
	return s
}

func runbookWorker() scale.Component {
	c, _ := runbook.Default().Component("download-worker")
	return c
}

func crowdedSnapshot() scale.Snapshot {
	s := snapshot()
	g := group(4, 3)
	g.Members = append(g.Members,
		scale.Member{ID: "o-1", Host: "10.9.0.1", Partitions: map[string][]int32{"xact.audit": {0}}},
		scale.Member{ID: "o-2", Host: "10.9.0.2", Partitions: map[string][]int32{"xact.audit": {1}}})
	s.Group = scale.Known(g, noon, "Kafka")
	s.Workload = scale.Known(scale.Workload{Desired: 4, Ready: 4, Observed: true, RolledAt: noon.Add(-50 * time.Hour), Pods: pods(4)}, noon, "Kubernetes")
	return s
}

// crowdedPlan is the change to the 8 pods that 24 partitions keep busy.
func crowdedPlan() (scale.Snapshot, scale.Recommendation, scale.Plan) {
	c, p, s := runbookWorker(), runbook.Default().Policy, crowdedSnapshot()
	advice := scale.Recommend(c, p, s, nil)
	return s, advice, scale.MakePlan(c, p, s, nil, advice, 8, "backlog")
}

func TestConsumersPerPodAreTold(t *testing.T) {
	c, snap := runbookWorker(), crowdedSnapshot()
	for _, tt := range []struct {
		name, want string
		edit       func(*scale.Component, *scale.Snapshot)
	}{
		{"learned", "\n3 consumers per pod", func(*scale.Component, *scale.Snapshot) {}},
		{"written", "\n3 consumers per pod by the runbook file", func(c *scale.Component, _ *scale.Snapshot) { c.ConsumersPerPod = 3 }},
		{"contradicted", "2 consumers per pod by the runbook file, the group shows 3 per pod now", func(c *scale.Component, _ *scale.Snapshot) { c.ConsumersPerPod = 2 }},
		{"not known", "1 consumer per pod is assumed: the members of the group cannot be matched", func(_ *scale.Component, s *scale.Snapshot) {
			g := group(6, 1)
			for i := range g.Members {
				g.Members[i].Host = ""
			}
			s.Group = scale.Known(g, noon, "Kafka")
		}},
		{"one, as usual", "", func(_ *scale.Component, s *scale.Snapshot) { s.Group = scale.Known(group(4, 1), noon, "Kafka") }},
		{"no group", "", func(_ *scale.Component, s *scale.Snapshot) {
			s.Group = scale.Unknown[scale.Group]("no broker answers", noon, "Kafka")
		}},
	} {
		c, snap := c, snap
		tt.edit(&c, &snap)
		if got := perPodFact(c, snap); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	consumers, _ := scale.ConsumersOf(c, snap).Get()
	if got := consumersWords(consumers); got != "Stable, 12 members, busiest owns 2, 2 not of this component" {
		t.Errorf("got %q", got)
	}
}
