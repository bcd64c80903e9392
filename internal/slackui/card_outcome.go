package slackui

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// drawOutcome condenses a change that was carried out: what came of it, how long it
// took, and what the reports said.
func drawOutcome(c *canvas, op scale.Operation) {
	if note := noteOf(op.Last()); note != "" {
		c.section(words(scale.Sentence(note), maxWords))
	}
	if op.Rollout.RevertedBy != "" {
		c.section("♻️ *Undone:* " + reverted(op))
	}
	if !op.Rollout.WrittenAt.IsZero() {
		c.list("", []string{podsRow(op), groupRow(op), lagRow(op)})
	}
	if op.State() == scale.Failed {
		drawTroubles(c, op)
	}
	c.list("", reportRows(op))
}

func reverted(op scale.Operation) string {
	text := words(op.Rollout.RevertedBy, maxName) + fmt.Sprintf(" set the count back to %d", op.Rollout.RevertedTo)
	if !op.Rollout.RevertedAt.IsZero() {
		text += ", seen at " + clockTime(op.Rollout.RevertedAt)
	}
	return text
}

func reportRows(op scale.Operation) []string {
	var rows []string
	for _, r := range op.Reports {
		name := "*" + words(r.Horizon, maxName) + "* "
		switch {
		case r.Closed != "":
			rows = appendClosed(rows, name, "➖ ", words(r.Closed, maxWords))
		case r.Pending() && op.State().Final():
			rows = append(rows, "➖ "+name+"report was not made")
		case r.Pending():
			rows = append(rows, "🕒 "+name+"report due at "+clockTime(r.Due))
		default:
			rows = append(rows, verdictIcon(r.Verdict)+" "+name+words(string(r.Verdict), maxName)+tally(r.Checks))
		}
	}
	return rows
}

// appendClosed adds a report that will not come; those closed for one reason share a row.
func appendClosed(rows []string, name, icon, why string) []string {
	if n := len(rows) - 1; n >= 0 && strings.HasPrefix(rows[n], icon) && strings.HasSuffix(rows[n], " "+why) {
		names := strings.TrimSuffix(strings.TrimPrefix(rows[n], icon), why)
		rows[n] = icon + strings.TrimSpace(names) + ", " + name + why
		return rows
	}
	return append(rows, icon+name+why)
}

// tally counts what is not a pass.
func tally(checks []scale.Check) string {
	counts := map[scale.Result]int{}
	for _, check := range checks {
		counts[check.Result]++
	}
	var parts []string
	for _, r := range []scale.Result{scale.Pass, scale.Warn, scale.Fail, scale.ResultUnsure} {
		if counts[r] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[r], r))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

func verdictIcon(v scale.Verdict) string {
	switch v {
	case scale.VerdictWorked, scale.VerdictGrew, scale.VerdictHolds, scale.VerdictNoBacklog:
		return "✅"
	case scale.VerdictPartial, scale.VerdictIneffective, scale.VerdictRegressed:
		return "⚠️"
	case scale.VerdictHarmful, scale.VerdictNotApplied:
		return "❌"
	case scale.VerdictUndecided:
	}
	return "❔"
}

// drawEnd says how a proposal ended without a change, and by whom.
func drawEnd(c *canvas, op scale.Operation) {
	last := op.Last()
	text := "Ended"
	if !last.By.IsZero() {
		text += " by " + person(last.By)
	}
	if !last.At.IsZero() {
		text += " at " + clockTime(last.At)
	}
	if note := words(noteOf(last), maxWords); note != "" {
		text += ": " + note
	}
	c.section(scale.Sentence(text))
}
