package cards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// evidence leaves out of an alert the rules that only a scale-down waits for.
func evidence(e ledger.Episode) []scale.Finding {
	if e.Kind == ledger.EpisodeSuggestion {
		return e.Advice.Findings
	}
	return slices.DeleteFunc(slices.Clone(e.Advice.Findings), func(f scale.Finding) bool {
		return f.Outcome == scale.Unclear && downRule(f.Rule)
	})
}

func downRule(rule string) bool {
	return slices.Contains([]string{"R-011", "R-012", "R-013", "R-014"}, rule)
}

// FindingRows shows the rules that fired, then those that could not be judged.
func FindingRows(findings []scale.Finding, limit int) []string {
	var rows []string
	for _, f := range alike(findings) {
		switch f.Outcome {
		case scale.Fires:
			rows = append(rows, urgencyIcon(f.Urgency)+" "+findingWords(f))
		case scale.Unclear:
			rows = append(rows, "❔ "+findingWords(f))
		case scale.Silent:
		}
	}
	if more := len(rows) - limit; more > 0 {
		rows = append(rows[:limit], fmt.Sprintf("and %d more", more))
	}
	return rows
}

// alike joins the rules that cannot be judged for one and the same reason, so that a
// source that does not answer is named once.
func alike(findings []scale.Finding) []scale.Finding {
	const cannot = " cannot be judged: "
	var out []scale.Finding
	at := map[string]int{}
	for _, f := range findings {
		what, why, cut := strings.Cut(f.Sentence, cannot)
		i, seen := at[why]
		switch {
		case f.Outcome != scale.Unclear || !cut:
			out = append(out, f)
		case seen:
			before, _, _ := strings.Cut(out[i].Sentence, cannot)
			out[i].Sentence, out[i].Rule = before+", "+what+cannot+why, out[i].Rule+", "+f.Rule
		default:
			at[why], out = len(out), append(out, f)
		}
	}
	return out
}

// beyond returns the reasons that do more than repeat a finding shown above them.
func beyond(a ledger.Recommendation) []string {
	var rest []string
	for _, reason := range a.Reasons {
		if !slices.ContainsFunc(a.Findings, func(f scale.Finding) bool { return f.Outcome != scale.Silent && f.Sentence == reason }) {
			rest = append(rest, reason)
		}
	}
	return rest
}

func findingWords(f scale.Finding) string {
	text := Words(scale.Headed(f.Sentence), MaxWords)
	if text == "" {
		text = Words(f.Metric, MaxName)
	}
	if f.Rule != "" {
		text += " (" + Words(f.Rule, MaxName) + ")"
	}
	return text
}
