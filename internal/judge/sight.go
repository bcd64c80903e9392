package judge

import (
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Unseen tells which scale-up rules of a component lack their data at the moment of the
// snapshot, without a recommendation. The past is asked for only where some data is missing.
func Unseen(c scale.Component, p scale.Policy, s scale.Snapshot, past func() []scale.Point) ledger.Sight {
	v := glance(c, p, s)
	if slices.ContainsFunc(upRules, func(rule string) bool { return v.missing(rule).why != "" }) {
		return SightOf(NewView(c, p, s, past()).UpFindings())
	}
	return Clear()
}

// SightOf tells from the findings which scale-up rules lack their data. A rule that nothing
// was configured for, that waits for its window, or that nothing happened to judge by lacks
// nothing.
func SightOf(findings []scale.Finding) ledger.Sight {
	var s ledger.Sight
	for _, f := range ordered(findings) {
		if !f.UpRule() {
			continue
		}
		s.Rules++
		if f.Missing != "" {
			s.Blind, s.Metrics = append(s.Blind, f.Rule), append(s.Metrics, f.Metric)
			s.Why = scale.AppendNew(s.Why, f.Missing)
			s.LagPart = s.LagPart || f.Rule == scale.RuleLag && f.MissingPart
			if f.MissingFrom != "" {
				s.From = scale.AppendNew(s.From, f.MissingFrom)
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
func (v View) withMissing(findings []scale.Finding) []scale.Finding {
	for i, f := range findings {
		if f.Outcome == scale.Unclear {
			lacks := v.missing(f.Rule)
			findings[i].Missing, findings[i].MissingFrom, findings[i].MissingPart = lacks.why, lacks.from, lacks.part
		}
	}
	return findings
}

// missing is what data of a scale-up rule is not there; nothing where it is, or where none
// was to be expected: no worker is wanted, so that none can tell anything.
func (v View) missing(rule string) absent {
	if rule == scale.RuleLag {
		if lacks := unseen(v.Now.Lag); lacks.why != "" || v.Lag.Unknown == 0 {
			return lacks
		}
		return absent{v.LagGap(), systemOf(v.Now.Lag.Source), true}
	}
	if v.ReplicasKnown && v.Replicas == 0 {
		return absent{}
	}
	switch rule {
	case "R-002":
		return unseen(v.Now.Signals.Latency)
	case "R-003", "R-004":
		return unseen(v.Now.Usage)
	case "R-005":
		return unseen(v.Now.Signals.Errors)
	}
	if lacks := unseen(v.Now.Signals.Throughput); lacks.why != "" {
		return lacks
	}
	return unseen(v.Now.Workload)
}

// unseen is why a value is not there that should be.
func unseen[T any](r scale.Reading[T]) absent {
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
func ordered(findings []scale.Finding) []scale.Finding {
	return slices.SortedStableFunc(slices.Values(findings), func(a, b scale.Finding) int { return strings.Compare(a.Rule, b.Rule) })
}
