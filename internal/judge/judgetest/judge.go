// Package judgetest judges the worlds of package measuretest, for the tests of what comes
// after judgement.
package judgetest

import (
	"testing"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// Recommended is what the runbook recommends in this world.
func Recommended(w *measuretest.World) ledger.Recommendation {
	return judge.Recommend(w.Component, w.Policy, w.Now, w.Past)
}

// Planned is the plan of a change to that many workers.
func Planned(w *measuretest.World, to int, reason string) ledger.Plan {
	return judge.MakePlan(w.Component, w.Policy, w.Now, w.Past, Recommended(w), to, reason)
}

// Refused is why that many workers are refused, or nil.
func Refused(w *measuretest.World, to int) *scale.Refusal {
	return judge.Refuse(w.Component, w.Policy, w.Now, to)
}

// OutcomeOf is what a rule says in this world.
func OutcomeOf(w *measuretest.World, t *testing.T, rule scale.Rule) scale.Finding {
	t.Helper()
	f, ok := scale.Find(Recommended(w).Findings, rule)
	if !ok {
		t.Fatalf("no finding for %s", rule)
	}
	return f
}
