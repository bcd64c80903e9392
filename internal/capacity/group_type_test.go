package capacity

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// The golden rule does not hold where workers read the same partitions: nothing that takes
// the partition count for a ceiling may do so.
func TestPartitionsDoNotBoundAShareGroup(t *testing.T) {
	w := measuretest.CalmWorld().Sharing(30) // on 24 partitions
	for _, to := range []int{29, 31, 48, 200} {
		if r := judgetest.Refused(w, to); r != nil {
			t.Errorf("%d is refused: %s", to, r.Why)
		}
	}
	if f := judgetest.OutcomeOf(w, t, "R-014"); f.Outcome != scale.Silent || strings.Contains(f.Sentence, "24") {
		t.Errorf("R-014: %v, %q", f.Outcome, f.Sentence)
	}
	r := judgetest.Recommended(w)
	if r.Action == scale.ScaleDown && r.To == 24 {
		t.Errorf("recommends %d: %v", r.To, r.Reasons)
	}
	plan := judgetest.Planned(w, 31, "more")
	for _, text := range append(append(plan.Warnings, plan.Notes...), r.Reasons...) {
		if strings.Contains(text, "idle") || strings.Contains(text, "busiest") || strings.Contains(text, "partition") {
			t.Errorf("the card says %q", text)
		}
	}
	if plan.Now.Idle != 0 || plan.After.Idle != 0 || !plan.Open {
		t.Errorf("idle %d and %d, open %v, want none and open", plan.Now.Idle, plan.After.Idle, plan.Open)
	}
	for _, risk := range plan.Risks {
		if risk.Class == scale.RiskPartitions {
			t.Errorf("a risk by partitions: %s", risk.Why)
		}
	}
	measuretest.WantCheck(t, plan.Checklist, "R-108", scale.Pass)
	d := diagnose.Diagnose(w.Component, w.Policy, w.Now, w.Past)
	measuretest.WantCheck(t, d.Findings, "R-131", scale.Pass)
	if _, bounded := measure.MostUseful(w.Now); bounded {
		t.Error("the form is bounded by the partitions")
	}
	n := PlanCapacity(w.Component, w.Policy, w.Now, w.Past, Demand{Rate: 3000, Seconds: 1, Each: 100})
	if n.Workers < 30 || strings.Contains(n.Headline, "all that helps") || len(n.Remedies) > 0 {
		t.Errorf("a plan for 3,000 msg/s: %d, %q, %v", n.Workers, n.Headline, n.Remedies)
	}
}
