package cards

import (
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawReport draws report i of an operation for the card's thread: every check
// with its result, its number before and after, and its source; forecast and actual value; the
// verdict; and the next step as buttons. The chart is drawn separately, because not every
// workspace accepts it.
func DrawReport(op ledger.Operation, i int) Content {
	r := op.Reports[i]
	var c Canvas
	if r.Closed != "" {
		text := fmt.Sprintf("The %s report on %s is closed: %s", Words(r.Horizon, MaxName), Words(op.ID, MaxName), Words(r.Closed, MaxWords))
		c.Section("➖ " + text)
		return c.Content(text)
	}
	c.Section(reportHeadline(op, r))
	c.list("", checkRows(r.Checks))
	c.list("", reportArgument(r))
	c.small(reportOrigin(op, r))
	c.actions(op.ID, reportButtons(op, r)...)
	content := c.Content(reportSentence(op, r))
	content.Typed = reportTyped(op, r)
	return content
}

func reportHeadline(op ledger.Operation, r ledger.Report) string {
	return fmt.Sprintf("%s *%s after scaling %s* %s: *%s*", verdictIcon(r.Verdict), Words(r.Horizon, MaxName),
		Words(op.Component, MaxName), Arrow(op), verdictWords(r.Verdict))
}

func verdictWords(v scale.Verdict) string {
	if v == "" {
		return string(scale.VerdictUndecided)
	}
	return Words(string(v), MaxName)
}

func reportArgument(r ledger.Report) []string {
	var rows []string
	for _, part := range []struct{ title, text string }{
		{"", r.Why}, {"*Forecast and fact:* ", r.Forecast}, {"*Next:* ", r.Next},
	} {
		if text := Words(scale.Sentence(part.text), MaxWords); text != "" {
			rows = append(rows, part.title+text)
		}
	}
	return rows
}

// reportOrigin says when the report was judged, and from when its horizon counts (T-26).
func reportOrigin(op ledger.Operation, r ledger.Report) string {
	text := Words(op.ID, MaxName)
	if op.Written() {
		text += " · counted from " + clockTime(op.Rollout().WrittenAt)
	}
	if !r.MadeAt.IsZero() {
		text += " · judged at " + clockTime(r.MadeAt)
	}
	if r.Late {
		text += " · *late:* it was due at " + clockTime(r.Due) + " while the bot was down"
	}
	return text
}

func reportButtons(op ledger.Operation, r ledger.Report) []slack.BlockElement {
	var row []slack.BlockElement
	if r.Suggest > 0 {
		row = append(row, button(commands.ActionScaleRecommended, op.ID, fmt.Sprintf("Scale to %d", r.Suggest), slack.StylePrimary, &ask{
			Title: fmt.Sprintf("Scale %s to %d?", op.Component, r.Suggest),
			Text:  fmt.Sprintf("It was last changed %s. %s", Arrow(op), oneClick),
			yes:   fmt.Sprintf("Scale to %d", r.Suggest), no: "Not now",
		}))
	}
	if r.Diagnose {
		row = append(row, button(commands.ActionDiagnose, op.ID, "Diagnose", slack.StyleDefault, nil))
	}
	if r.RollBack && wayBack(op) {
		row = append(row, rollBackButton(op))
	}
	return row
}

func reportSentence(op ledger.Operation, r ledger.Report) string {
	text := fmt.Sprintf("%s after scaling %s %s: %s%s.", Words(r.Horizon, MaxName), Words(op.Component, MaxName),
		op.Change(), verdictWords(r.Verdict), tally(r.Checks))
	if why := Words(scale.Sentence(r.Why), MaxWords); why != "" {
		text += " " + why
	}
	return text
}

// reportTyped is the whole checklist as text, for when Slack refuses the blocks.
func reportTyped(op ledger.Operation, r ledger.Report) string {
	rows := append(checkRows(r.Checks), reportArgument(r)...)
	if r.Suggest > 0 {
		rows = append(rows, fmt.Sprintf("Type `/scale %s %d` to scale further.", Words(op.Component, MaxName), r.Suggest))
	}
	return strings.Join(rows, "\n")
}
