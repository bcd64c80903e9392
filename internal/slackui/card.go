package slackui

import (
	"fmt"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
)

// OperationLook draws the card of an operation. It depends on nothing but the
// operation, so that in the end Slack shows what the store says.
func OperationLook(op scale.Operation) Look {
	var c canvas
	c.section(headline(op))
	c.small(askedBy(op))
	switch op.State() {
	case scale.Proposed:
		drawProposal(&c, op)
	case scale.Approved, scale.Applying, scale.Settling:
		drawBasis(&c, op)
		drawDecision(&c, op)
		drawProgress(&c, op)
	case scale.Watching, scale.Done, scale.Superseded, scale.Failed:
		drawDecision(&c, op)
		drawOutcome(&c, op)
	case scale.Declined, scale.Cancelled, scale.Expired, scale.Replaced:
		drawBasis(&c, op)
		drawEnd(&c, op)
	}
	drawRefusals(&c, op)
	drawButtons(&c, op)
	look := c.look(sentence(op))
	look.Typed = typed(op)
	return look
}

// headline is what changes, and where it stands.
func headline(op scale.Operation) string {
	icon, state := standing(op)
	return fmt.Sprintf("*%s*  ~%d~ → *%d* replicas\n%s %s", words(op.Component, maxName), op.Change.From, op.Change.To, icon, state)
}

// standing is the state in an emoji and words; the emoji never stands alone.
func standing(op scale.Operation) (icon, state string) {
	switch op.State() {
	case scale.Proposed:
		return "⏳", "Waiting for approval"
	case scale.Approved:
		return "👍", "Approved, about to start"
	case scale.Applying:
		return "🔧", "Setting the replica count"
	case scale.Settling:
		return "🔄", "Rolling out"
	case scale.Watching:
		return "👀", "Scaled; watching what it does"
	case scale.Done:
		return doneStanding(op)
	case scale.Failed:
		return "❌", "Failed"
	case scale.Superseded:
		return "↪️", "A newer change took over"
	case scale.Declined:
		return "🚫", "Declined; nothing was changed"
	case scale.Cancelled:
		return "🚫", "Cancelled; nothing was changed"
	case scale.Expired:
		return "⌛", "Expired; nothing was changed"
	case scale.Replaced:
		return "↪️", "Replaced by a newer proposal; nothing was changed"
	}
	return "❔", "Not yet known"
}

func doneStanding(op scale.Operation) (icon, state string) {
	verdict := lastVerdict(op)
	if verdict == "" {
		return "✅", "Done"
	}
	return verdictIcon(verdict), "Done: " + words(string(verdict), maxName)
}

// lastVerdict is that of the last report made.
func lastVerdict(op scale.Operation) scale.Verdict {
	for i := len(op.Reports) - 1; i >= 0; i-- {
		if !op.Reports[i].MadeAt.IsZero() {
			return op.Reports[i].Verdict
		}
	}
	return ""
}

// askedBy is who asked, when, why, and what it belongs to.
func askedBy(op scale.Operation) string {
	text := "Asked by " + person(op.Request.By)
	if !op.Request.At.IsZero() {
		text += " at " + clockTime(op.Request.At)
	}
	text += " · " + words(op.ID, maxName)
	if op.Request.Undoes != "" {
		text += " · rolls back " + words(op.Request.Undoes, maxName)
	}
	if op.Request.Replaces != "" {
		text += " · takes the place of " + words(op.Request.Replaces, maxName)
	}
	if op.Request.Episode != "" {
		text += " · answers " + words(op.Request.Episode, maxName)
	}
	if reason := quoted(op.Request.Reason); reason != "" {
		text += "\nBecause " + reason
	}
	return text
}

// drawRefusals shows who was turned away: a refusal is recorded like an approval.
func drawRefusals(c *canvas, op scale.Operation) {
	var rows []string
	for _, e := range op.Events {
		if e.State == "" && e.Code != scale.CodeApproval && (e.Note != "" || e.Code != "") {
			rows = append(rows, fmt.Sprintf("%s %s: %s", clockTime(e.At), person(e.By), words(noteOf(e), maxWords)))
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

func noteOf(e scale.Event) string {
	if e.Note != "" {
		return e.Note
	}
	return e.Code
}

// drawButtons offers what fits the state, and nothing once there is nothing to do.
func drawButtons(c *canvas, op scale.Operation) {
	switch op.State() {
	case scale.Proposed:
		c.actions(op.ID,
			button(commands.ActionApprove, op.ID, fmt.Sprintf("Approve %d", op.Change.To), slack.StylePrimary, approvalDialog(op)),
			button(commands.ActionAdjust, op.ID, "Adjust…", slack.StyleDefault, nil),
			button(commands.ActionDecline, op.ID, "Decline", slack.StyleDefault, nil),
			button(commands.ActionCancel, op.ID, "Cancel", slack.StyleDanger, nil))
	case scale.Approved:
		c.actions(op.ID, button(commands.ActionCancel, op.ID, "Cancel", slack.StyleDanger, nil))
	case scale.Failed:
		if !op.Rollout.WrittenAt.IsZero() {
			row := []slack.BlockElement{button(commands.ActionDiagnose, op.ID, "Diagnose", slack.StyleDefault, nil)}
			if wayBack(op) {
				row = append(row, rollBackButton(op))
			}
			c.actions(op.ID, row...)
		}
	case scale.Settling:
		if op.Hangs() {
			c.actions(op.ID, button(commands.ActionDiagnose, op.ID, "Diagnose", slack.StyleDefault, nil), rollBackButton(op))
		}
	case scale.Applying, scale.Watching, scale.Done, scale.Superseded,
		scale.Declined, scale.Cancelled, scale.Expired, scale.Replaced:
	}
}

// wayBack reports whether a roll back has something to undo: nobody has set the count since, by
// a roll back, by another change or past the bot.
func wayBack(op scale.Operation) bool {
	return op.Rollout.RolledBackBy == "" && op.Rollout.OvertakenBy == "" && op.Rollout.RevertedBy == ""
}

func rollBackButton(op scale.Operation) *slack.ButtonBlockElement {
	return button(commands.ActionRollBack, op.ID, fmt.Sprintf("Roll back to %d", op.Change.From), slack.StyleDanger, &ask{
		title: fmt.Sprintf("Roll %s back to %d?", op.Component, op.Change.From),
		text:  fmt.Sprintf("It was changed %d → %d. %s", op.Change.From, op.Change.To, oneClick),
		yes:   fmt.Sprintf("Roll back to %d", op.Change.From), no: "Not now",
	})
}

// typed is how to decide without buttons.
func typed(op scale.Operation) string {
	if op.State() != scale.Proposed {
		return ""
	}
	id := words(op.ID, maxName)
	return fmt.Sprintf("Type `/scale approve %s` or `/scale decline %s`.", id, id)
}
