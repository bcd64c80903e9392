package scale

import "fmt"

// MakePlan describes the change to the given count for the card: comparison now and
// after, checklist, warnings, notes, the kubectl line.
func MakePlan(c Component, p Policy, s Snapshot, past []Point, advice Recommendation, to int, reason string) Plan {
	v := look(c, p, s, past)
	plan := Plan{
		From: v.replicas, To: to, Now: v.option(v.replicas), After: v.option(to),
		Alternatives: v.alternatives(to), Checklist: v.checklist(to), Kubectl: v.kubectl(to),
	}
	plan.Open = v.open
	if v.tasks > 0 {
		plan.Part = v.part()
	}
	plan.Trend, plan.Slope = v.trend()
	v.tellOwner(&plan)
	plan.Spark = v.spark()
	plan.Warnings = v.warnings(to)
	plan.Notes = v.notes(to)
	risks := v.risks(advice, to)
	plan.Risks = p.TwoPeople.of(risks)
	plan.Loud = len(risks) > 0 || v.loud(to)
	if !v.triggered(advice, to) {
		plan.NeedsReason = reason == ""
		plan.Notes = append(plan.Notes, v.precondition(advice, to))
	}
	return plan
}

// alternatives are the efficient counts next to the asked one.
func (v view) alternatives(to int) []Option {
	var options []Option
	for _, n := range []int{v.below(to), v.above(to)} {
		// A count that cannot start is no alternative, whatever it would do.
		if n > 0 && n != v.replicas && v.roomVeto(n) == "" {
			options = append(options, v.option(n))
		}
	}
	return options
}

// kubectl is the equivalent command, with the same precondition as the bot's write.
func (v view) kubectl(to int) string {
	return fmt.Sprintf("kubectl scale deployment %s --replicas=%d -n %s --current-replicas=%d",
		v.c.Deployment, to, v.c.Namespace, v.replicas)
}

// tellOwner says who would undo the change and when, or who else writes the count without
// undoing it, and the way out (T-01 to T-04).
func (v view) tellOwner(plan *Plan) {
	owner, known := v.s.Owner.Get()
	if !known {
		return
	}
	s := owner.standing(v.replicas, plan.To)
	if s.undone {
		plan.Reverter = s.why
	} else {
		plan.Keeper = s.why
	}
	if s.why != "" {
		plan.WayOut = firstOf(ownerRemedies(owner, v.replicas, plan.To)...)
	}
}

// triggered reports whether a rule of the runbook asks for a change of this direction
// . One instance too many of a single-instance component needs no rule.
func (v view) triggered(advice Recommendation, to int) bool {
	if advice.Changes() && (advice.Action == ScaleDown) == (to < v.replicas) {
		return true
	}
	if to < v.replicas {
		return false
	}
	for _, f := range advice.Findings {
		if f.upRule() && f.Outcome == Fires {
			return true
		}
	}
	return false
}

// precondition shows the values that the runbook asks to look at first.
func (v view) precondition(advice Recommendation, to int) string {
	rules := []string{ruleLag, "R-002"}
	text := "no scale-up rule fires"
	if to < v.replicas {
		rules, text = []string{"R-011", "R-012", "R-013"}, "the runbook does not ask for fewer"
	}
	for i, rule := range rules {
		if f, ok := find(advice.Findings, rule); ok {
			text += []string{": ", "; "}[min(i, 1)] + f.Sentence
		}
	}
	return text
}

// loud asks for a stronger confirmation than a risk does not already: the evidence
// speaks against the change, or the lag is not known.
func (v view) loud(to int) bool {
	return to > v.replicas && len(v.upVetoes(to)) > 0 || !v.lagComplete()
}

// outside reports whether a count leaves the recommended range. Coming back
// towards it is no reason for alarm.
func (v view) outside(to int) bool {
	return v.c.High > 0 && to > v.c.High && to > v.replicas || v.c.Low > 0 && to < v.c.Low && to < v.replicas
}

// busyNow reports whether taking workers away would hurt: lag at or above the
// scale-down limit, or rising.
func (v view) busyNow() bool {
	trend, _ := v.trend()
	return v.waiting() >= v.p.Down.Lag.Value || trend == Rising && v.lag.Total > 0 && v.risesFast()
}

// risesFast reports whether the lag would pass the scale-down limit within one watch.
func (v view) risesFast() bool {
	_, change := v.trend()
	return float64(v.lag.Total)+change*v.p.Down.Watch.Seconds() >= v.p.Down.Lag.Value
}
