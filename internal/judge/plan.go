package judge

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/ownership"
	"github.com/scalebot/scalebot/internal/scale"
)

// MakePlan describes the change to the given count for the card: comparison now and
// after, checklist, warnings, notes, the kubectl line.
func MakePlan(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point, advice ledger.Recommendation, to int, reason string) ledger.Plan {
	v := NewView(c, p, s, past)
	plan := ledger.Plan{
		From: v.Replicas, To: to, Now: v.Option(v.Replicas), After: v.Option(to),
		Alternatives: v.alternatives(to), Checklist: v.checklist(to), Kubectl: v.kubectl(to),
	}
	plan.Open = v.Open
	if v.Tasks > 0 {
		plan.Part = v.Part()
	}
	plan.Trend, plan.Slope = v.Trend()
	v.noteOwner(&plan)
	plan.Spark = v.spark()
	plan.Warnings = v.warnings(to)
	plan.Notes = v.notes(to)
	risks := v.risks(advice, to)
	plan.Risks = p.TwoPeople.Of(risks)
	plan.Prominent = len(risks) > 0 || v.contradicted(to)
	if !v.triggered(advice, to) {
		plan.NeedsReason = reason == ""
		plan.Notes = append(plan.Notes, v.precondition(advice, to))
	}
	return plan
}

// alternatives are the efficient counts next to the requested one.
func (v View) alternatives(to int) []ledger.Option {
	var options []ledger.Option
	for _, n := range []int{v.Below(to), v.Above(to)} {
		// A count whose pods do not fit is no alternative, whatever its effect would be.
		if n > 0 && n != v.Replicas && v.RoomVeto(n) == "" {
			options = append(options, v.Option(n))
		}
	}
	return options
}

// kubectl is the equivalent command, with the same precondition as the bot's write.
func (v View) kubectl(to int) string {
	return fmt.Sprintf("kubectl scale deployment %s --replicas=%d -n %s --current-replicas=%d",
		v.Component.Deployment, to, v.Component.Namespace, v.Replicas)
}

// noteOwner says who would undo the change and when, or who else writes the count without undoing
// it, and what to do about it (T-01 to T-04).
func (v View) noteOwner(plan *ledger.Plan) {
	owner, known := v.Now.Owner.Get()
	if !known {
		return
	}
	s := ownership.Standing(owner, v.Replicas, plan.To)
	if s.Undone {
		plan.Reverter = s.Why
	} else {
		plan.Keeper = s.Why
	}
	if s.Why != "" {
		plan.WayOut = scale.FirstOf(ownership.OwnerRemedies(owner, v.Replicas, plan.To)...)
	}
}

// triggered reports whether a rule of the runbook asks for a change in this direction (R-029,
// A single-instance component with more than one instance needs no rule to scale down.
func (v View) triggered(advice ledger.Recommendation, to int) bool {
	if advice.Changes() && (advice.Action == scale.ScaleDown) == (to < v.Replicas) {
		return true
	}
	if to < v.Replicas {
		return false
	}
	for _, f := range advice.Findings {
		if ScaleUpRule(f.Rule) && f.Outcome == scale.Fires {
			return true
		}
	}
	return false
}

// precondition shows the values that the runbook requires to be checked first.
func (v View) precondition(advice ledger.Recommendation, to int) string {
	rules := []scale.Rule{scale.RuleLag, scale.RuleLatency}
	text := "no scale-up rule fires"
	if to < v.Replicas {
		rules, text = []scale.Rule{scale.RuleQuiet, scale.RuleIdleCPU, scale.RuleIdleMemory}, "the runbook does not ask for fewer"
	}
	for i, rule := range rules {
		if f, ok := scale.Find(advice.Findings, rule); ok {
			text += []string{": ", "; "}[min(i, 1)] + f.Sentence
		}
	}
	return text
}

// contradicted asks for a more prominent confirmation, beyond those that risks already ask for:
// the evidence speaks against the change, or the lag is not known.
func (v View) contradicted(to int) bool {
	return to > v.Replicas && len(v.UpVetoes(to)) > 0 || !v.LagComplete()
}

// outside reports whether a count leaves the recommended range. A count that moves back
// towards the range does not.
func (v View) outside(to int) bool {
	return v.Component.High > 0 && to > v.Component.High && to > v.Replicas || v.Component.Low > 0 && to < v.Component.Low && to < v.Replicas
}

// busyNow reports whether taking workers away would hurt: lag at or above the
// scale-down limit, or rising.
func (v View) busyNow() bool {
	trend, _ := v.Trend()
	return v.Waiting() >= v.Policy.Down.Lag.Value || trend == scale.Rising && v.Lag.Total > 0 && v.risesFast()
}

// risesFast reports whether the lag would pass the scale-down limit within one watch period.
func (v View) risesFast() bool {
	_, change := v.Trend()
	return float64(v.Lag.Total)+change*v.Policy.Down.Watch.Seconds() >= v.Policy.Down.Lag.Value
}
