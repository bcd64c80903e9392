package scale

import (
	"cmp"
	"fmt"
	"slices"
)

// firing makes the finding of a rule whose condition holds: "lag 14,200 > 10,000 →
// Critical, now".
func firing(rule, metric, value, bound string, l Limit, advises Action) Finding {
	f := Finding{
		Rule: rule, Metric: metric, Outcome: Fires, Value: value, Limit: bound,
		Urgency: l.Urgency, ActWithin: l.Within, Window: l.For, Advises: advises,
	}
	f.Sentence = fmt.Sprintf("%s %s %s", metric, value, bound)
	if l.For > 0 {
		f.Sentence += " for " + Span(l.For)
	}
	if l.Urgency > UrgencyNone {
		f.Sentence += fmt.Sprintf(" → %s, %s", l.Urgency, within(l.Within))
	}
	return f
}

// silent makes the finding of a rule whose condition does not hold.
func silent(rule, metric, value, bound string, l Limit) Finding {
	return Finding{
		Rule: rule, Metric: metric, Outcome: Silent, Value: value, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s, limit %s", metric, value, bound),
	}
}

// excused returns a finding whose condition holds and means nothing, for the reason
// given.
func (f Finding) excused(why string) Finding {
	f.Outcome, f.Urgency, f.ActWithin, f.Advises, f.Sentence = Silent, UrgencyNone, 0, Hold, why
	return f
}

// unclear makes the finding of a rule that cannot be judged, with the reason.
func unclear(rule, metric, bound, why string, l Limit) Finding {
	return Finding{
		Rule: rule, Metric: metric, Outcome: Unclear, Limit: bound, Window: l.For,
		Sentence: fmt.Sprintf("%s %s cannot be judged: %s", metric, bound, why),
	}
}

// rank sorts findings: what fired, the most urgent and the soonest to act on first,
// then what could not be judged, then what is silent.
func rank(findings []Finding) []Finding {
	order := map[Outcome]int{Fires: 0, Unclear: 1, Silent: 2}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(order[a.Outcome], order[b.Outcome]),
			cmp.Compare(b.Urgency, a.Urgency),
			cmp.Compare(a.ActWithin, b.ActWithin),
			cmp.Compare(a.Rule, b.Rule),
		)
	})
	return findings
}

// ruleLag is the row of the lag trigger, which the alert's closing is measured by.
const ruleLag = "R-001"

// upRules are the scale-up triggers, in their order.
var upRules = []string{ruleLag, "R-002", "R-003", "R-004", "R-005", ruleThroughput}

// ruleThroughput is the row of the throughput trigger.
const ruleThroughput = "R-006"

// upRule reports whether the finding belongs to a scale-up trigger, R-001 to R-006.
func (f Finding) upRule() bool { return f.Rule >= ruleLag && f.Rule <= "R-006" }

// find returns the finding of a rule.
func find(findings []Finding, rule string) (Finding, bool) {
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		return Finding{}, false
	}
	return findings[i], true
}
