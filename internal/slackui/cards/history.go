package cards

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
)

// drawHistory is the history, newest first.
func drawHistory(a commands.Listed) Content {
	var c Canvas
	title := "Changes of all components"
	if a.Component != "" {
		title = "Changes of " + Words(a.Component, MaxName)
	}
	var rows []string
	for _, op := range a.Operations {
		rows = append(rows, historyRow(op))
	}
	if len(rows) == 0 {
		rows = []string{"None yet."}
	}
	c.list("*"+title+"*", rows)
	return c.Content(fmt.Sprintf("%s: %d shown, newest first.", title, len(a.Operations)))
}

func historyRow(op ledger.Operation) string {
	icon, state := standing(op)
	row := fmt.Sprintf("%s *%s* %s · %s · asked by %s %s", icon, Words(op.ID, MaxName), Arrow(op), state, Person(op.Request.By), dayTime(op.Request.At))
	if _, approved := op.ApprovedBy(); approved {
		row += ", approved by " + approverNames(op)
	}
	if reason := Quoted(op.Request.Reason); reason != "" {
		row += ", because " + reason
	}
	for _, r := range op.Reports {
		if !r.MadeAt.IsZero() {
			row += fmt.Sprintf("\n        %s %s %s", verdictIcon(r.Verdict), Words(r.Horizon, MaxName), verdictWords(r.Verdict))
		}
	}
	return row
}
