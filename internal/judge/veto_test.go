package judge

import (
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// Decision B.9: a veto has a name, speaks against some move, and says why.
func TestEveryVetoIsWhole(t *testing.T) {
	rows := map[string]map[move]bool{}
	for _, row := range vetoes {
		if row.name == "" || row.why == nil || len(row.against) == 0 {
			t.Errorf("the veto %q has no name, no reason, or speaks against nothing", row.name)
		}
		for _, m := range row.against {
			if rows[row.name][m] {
				t.Errorf("the veto %q speaks twice against one move", row.name)
			}
			if rows[row.name] == nil {
				rows[row.name] = map[move]bool{}
			}
			rows[row.name][m] = true
		}
	}
	if found := view(measuretest.CalmWorld()).vetoesAgainst(adding, 9); len(found) > 0 {
		t.Errorf("got %+v against more workers of a calm world, want nothing", found)
	}
}

// A further veto is one row: it keeps back the recommendation that it speaks against, and
// warns on the card.
func TestAFurtherVetoIsOneRow(t *testing.T) {
	before := vetoes
	t.Cleanup(func() { vetoes = before })
	vetoes = append(slices.Clone(before), vetoRow{
		name: "a freeze", against: []move{adding, removing}, why: func(View, int) string { return "changes are frozen over the holidays" },
		remedies: steps("ask the team"),
	})
	up := recommended(measuretest.Spike(14_200))
	if up.Action != scale.Hold || !slices.Contains(up.Vetoes, "changes are frozen over the holidays") || !slices.Contains(up.Remedies, "ask the team") {
		t.Errorf("got %s with vetoes %q and remedies %q, want the freeze to hold it", up.Action, up.Vetoes, up.Remedies)
	}
	w := measuretest.Spike(14_200)
	plan := MakePlan(w.Component, w.Policy, w.Now, w.Past, recommended(w), 9, "")
	if !slices.Contains(plan.Warnings, "changes are frozen over the holidays") {
		t.Errorf("got warnings %q, want the freeze among them", plan.Warnings)
	}
	if down := recommended(measuretest.IdleWorld()); down.Action == scale.ScaleDown || !slices.Contains(down.Vetoes, "changes are frozen over the holidays") {
		t.Errorf("got %s with vetoes %q, want the freeze to keep the workers", down.Action, down.Vetoes)
	}
}

// A further check before a change is one row.
func TestAFurtherCheckBeforeAChangeIsOneRow(t *testing.T) {
	for _, row := range checksBefore {
		if row.rule.Number() == 0 || row.name == "" || row.answer == nil {
			t.Errorf("the check %s %q is not whole", row.rule, row.name)
		}
	}
	before := checksBefore
	t.Cleanup(func() { checksBefore = before })
	checksBefore = append(slices.Clone(before), checkBefore{rule: "X-1", name: "no freeze", answer: func(_ View, check scale.Check, to int) scale.Check {
		check.Result = scale.Fail
		return check
	}})
	checks := view(measuretest.CalmWorld()).checklist(9)
	if last := checks[len(checks)-1]; last.Rule != "X-1" || last.Name != "no freeze" || last.Result != scale.Fail {
		t.Errorf("got %+v last, want the new check", last)
	}
}
