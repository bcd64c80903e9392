package lever

import (
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/judge/judgetest"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// sight is a world as a wish is judged on it.
func sight(w *measuretest.World) Basis {
	return Basis{Component: w.Component, Policy: w.Policy, Now: w.Now, Past: w.Past, Advice: judgetest.Recommended(w)}
}

// A wish becomes one step from the count that was seen, and a plan for the same two counts.
func TestAWishBecomesOneStep(t *testing.T) {
	for name, c := range map[string]struct {
		target judge.Target
		to     int
	}{
		"a number":    {judge.Exactly(9), 9},
		"more by two": {judge.Target{Kind: judge.TargetBy, N: 2}, 8},
		"half more":   {judge.Target{Kind: judge.TargetTimes, Factor: 1.5}, 9},
	} {
		w := measuretest.Spike(14_200)
		got, refusal := Propose(sight(w), Wish{Target: c.target, Reason: "lag"})
		want := []change.Step{{Do: change.Replicas{From: 6, To: c.to}}}
		if refusal != nil || !slices.Equal(got.Steps, want) || got.Plan.From != 6 || got.Plan.To != c.to || got.BelowMinimum {
			t.Errorf("%s: got %+v for a plan from %d to %d, below the minimum %t, %v; want %+v", name, got.Steps, got.Plan.From, got.Plan.To, got.BelowMinimum, refusal, want)
		}
	}
}

// The reason of the wish is the plan's too.
func TestAPlanWithoutATriggerAsksForAReason(t *testing.T) {
	calm := measuretest.CalmWorld()
	for reason, want := range map[string]bool{"": true, "a load test": false} {
		got, refusal := Propose(sight(calm), Wish{Target: judge.Exactly(8), Reason: reason})
		if refusal != nil || got.Plan.NeedsReason != want {
			t.Errorf("reason %q: got %v, asked for one %t, want %t", reason, refusal, got.Plan.NeedsReason, want)
		}
	}
}

// What may not be proposed is refused without a step; going back lifts the bound on one step
// down, and an override with a reason the minimum, and neither lifts anything else (R-049,
//
func TestWhatMayNotBeProposedIsRefused(t *testing.T) {
	unknown := func(w *measuretest.World) {
		w.Now.Workload = scale.Unknown[scale.Workload]("timeout", w.Now.At, "Kubernetes")
	}
	for name, c := range map[string]struct {
		workers int
		edit    func(*measuretest.World)
		wish    Wish
		want    string
		below   bool
	}{
		"the same count":                       {6, nil, Wish{Target: judge.Exactly(6)}, scale.RefusedNoChange, false},
		"more than the partitions":             {6, nil, Wish{Target: judge.Exactly(60)}, scale.RefusedAbovePartitions, false},
		"an unknown count":                     {6, unknown, Wish{Target: judge.Exactly(9)}, scale.RefusedUnknown, false},
		"an unknown count, relatively":         {6, unknown, Wish{Target: judge.Target{Kind: judge.TargetBy, N: 1}}, scale.RefusedUnknown, false},
		"an unknown count, going back":         {6, unknown, Wish{Target: judge.Exactly(9), Undo: true}, scale.RefusedUnknown, false},
		"too far down":                         {12, nil, Wish{Target: judge.Exactly(7)}, scale.RefusedStep, false},
		"too far down, going back":             {12, nil, Wish{Target: judge.Exactly(7), Undo: true}, "", false},
		"below the minimum":                    {4, nil, Wish{Target: judge.Exactly(3), Reason: "drained"}, scale.RefusedBelowMinimum, false},
		"below the minimum, going back":        {4, nil, Wish{Target: judge.Exactly(3), Undo: true}, scale.RefusedBelowMinimum, false},
		"below the minimum, without a reason":  {4, nil, Wish{Target: judge.Exactly(3), OverrideMinimum: true}, scale.RefusedReason, false},
		"below the minimum, with a reason":     {4, nil, Wish{Target: judge.Exactly(3), OverrideMinimum: true, Reason: "drained"}, "", true},
		"below the minimum in too large steps": {9, nil, Wish{Target: judge.Exactly(3), OverrideMinimum: true, Reason: "drained"}, scale.RefusedStep, false},
		"none at all, by an override":          {4, nil, Wish{Target: judge.Exactly(0), OverrideMinimum: true, Reason: "drained"}, scale.RefusedBelowMinimum, false},
		"an override that overrides nothing":   {6, nil, Wish{Target: judge.Exactly(8), OverrideMinimum: true}, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := measuretest.CalmWorld().Workers(c.workers)
			if c.edit != nil {
				c.edit(w)
			}
			got, refusal := Propose(sight(w), c.wish)
			code := ""
			if refusal != nil {
				code = refusal.Code
			}
			if code != c.want || got.BelowMinimum != c.below || (len(got.Steps) == 0) != (c.want != "") {
				t.Errorf("got %q, below the minimum %t and %d steps; want %q, %t", code, got.BelowMinimum, len(got.Steps), c.want, c.below)
			}
		})
	}
}
