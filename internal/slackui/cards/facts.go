package cards

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// LagFact is the lag with its trend and age.
func LagFact(op ledger.Operation) string {
	return lagReading(op.Before.TotalLag(), op.Plan.Trend, op.Plan.Slope, op.Plan.Spark) + ageFact(op.Before.Lag)
}

// ageFact is how long the oldest unread message has waited, on a line of its own; empty when
// nothing waits, "age unknown" when that cannot be determined.
func ageFact(lag scale.Reading[scale.Lag]) string {
	l, known := lag.Get()
	if !known || l.Total <= 0 {
		return ""
	}
	age, known := l.Oldest()
	if !known {
		return "\nage of the oldest unknown"
	}
	return ageLine(age)
}

func ageLine(age scale.Age) string {
	if text := age.Sentence(); text != "" {
		return "\n" + Words(text, MaxWords)
	}
	return ""
}

func lagReading(lag scale.Reading[int64], trend scale.Trend, slope float64, spark []int64) string {
	total, ok := lag.Get()
	if !ok {
		return "unknown: " + Words(lag.Why(), MaxWords)
	}
	text := scale.Count(total) + trendFact(trend, slope)
	if line := Sparkline(spark); line != "" {
		text += "\n" + line
	}
	if lag.Note != "" {
		text += "\n" + Words(lag.Note, MaxWords)
	}
	return text
}

func trendFact(trend scale.Trend, slope float64) string {
	switch trend {
	case scale.Rising, scale.Falling:
		return fmt.Sprintf(" %s %s by %s", arrow(trend), trend, scale.PerSecond(max(slope, -slope)))
	case scale.Steady:
		return " → stable"
	case scale.TrendUnknown:
		return ", trend unknown"
	}
	return ""
}

func busiestFact(p ledger.Plan) string {
	if p.Open {
		return "no ceiling: the workers of a share group read the same partitions"
	}
	if p.Now.Busiest <= 0 && p.After.Busiest <= 0 {
		return "unknown"
	}
	text := fmt.Sprintf("%s → *%s* %ss", knownCount(p.Now.Busiest), knownCount(p.After.Busiest), partNoun(p))
	if p.After.Idle > 0 {
		text += fmt.Sprintf("\n%d of %d would be idle", p.After.Idle, max(p.To, p.After.Consumers))
	}
	if n := p.After.PerPod(); n > 1 {
		text += fmt.Sprintf("\n%d consumers per pod", n)
	}
	return text
}

func knownCount(n int) string {
	if n <= 0 {
		return "?"
	}
	return fmt.Sprint(n)
}

func drainWords(d ledger.Drain) string {
	switch {
	case d.Sentence != "":
		return Words(d.Sentence, MaxWords)
	case !d.Known && d.Why != "":
		return "unknown: " + Words(d.Why, MaxWords)
	case !d.Known:
		return "unknown"
	case d.Never:
		return "never at this rate"
	default:
		return "about " + scale.Span(d.Expected)
	}
}

// runningFact is how many of the wanted pods are ready.
func runningFact(s scale.Snapshot) string {
	w, ok := s.Workload.Get()
	if !ok {
		return "unknown: " + Words(s.Workload.Why(), MaxWords)
	}
	return fmt.Sprintf("%d/%d pods ready", w.Ready, w.Desired)
}

func adviceFact(a ledger.Recommendation) string {
	text := adviceLine(a)
	if a.RunbookHigh > 0 {
		text += "\nrule of thumb " + rangeWords(a.RunbookLow, a.RunbookHigh)
	}
	return text
}

// rangeWords prints a range of counts, one number where both ends are the same.
func rangeWords(low, high int) string {
	if low == high {
		return fmt.Sprint(high)
	}
	return fmt.Sprintf("%d–%d", low, high)
}

// adviceLine is the recommendation with its urgency, in colour and in words.
func adviceLine(a ledger.Recommendation) string {
	text := adviceIcon(a) + " " + adviceWords(a)
	if a.Urgency != scale.UrgencyNone {
		text += " · " + a.Urgency.String()
	}
	if blind := blindWords(a); blind != "" {
		text += " · " + blind
	}
	return text
}

// unsighted reports whether nothing is recommended only because rules lack their data.
func unsighted(a ledger.Recommendation) bool {
	return a.Action == scale.Hold && a.Urgency == scale.UrgencyNone && len(judge.SightOf(a.Findings).Blind) > 0
}

// blindWords says how many scale-up rules cannot be judged, when there is nothing else to report.
func blindWords(a ledger.Recommendation) string {
	if !unsighted(a) {
		return ""
	}
	sight := judge.SightOf(a.Findings)
	return fmt.Sprintf("%d of %d rules cannot be judged", len(sight.Blind), sight.Rules)
}

func adviceWords(a ledger.Recommendation) string {
	switch a.Action {
	case scale.ScaleUp, scale.ScaleDown:
		return fmt.Sprintf("scale to *%d*", a.To)
	case scale.Hold:
		return fmt.Sprintf("stay at %d", a.From)
	case scale.Undecided:
	}
	return "too little is known to say"
}

// adviceSpoken is adviceWords with its urgency and without markup.
func adviceSpoken(a ledger.Recommendation) string {
	text := strings.ReplaceAll(adviceWords(a), "*", "")
	if a.Urgency != scale.UrgencyNone {
		text += ", " + a.Urgency.String()
	}
	if blind := blindWords(a); blind != "" {
		text += ", but " + blind
	}
	return text
}

// adviceIcon is the urgency as a colour; green only where enough data is known.
func adviceIcon(a ledger.Recommendation) string {
	if unsighted(a) {
		return "❔"
	}
	if a.Urgency != scale.UrgencyNone || a.Action == scale.Hold {
		return urgencyIcon(a.Urgency)
	}
	if a.Changes() {
		return "🔵"
	}
	return "❔"
}

func urgencyIcon(u scale.Urgency) string {
	switch u {
	case scale.UrgencyCritical:
		return "🔴"
	case scale.UrgencyWarning:
		return "🟠"
	case scale.UrgencyInfo:
		return "🔵"
	case scale.UrgencyNone:
	}
	return "🟢"
}
