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
	// Metrics are what the blind rules look at, one for each: "p95 latency", "CPU".
	Metrics []string `json:"metrics,omitempty"`
	// Why are the different reasons, in the order of the rules.
	Why []string `json:"why,omitempty"`
	// From are the systems that the data should come from ("Kafka", "Prometheus", "the metrics
	// of the pods", "metrics.k8s.io", "Kubernetes"), as far as that is known.
	From []string `json:"from,omitempty"`
	// LagPart says that the lag is among what is missing, and known in part.
	LagPart bool `json:"lagPart,omitempty"`
}

// Unseen tells which scale-up rules of a component lack their data at the moment of the
// snapshot, without a recommendation. The past is asked for only where some data is missing.
func Unseen(c Component, p Policy, s Snapshot, past func() []Point) Sight {
	v := glance(c, p, s)
	if slices.ContainsFunc(upRules, func(rule string) bool { return v.missing(rule).why != "" }) {
		return SightOf(look(c, p, s, past()).upFindings())
	}
	return Clear()
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
			s.Blind, s.Metrics = append(s.Blind, f.Rule), append(s.Metrics, f.Metric)
			s.Why = appendNew(s.Why, f.Missing)
			s.LagPart = s.LagPart || f.Rule == ruleLag && f.MissingPart
			if f.MissingFrom != "" {
				s.From = appendNew(s.From, f.MissingFrom)
			}
		}
	}
	return s
}

// absent is data that should be there and is not: why, and where it should come from. The
// zero absent is that nothing is missing.
type absent struct {
	why, from string
	// part says that some of it is there.
	part bool
}

// withMissing notes on the findings that are unclear what data they lack.
func (v view) withMissing(findings []Finding) []Finding {
	for i, f := range findings {
		if f.Outcome == Unclear {
			lacks := v.missing(f.Rule)
			findings[i].Missing, findings[i].MissingFrom, findings[i].MissingPart = lacks.why, lacks.from, lacks.part
		}
	}
	return findings
}

// missing is what data of a scale-up rule is not there; nothing where it is, or where none
// was to be expected: no worker is wanted, so that none can tell anything.
func (v view) missing(rule string) absent {
	if rule == ruleLag {
		if lacks := unseen(v.s.Lag); lacks.why != "" || v.lag.Unknown == 0 {
			return lacks
		}
		return absent{v.lagGap(), systemOf(v.s.Lag.Source), true}
	}
	if v.replicasKnown && v.replicas == 0 {
		return absent{}
	}
	switch rule {
	case "R-002":
		return unseen(v.s.Signals.Latency)
	case "R-003", "R-004":
		return unseen(v.s.Usage)
	case "R-005":
		return unseen(v.s.Signals.Errors)
	}
	if lacks := unseen(v.s.Signals.Throughput); lacks.why != "" {
		return lacks
	}
	return unseen(v.s.Workload)
}

// unseen is why a value is not there that should be.
func unseen[T any](r Reading[T]) absent {
	if r.Missing() {
		return absent{why: r.Why(), from: systemOf(r.Source)}
	}
	return absent{}
}

// systemOf names the system behind the source of a reading: how many pods of how many were
// scraped is a matter of the moment.
func systemOf(source string) string {
	if source == "pods" || strings.HasSuffix(source, " pods scraped") {
		return "the metrics of the pods"
	}
	return source
}

// ordered are the findings in the order of their rules.
func ordered(findings []Finding) []Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b Finding) int { return strings.Compare(a.Rule, b.Rule) })
}
