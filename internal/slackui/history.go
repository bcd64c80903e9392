package slackui

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
)

// toldLook is the history, newest first.
func toldLook(a commands.Told) Look {
	var c canvas
	title := "Changes of all components"
	if a.Component != "" {
		title = "Changes of " + words(a.Component, maxName)
	}
	var rows []string
	for _, op := range a.Operations {
		rows = append(rows, toldRow(op))
	}
	if len(rows) == 0 {
		rows = []string{"None yet."}
	}
	c.list("*"+title+"*", rows)
	return c.look(fmt.Sprintf("%s: %d shown, newest first.", title, len(a.Operations)))
}

func toldRow(op scale.Operation) string {
	icon, state := standing(op)
	row := fmt.Sprintf("%s *%s* %d → %d · %s · asked by %s %s", icon, words(op.ID, maxName), op.Change.From, op.Change.To, state, person(op.Request.By), dayTime(op.Request.At))
	if _, approved := op.ApprovedBy(); approved {
		row += ", approved by " + approverNames(op)
	}
	if reason := quoted(op.Request.Reason); reason != "" {
		row += ", because " + reason
	}
	for _, r := range op.Reports {
		if !r.MadeAt.IsZero() {
			row += fmt.Sprintf("\n        %s %s %s", verdictIcon(r.Verdict), words(r.Horizon, maxName), verdictWords(r.Verdict))
		}
	}
	return row
}
