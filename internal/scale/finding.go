package scale

import (
	"cmp"
	"slices"
	"time"
)

// Outcome is whether a rule's condition holds.
type Outcome string

// The outcomes of a rule. Unknown is neither silent nor firing.
const (
	Silent  Outcome = "silent"
	Fires   Outcome = "fires"
	Unclear Outcome = "unknown"
)

// Finding is one rule of the runbook applied to what was seen.
type Finding struct {
	// Rule is the row that was applied; it is part of what people see.
	Rule Rule `json:"rule"`
	// Metric names what was measured: "consumer lag".
	Metric  string  `json:"metric"`
	Outcome Outcome `json:"outcome"`
	// Value and Limit are printed with their unit: "14,200", "> 10,000".
	Value string `json:"value,omitempty"`
	Limit string `json:"limit,omitempty"`
	// Urgency and ActWithin say how soon to act; ActWithin 0 means now.
	Urgency   Urgency       `json:"urgency,omitempty"`
	ActWithin time.Duration `json:"actWithin,omitempty"`
	// Window is the time the condition must hold, Held how long it has.
	Window time.Duration `json:"window,omitempty"`
	Held   time.Duration `json:"held,omitempty"`
	// Sentence is the whole finding as people read it: "lag 14,200 > 10,000 → Critical, now".
	Sentence string `json:"sentence"`
	// Advises says which way the rule points: up, down, or hold when it fires but
	// scaling would not help (T-10).
	Advises Action `json:"advises,omitempty"`
	// Missing is why a scale-up rule has no data to judge by. It is empty where the rule can be
	// judged, or where no data was to be expected.
	Missing string `json:"missing,omitempty"`
	// MissingFrom is the system that should have delivered the missing data; empty where that is
	// not known.
	MissingFrom string `json:"missingFrom,omitempty"`
	// MissingPart says that some of the data is there, but too little to judge by.
	MissingPart bool `json:"missingPart,omitempty"`
}

// Excused returns the finding of a rule whose condition holds but asks for nothing, with the
// reason why.
func (f Finding) Excused(why string) Finding {
	f.Outcome, f.Urgency, f.ActWithin, f.Advises, f.Sentence = Silent, UrgencyNone, 0, Hold, why
	return f
}

// Rank sorts findings: what fired, the most urgent and the soonest to act on first,
// then what could not be judged, then what is silent. Equals keep their order, which
// is that of the table of triggers.
func Rank(findings []Finding) []Finding {
	order := map[Outcome]int{Fires: 0, Unclear: 1, Silent: 2}
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(order[a.Outcome], order[b.Outcome]),
			cmp.Compare(b.Urgency, a.Urgency),
			cmp.Compare(a.ActWithin, b.ActWithin),
		)
	})
	return findings
}

// Find returns the finding of a rule.
func Find(findings []Finding, rule Rule) (Finding, bool) {
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		return Finding{}, false
	}
	return findings[i], true
}
