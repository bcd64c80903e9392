package judge

import (
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// View is a measured case with the rules as its methods: the triggers, vetoes, risks and the
// plan.
type View struct{ measure.Case }

// NewView measures a component's snapshot and its past, and returns it for judging. What is
// older than the policy allows is unknown.
func NewView(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) View {
	return View{measure.NewCase(c, p, s, past)}
}

// glance is a view without what needs the history.
func glance(c scale.Component, p scale.Policy, s scale.Snapshot) View {
	return View{measure.Glance(c, p, s)}
}
