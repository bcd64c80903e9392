package scale

import (
	"slices"
	"strings"
)

// Sight is which scale-up rules of a component can be judged.
type Sight struct {
	// Rules is how many there are, Blind the ones whose data should be there and is not.
	Rules int      `json:"rules"`
	Blind []string `json:"blind,omitempty"`
	// Why are the different reasons, in the order of the rules.
	Why []string `json:"why,omitempty"`
}

// SightOf tells from the findings which scale-up rules lack their data. A rule that nothing
// was configured for, that waits for its window, or that nothing happened to judge by lacks
// nothing.
func SightOf(findings []Finding) Sight {
	var s Sight
	for _, f := range ordered(findings) {
		if !f.upRule() {
			continue
		}
		s.Rules++
		if f.Missing != "" {
			s.Blind = append(s.Blind, f.Rule)
			s.Why = appendNew(s.Why, f.Missing)
		}
	}
	return s
}

// withMissing notes on the findings that are unclear what data they lack.
func (v view) withMissing(findings []Finding) []Finding {
	for i, f := range findings {
		if f.Outcome == Unclear {
			findings[i].Missing = v.missing(f.Rule)
		}
	}
	return findings
}

// missing is why the data of a scale-up rule is not there; empty where it is, or where none
// was to be expected: no worker is wanted, so that none can tell anything.
func (v view) missing(rule string) string {
	if rule == ruleLag {
		if why := unseen(v.s.Lag); why != "" || v.lag.Unknown == 0 {
			return why
		}
		return v.lagGap()
	}
	if v.replicasKnown && v.replicas == 0 {
		return ""
	}
	switch rule {
	case "R-002":
		return unseen(v.s.Signals.Latency)
	case "R-003", "R-004":
		return unseen(v.s.Usage)
	case "R-005":
		return unseen(v.s.Signals.Errors)
	}
	if why := unseen(v.s.Signals.Throughput); why != "" {
		return why
	}
	return unseen(v.s.Workload)
}

// unseen is why a value is not there that should be.
func unseen[T any](r Reading[T]) string {
	if r.Missing() {
		return r.Why()
	}
	return ""
}

// ordered are the findings in the order of their rules.
func ordered(findings []Finding) []Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b Finding) int { return strings.Compare(a.Rule, b.Rule) })
}
