package judge

import (
	"testing"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// also hands further partitions of the component's topic to a member.
func also(g scale.Group, member int, partitions ...int32) scale.Group {
	m := g.Members[member].Partitions
	m["xact.downloads.pending"] = append(m["xact.downloads.pending"], partitions...)
	return g
}

func recommended(w *measuretest.World) ledger.Recommendation {
	return Recommend(w.Component, w.Policy, w.Now, w.Past)
}

func judge(w *measuretest.World) Judgement { return Judge(w.Component, w.Policy, w.Now, w.Past) }

func planned(w *measuretest.World, to int, reason string) ledger.Plan {
	return MakePlan(w.Component, w.Policy, w.Now, w.Past, recommended(w), to, reason)
}

func refused(w *measuretest.World, to int) *scale.Refusal {
	return Refuse(w.Component, w.Policy, w.Now, to)
}

// outcomeOf is what a rule says in this world.
func outcomeOf(w *measuretest.World, t *testing.T, rule scale.Rule) scale.Finding {
	t.Helper()
	f, ok := scale.Find(recommended(w).Findings, rule)
	if !ok {
		t.Fatalf("no finding for %s", rule)
	}
	return f
}
