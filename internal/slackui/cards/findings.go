package cards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// evidence returns the findings of an alert without the rules that concern only a scale-down.
func evidence(e ledger.Episode) []scale.Finding {
	if e.Kind == ledger.EpisodeSuggestion {
		return e.Advice.Findings
	}
	return slices.DeleteFunc(slices.Clone(e.Advice.Findings), func(f scale.Finding) bool {
		return f.Outcome == scale.Unclear && judge.ScaleDownRule(f.Rule)
	})
}

// FindingRows shows the rules that fired, then those that could not be judged.
func FindingRows(findings []scale.Finding, limit int) []string {
	var rows []string
	for _, f := range alike(findings) {
		switch f.Outcome {
		case scale.Fires:
			rows = append(rows, urgencyIcon(f.Urgency)+" "+f.words())
		case scale.Unclear:
			rows = append(rows, "❔ "+f.words())
		case scale.Silent:
		}
	}
	if more := len(rows) - limit; more > 0 {
		rows = append(rows[:limit], fmt.Sprintf("and %d more", more))
	}
	return rows
}

// findingRow is a finding as people read it, or several findings that share a sentence.
type findingRow struct {
	scale.Finding
	rules []string
}

// alike joins the rules that cannot be judged for the same reason, so that a source that does not
// answer is named once.
func alike(findings []scale.Finding) []findingRow {
	const cannot = " cannot be judged: "
	var out []findingRow
	at := map[string]int{}
	for _, f := range findings {
		what, why, cut := strings.Cut(f.Sentence, cannot)
		i, seen := at[why]
		if f.Outcome == scale.Unclear && cut && seen {
			before, _, _ := strings.Cut(out[i].Sentence, cannot)
			out[i].Sentence, out[i].rules = before+", "+what+cannot+why, append(out[i].rules, string(f.Rule))
			continue
		}
		if f.Outcome == scale.Unclear && cut {
			at[why] = len(out)
		}
		row := findingRow{Finding: f}
		if f.Rule != "" {
			row.rules = []string{string(f.Rule)}
		}
		out = append(out, row)
	}
	return out
}

// beyond returns the reasons that say more than a finding shown above them.
func beyond(a ledger.Recommendation) []string {
	var rest []string
	for _, reason := range a.Reasons {
		if !slices.ContainsFunc(a.Findings, func(f scale.Finding) bool { return f.Outcome != scale.Silent && f.Sentence == reason }) {
			rest = append(rest, reason)
		}
	}
	return rest
}

func (f findingRow) words() string {
	text := Words(scale.Headed(f.Sentence), MaxWords)
	if text == "" {
		text = Words(f.Metric, MaxName)
	}
	if rules := strings.Join(f.rules, ", "); rules != "" {
		text += " (" + Words(rules, MaxName) + ")"
	}
	return text
}
