package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// drawDecision names who decided; it remains on the card in every later state.
func drawDecision(c *Canvas, op ledger.Operation) {
	e, ok := op.Entered(ledger.Approved)
	if !ok {
		return
	}
	text := "👍 Approved by " + approverNames(op) + " at " + clockTime(e.At)
	if _, alone := op.BrokeGlass(); alone {
		text = "🧨 Break-glass: carried alone by " + Person(e.By) + " at " + clockTime(e.At)
	}
	if e.Note != "" {
		text += ": " + Words(e.Note, MaxWords)
	}
	c.small(text)
}

// drawProgress shows the change as it happens.
func drawProgress(c *Canvas, op ledger.Operation) {
	if !op.Written() {
		return
	}
	c.list("", []string{effectRow(op), groupRow(op), lagRow(op), errorsRow(op.Rollout().Now)})
	drawTroubles(c, op)
}

func groupRow(op ledger.Operation) string {
	now := op.Rollout().Now
	switch {
	case now.State == "":
		return "*Group* not seen yet"
	case now.State.Rebalancing():
		row := "*Group* handing out partitions"
		if now.Rebalanced > 0 {
			row += " for " + scale.Span(now.Rebalanced)
		}
		return row
	}
	row := "*Group* " + Words(string(now.State), MaxName)
	if now.Members >= 0 {
		row += ", " + plural(now.Members, "member")
	}
	if d := since(op, op.Rollout().StableAt); d != "" {
		row += ", settled after " + d
	}
	return row
}

func lagRow(op ledger.Operation) string {
	now := op.Rollout().Now
	if now.At.IsZero() || now.Lag < 0 {
		return "*Lag* unknown now"
	}
	row := "*Lag* " + scale.Count(now.Lag)
	if before, ok := op.Before.TotalLag().Get(); ok {
		row += ", was " + scale.Count(before)
	}
	if line := Sparkline(now.Spark); line != "" {
		row += "  " + line
	}
	return row
}

func errorsRow(p ledger.Progress) string {
	if p.At.IsZero() || p.ErrorShare < 0 {
		return "*Errors* unknown"
	}
	return "*Errors* " + scale.Percent(p.ErrorShare)
}

// drawTroubles names the pods that do not start and says why.
func drawTroubles(c *Canvas, op ledger.Operation) {
	const shown = 8
	troubles := Together(op.Rollout().Troubles)
	rows := prefixed("⚠️ ", troubles[:min(len(troubles), shown)])
	if more := len(troubles) - shown; more > 0 {
		rows = append(rows, fmt.Sprintf("⚠️ and %d more", more))
	}
	c.list("", rows)
}

// Together joins pods with the same problem (each "name: what is wrong"), so that people read the
// problem once.
func Together(troubles []string) []string {
	var whats []string
	pods := map[string][]string{}
	for _, trouble := range troubles {
		pod, what, named := strings.Cut(trouble, ": ")
		if !named {
			pod, what = "", trouble
		}
		if _, known := pods[what]; !known {
			whats = append(whats, what)
		}
		if named {
			pods[what] = append(pods[what], pod)
		} else {
			pods[what] = nil
		}
	}
	var rows []string
	for _, what := range whats {
		if names := few(pods[what]); names != "" {
			what = names + ": " + what
		}
		rows = append(rows, what)
	}
	return rows
}

// few joins at most three names: pods have long ones.
func few(names []string) string {
	const shown = 3
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if more := len(names) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// since prints how long after the write something happened; empty when it has not happened.
func since(op ledger.Operation, t time.Time) string {
	if t.IsZero() || !op.Written() {
		return ""
	}
	return scale.Span(max(0, t.Sub(op.Rollout().WrittenAt)))
}
