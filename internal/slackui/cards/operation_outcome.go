package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// drawOutcome summarises a change that was carried out: its result, how long it took, and what
// the reports said.
func drawOutcome(c *Canvas, op ledger.Operation) {
	if note := noteOf(op.Last()); note != "" {
		c.Section(Words(scale.Sentence(note), MaxWords))
	}
	if op.Rollout().RevertedBy != "" {
		c.Section("♻️ *Undone:* " + reverted(op))
	}
	if by := op.Rollout().RolledBackBy; by != "" {
		c.Section("♻️ *Rolled back* to " + former(op) + " by " + Words(by, MaxName))
	}
	if by := op.Rollout().OvertakenBy; by != "" {
		c.Section("↪️ *Changed since* by " + Words(by, MaxName))
	}
	if op.Written() {
		c.list("", []string{effectRow(op), groupRow(op) + seenAt(op), outcomeLagRow(op)})
	}
	if op.State() == ledger.Failed {
		drawTroubles(c, op)
	}
	c.list("", ReportRows(op))
}

// outcomeLagRow is the lag of the newest report, with the time at which it was read, because
// people read the card months later. Before the first report it is the lag at the time the pods
// settled.
func outcomeLagRow(op ledger.Operation) string {
	for i := len(op.Reports) - 1; i >= 0; i-- {
		r := op.Reports[i]
		if total, known := r.Lag.Get(); known && r.Lag.At.After(op.Rollout().Now.At) {
			return lagAt(op, r.Lag.Words(scale.Count(total))+" in the "+Words(r.Horizon, MaxName)+" report", r.Lag.At, chartLag(r.Chart))
		}
	}
	now := op.Rollout().Now
	if now.At.IsZero() || now.Lag < 0 {
		return "*Lag* not read since the change"
	}
	return lagAt(op, scale.Count(now.Lag), now.At, now.Spark)
}

// seenAt says when the pods and the group on a card were read, once nobody updates them any more.
func seenAt(op ledger.Operation) string {
	if op.Rollout().Now.At.IsZero() {
		return ""
	}
	return " · pods and group as seen at " + clockTime(op.Rollout().Now.At)
}

// lagAt is a lag with the time at which it was read, beside the lag before the change.
func lagAt(op ledger.Operation, lag string, at time.Time, spark []int64) string {
	row := "*Lag* " + lag + ", read at " + clockTime(at)
	if before, ok := op.Before.TotalLag().Get(); ok {
		row += ", was " + scale.Count(before)
	}
	if line := Sparkline(spark); line != "" {
		row += "  " + line
	}
	return row
}

func chartLag(points []ledger.ChartPoint) []int64 {
	values := make([]int64, len(points))
	for i, p := range points {
		values[i] = p.Lag
	}
	return values
}

func reverted(op ledger.Operation) string {
	text := Words(op.Rollout().RevertedBy, MaxName) + fmt.Sprintf(" set the count back to %d", op.Rollout().RevertedTo)
	if !op.Rollout().RevertedAt.IsZero() {
		text += ", seen at " + clockTime(op.Rollout().RevertedAt)
	}
	return text
}

// ReportRows are an operation's reports, a line each.
func ReportRows(op ledger.Operation) []string {
	var rows []string
	for _, r := range op.Reports {
		name := "*" + Words(r.Horizon, MaxName) + "* "
		switch {
		case r.Closed != "":
			rows = appendClosed(rows, name, "➖ ", Words(r.Closed, MaxWords))
		case r.Pending() && op.State().Final():
			rows = append(rows, "➖ "+name+"report was not made")
		case r.Pending():
			rows = append(rows, "🕒 "+name+"report due at "+clockTime(r.Due))
		default:
			rows = append(rows, verdictIcon(r.Verdict)+" "+name+Words(string(r.Verdict), MaxName)+tally(r.Checks))
		}
	}
	return rows
}

// appendClosed adds a report that will not come; reports that were closed for the same reason
// share a row.
func appendClosed(rows []string, name, icon, why string) []string {
	if n := len(rows) - 1; n >= 0 && strings.HasPrefix(rows[n], icon) && strings.HasSuffix(rows[n], " "+why) {
		names := strings.TrimSuffix(strings.TrimPrefix(rows[n], icon), why)
		rows[n] = icon + strings.TrimSpace(names) + ", " + name + why
		return rows
	}
	return append(rows, icon+name+why)
}

// tally counts the checks that did not pass.
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
func drawEnd(c *Canvas, op ledger.Operation) {
	last := op.Last()
	text := "Ended"
	if !last.By.IsZero() {
		text += " by " + Person(last.By)
	}
	if !last.At.IsZero() {
		text += " at " + clockTime(last.At)
	}
	if note := Words(noteOf(last), MaxWords); note != "" {
		text += ": " + note
	}
	c.Section(scale.Sentence(text))
}
