package cards_test

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/slackuitest"
)

func TestConsumersPerPodAreTold(t *testing.T) {
	c, snap := slackuitest.RunbookWorker(), slackuitest.CrowdedSnapshot()
	for _, tt := range []struct {
		name, want string
		edit       func(*scale.Component, *scale.Snapshot)
	}{
		{"learned", "\n3 consumers per pod", func(*scale.Component, *scale.Snapshot) {}},
		{"written", "\n3 consumers per pod by the runbook file", func(c *scale.Component, _ *scale.Snapshot) { c.ConsumersPerPod = 3 }},
		{"contradicted", "2 consumers per pod by the runbook file, the group shows 3 per pod now", func(c *scale.Component, _ *scale.Snapshot) { c.ConsumersPerPod = 2 }},
		{"not known", "1 consumer per pod is assumed: the members of the group cannot be matched", func(_ *scale.Component, s *scale.Snapshot) {
			g := slackuitest.Group(6, 1)
			for i := range g.Members {
				g.Members[i].Host = ""
			}
			s.Group = scale.Known(g, slackuitest.Noon, "Kafka")
		}},
		{"one, as usual", "", func(_ *scale.Component, s *scale.Snapshot) {
			s.Group = scale.Known(slackuitest.Group(4, 1), slackuitest.Noon, "Kafka")
		}},
		{"no group", "", func(_ *scale.Component, s *scale.Snapshot) {
			s.Group = scale.Unknown[scale.Group]("no broker answers", slackuitest.Noon, "Kafka")
		}},
	} {
		c, snap := c, snap
		tt.edit(&c, &snap)
		if got := cards.PerPodFact(c, snap); !strings.Contains(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
	consumers, _ := measure.ConsumersOf(c, snap).Get()
	if got := cards.ConsumersWords(consumers); got != "Stable, 12 members, busiest owns 2, 2 not of this component" {
		t.Errorf("got %q", got)
	}
}
