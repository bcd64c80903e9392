package cards

import (
	"fmt"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawOperation draws the card of an operation. It depends only on the operation, so that Slack
// ends up showing what is stored.
func DrawOperation(op ledger.Operation) Content {
	var c Canvas
	c.Section(headline(op))
	c.small(askedBy(op))
	switch op.State() {
	case ledger.Proposed:
		drawProposal(&c, op)
	case ledger.Approved, ledger.Applying, ledger.Settling:
		drawBasis(&c, op)
		drawDecision(&c, op)
		drawProgress(&c, op)
	case ledger.Watching, ledger.Done, ledger.Superseded, ledger.Failed:
		drawDecision(&c, op)
		drawOutcome(&c, op)
	case ledger.Declined, ledger.Cancelled, ledger.Expired, ledger.Replaced:
		drawBasis(&c, op)
		drawEnd(&c, op)
	}
	drawRefusals(&c, op)
	drawButtons(&c, op)
	content := c.Content(sentence(op))
	content.Typed = typed(op)
	return content
}

// headline is what changes, and the state of the change.
func headline(op ledger.Operation) string {
	icon, state := standing(op)
	return changeHeadline(op) + "\n" + icon + " " + state
}

// standing is the state as an emoji and words; the emoji is never alone.
func standing(op ledger.Operation) (icon, state string) {
	switch op.State() {
	case ledger.Proposed:
		return "⏳", "Waiting for approval"
	case ledger.Approved:
		return "👍", "Approved, about to start"
	case ledger.Applying:
		return "🔧", "Setting the replica count"
	case ledger.Settling:
		return "🔄", "Rolling out"
	case ledger.Watching:
		return "👀", "Scaled; watching what it does"
	case ledger.Done:
		return doneStanding(op)
	case ledger.Failed:
		return "❌", "Failed"
	case ledger.Superseded:
		return "↪️", "A newer change took over"
	case ledger.Declined:
		return "🚫", "Declined; nothing was changed"
	case ledger.Cancelled:
		return "🚫", "Cancelled; nothing was changed"
	case ledger.Expired:
		return "⌛", "Expired; nothing was changed"
	case ledger.Replaced:
		return "↪️", "Replaced by a newer proposal; nothing was changed"
	}
	return "❔", "Not yet known"
}

func doneStanding(op ledger.Operation) (icon, state string) {
	verdict := lastVerdict(op)
	if verdict == "" {
		return "✅", "Done"
	}
	return verdictIcon(verdict), "Done: " + Words(string(verdict), MaxName)
}

// lastVerdict is the verdict of the newest report.
func lastVerdict(op ledger.Operation) scale.Verdict {
	for i := len(op.Reports) - 1; i >= 0; i-- {
		if !op.Reports[i].MadeAt.IsZero() {
			return op.Reports[i].Verdict
		}
	}
	return ""
}

// askedBy is who asked, when and why, and the alert or operation that the request belongs to.
func askedBy(op ledger.Operation) string {
	text := "Asked by " + Person(op.Request.By)
	if !op.Request.At.IsZero() {
		text += " at " + clockTime(op.Request.At)
	}
	text += " · " + Words(op.ID, MaxName)
	if op.Request.Undoes != "" {
		text += " · rolls back " + Words(op.Request.Undoes, MaxName)
	}
	if op.Request.Replaces != "" {
		text += " · takes the place of " + Words(op.Request.Replaces, MaxName)
	}
	if op.Request.Episode != "" {
		text += " · answers " + Words(op.Request.Episode, MaxName)
	}
	if reason := Quoted(op.Request.Reason); reason != "" {
		text += "\nBecause " + reason
	}
	return text
}

// drawRefusals shows who was refused: a refusal is recorded like an approval.
func drawRefusals(c *Canvas, op ledger.Operation) {
	var rows []string
	for _, e := range op.Events {
		if e.State == "" && e.Code != ledger.CodeApproval && (e.Note != "" || e.Code != "") {
			rows = append(rows, fmt.Sprintf("%s %s: %s", clockTime(e.At), Person(e.By), Words(noteOf(e), MaxWords)))
		}
	}
	const shown = 3
	if hidden := len(rows) - shown; hidden > 0 {
		rows = append([]string{plural(hidden, "earlier remark")}, rows[hidden:]...)
	}
	for _, row := range rows {
		c.small("📝 " + row)
	}
}

func noteOf(e ledger.Event) string {
	if e.Note != "" {
		return e.Note
	}
	return e.Code
}

// drawButtons offers the buttons that fit the state, and none when there is nothing left to do.
func drawButtons(c *Canvas, op ledger.Operation) {
	switch op.State() {
	case ledger.Proposed:
		c.actions(op.ID,
			button(commands.ActionApprove, op.ID, "Approve "+wanted(op), slack.StylePrimary, ApprovalDialog(op)),
			button(commands.ActionAdjust, op.ID, "Adjust…", slack.StyleDefault, nil),
			button(commands.ActionDecline, op.ID, "Decline", slack.StyleDefault, nil),
			button(commands.ActionCancel, op.ID, "Cancel", slack.StyleDanger, nil))
	case ledger.Approved:
		c.actions(op.ID, button(commands.ActionCancel, op.ID, "Cancel", slack.StyleDanger, nil))
	case ledger.Failed:
		if op.Written() {
			row := []slack.BlockElement{button(commands.ActionDiagnose, op.ID, "Diagnose", slack.StyleDefault, nil)}
			if wayBack(op) {
				row = append(row, rollBackButton(op))
			}
			c.actions(op.ID, row...)
		}
	case ledger.Settling:
		if lever.Of(op).Hangs() {
			c.actions(op.ID, button(commands.ActionDiagnose, op.ID, "Diagnose", slack.StyleDefault, nil), rollBackButton(op))
		}
	case ledger.Applying, ledger.Watching, ledger.Done, ledger.Superseded,
		ledger.Declined, ledger.Cancelled, ledger.Expired, ledger.Replaced:
	}
}

// wayBack reports whether a rollback has something to undo: nobody has set the count since, by a
// rollback, by another change or outside the bot.
func wayBack(op ledger.Operation) bool {
	return op.Rollout().RolledBackBy == "" && op.Rollout().OvertakenBy == "" && op.Rollout().RevertedBy == ""
}

func rollBackButton(op ledger.Operation) *slack.ButtonBlockElement {
	return button(commands.ActionRollBack, op.ID, "Roll back to "+former(op), slack.StyleDanger, &ask{
		Title: fmt.Sprintf("Roll %s back to %s?", op.Component, former(op)),
		Text:  fmt.Sprintf("It was changed %s. %s", Arrow(op), oneClick),
		yes:   "Roll back to " + former(op), no: "Not now",
	})
}

// typed says what to type to decide without buttons.
func typed(op ledger.Operation) string {
	if op.State() != ledger.Proposed {
		return ""
	}
	id := Words(op.ID, MaxName)
	return fmt.Sprintf("Type `/scale approve %s` or `/scale decline %s`.", id, id)
}
