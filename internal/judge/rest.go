package judge

import (
	"slices"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// AtRest reports whether the present snapshot alone rules out any finding, whatever the history
// says. All data of the scale-up rules is there and within its limits, so that
// no window can be filled, and one of the scale-down rules does not hold. It is true for most
// components nearly all the time, at a fraction of the cost of a [Judgement]. False only means
// that a Judgement is needed.
func AtRest(c scale.Component, p scale.Policy, s scale.Snapshot) bool {
	v := glance(c, p, s)
	perPod, known := v.Now.PerPod.Get()
	if c.ConsumersPerPod > 0 {
		perPod, known = c.ConsumersPerPod, true
	}
	if !known || !v.ReplicasKnown || c.Single != "" || !v.LagComplete() {
		return false
	}
	v.Sharing = measure.SharedBy(v.Now, scale.Known(perPod, v.Now.At, v.Now.PerPod.Source))
	v.Rates, v.RatesKnown = v.Now.Rates.Get()
	// Above these limits only the history shows whether the lag matters.
	if lag := float64(v.Lag.Total); v.Unsettled() || lag > p.Up.Lag.Value || lag > p.Up.ThroughputLagFloor {
		return false
	}
	silent := func(f scale.Finding) bool { return f.Outcome == scale.Silent }
	down := v.downFindings()
	surplus, _ := scale.Find(down, scale.RuleSurplus)
	return silent(surplus) && slices.ContainsFunc(down, func(f scale.Finding) bool { return f.Rule != scale.RuleSurplus && silent(f) }) &&
		!slices.ContainsFunc(v.UpFindings(), func(f scale.Finding) bool { return !silent(f) })
}

// Clear is the sight of a component of which every scale-up rule can be judged.
func Clear() ledger.Sight { return ledger.Sight{Rules: len(rulesThat(scale.ScaleUp))} }
