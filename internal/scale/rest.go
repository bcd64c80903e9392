package scale

import "slices"

// AtRest reports whether what is seen now gives no cause for anything, whatever the past says:
// all data of the scale-up rules is there and each keeps to its limit, so that
// no window can be filled, and one of the scale-down rules does not hold either. It says so of
// most components nearly all the time, at a fraction of what a [Judgement] takes; false means no
// more than that it takes one.
func AtRest(c Component, p Policy, s Snapshot) bool {
	v := glance(c, p, s)
	perPod, known := v.s.PerPod.Get()
	if c.ConsumersPerPod > 0 {
		perPod, known = c.ConsumersPerPod, true
	}
	if !known || !v.replicasKnown || c.Single != "" || !v.lagComplete() {
		return false
	}
	v.sharing = v.s.sharedBy(Known(perPod, v.s.At, v.s.PerPod.Source))
	v.rates, v.ratesKnown = v.s.Rates.Get()
	// Above these, whether the lag means anything is for the past to say.
	if lag := float64(v.lag.Total); v.unsettled() || lag > p.Up.Lag.Value || lag > p.Up.ThroughputLagFloor {
		return false
	}
	silent := func(f Finding) bool { return f.Outcome == Silent }
	down := v.downFindings()
	surplus, _ := find(down, "R-014")
	return silent(surplus) && slices.ContainsFunc(down, func(f Finding) bool { return f.Rule != "R-014" && silent(f) }) &&
		!slices.ContainsFunc(v.upFindings(), func(f Finding) bool { return !silent(f) })
}

// Clear is the sight of a component of which every scale-up rule can be judged.
func Clear() Sight { return Sight{Rules: len(upRules)} }
