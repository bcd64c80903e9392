package scale

import (
	"cmp"
	"slices"
)

// Excused returns a finding whose condition holds and means nothing, for the reason
// given.
func (f Finding) Excused(why string) Finding {
	f.Outcome, f.Urgency, f.ActWithin, f.Advises, f.Sentence = Silent, UrgencyNone, 0, Hold, why
	return f
}

// Rank sorts findings: what fired, the most urgent and the soonest to act on first,
// then what could not be judged, then what is silent.
func Rank(findings []Finding) []Finding {
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

// RuleLag is the row of the lag trigger, which the alert's closing is measured by.
const RuleLag = "R-001"

// RuleThroughput is the row of the throughput trigger.
const RuleThroughput = "R-006"

// UpRule reports whether the finding belongs to a scale-up trigger, R-001 to R-006.
func (f Finding) UpRule() bool { return f.Rule >= RuleLag && f.Rule <= "R-006" }

// Find returns the finding of a rule.
func Find(findings []Finding, rule string) (Finding, bool) {
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		return Finding{}, false
	}
	return findings[i], true
}
