package judge

import (
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Unseen says which scale-up rules of a component lack their data at the moment of the snapshot,
// without computing a recommendation. The history is read only where some data is missing.
func Unseen(c scale.Component, p scale.Policy, s scale.Snapshot, past func() []scale.Point) ledger.Sight {
	v := glance(c, p, s)
	if slices.ContainsFunc(triggers, func(t Trigger) bool { return v.missing(t).why != "" }) {
		return SightOf(NewView(c, p, s, past()).UpFindings())
	}
	return Clear()
}

// SightOf derives from the findings which scale-up rules lack their data. A rule lacks nothing if
// it is not configured, waits for its window, or if nothing happened that could be measured.
func SightOf(findings []scale.Finding) ledger.Sight {
	var s ledger.Sight
	for _, rule := range rulesThat(scale.ScaleUp) {
		f, judged := scale.Find(findings, rule)
		if !judged {
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

// absent is data that should be there and is not: why, and where it should come from. The zero
// absent means that nothing is missing.
type absent struct {
	why, from string
	// part says that some of it is there.
	part bool
}

// withMissing notes on the findings that are unclear what data they lack.
func (v View) withMissing(findings []scale.Finding) []scale.Finding {
	for i, f := range findings {
		if f.Outcome == scale.Unclear {
			t, _ := TriggerOf(f.Rule)
			lacks := v.missing(t)
			findings[i].Missing, findings[i].MissingFrom, findings[i].MissingPart = lacks.why, lacks.from, lacks.part
		}
	}
	return findings
}

// missing is the missing data of a scale-up rule. It is empty where the data is there or none was
// to be expected: when no worker is wanted, none can report anything.
func (v View) missing(t Trigger) absent {
	if t.lacks == nil || t.OfWorkers && v.ReplicasKnown && v.Replicas == 0 {
		return absent{}
	}
	return t.lacks(v)
}

// lagLacks is the lag of a group that was not read, or not of every partition.
func (v View) lagLacks() absent {
	if lacks := unseen(v.Now.Lag); lacks.why != "" || v.Lag.Unknown == 0 {
		return lacks
	}
	return absent{v.LagGap(), systemOf(v.Now.Lag.Source), true}
}

// unseen is why a value that should be there is missing.
func unseen[T any](r scale.Reading[T]) absent {
	if r.Missing() {
		return absent{why: r.Why(), from: systemOf(r.Source)}
	}
	return absent{}
}

// systemOf names the system in the source of a reading, without how many pods were scraped, which
// changes all the time.
func systemOf(source string) string {
	if source == "pods" || strings.HasSuffix(source, " pods scraped") {
		return "the metrics of the pods"
	}
	return source
}
