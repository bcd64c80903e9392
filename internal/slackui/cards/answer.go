package cards

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// DrawAnswer draws the private answer to a command; false when the public card says everything.
func DrawAnswer(a commands.Answer) (Content, bool) {
	switch a := a.(type) {
	case nil, commands.Nothing, commands.Posted:
		return Content{}, false
	case commands.Notice:
		return DrawNotice(a.Text), true
	case commands.Refused:
		return DrawRefusal(a.Refusal), true
	case commands.Overview:
		return DrawOverview(a.Statuses), true
	case commands.Shown:
		return drawStatus(a.Status, a.Why), true
	case commands.Drafted:
		return drawDraft(a.Operation), true
	case commands.Listed:
		return drawHistory(a), true
	case commands.Chronicle:
		return DrawTimeline(a.Operation), true
	case commands.Duty:
		return drawOnCall(a.OnCall), true
	case commands.Planned:
		return drawCapacity(a.Need), true
	case commands.Diagnosed:
		return drawDiagnosis(a.Diagnosis, a.Runbooks), true
	case commands.Helped:
		return drawHelp(a), true
	}
	return DrawNotice("This answer cannot be shown in Slack."), true
}

// DrawNotice is a plain sentence.
func DrawNotice(text string) Content {
	var c Canvas
	text = lines(text, blockkit.SectionText-200)
	c.Section(text)
	return c.Content(text)
}

// DrawRefusal shows what was understood, why it is refused, the limit and where it comes from,
// one next step with a line to copy, and the code in small print.
func DrawRefusal(r *scale.Refusal) Content {
	if r == nil {
		return DrawNotice("That was refused without a reason, which is a defect of the bot.")
	}
	var c Canvas
	var rows []string
	if r.Understood != "" {
		rows = append(rows, "Understood: "+Words(r.Understood, MaxWords))
	}
	rows = append(rows, "🚫 *"+Words(scale.Sentence(r.Why), MaxWords)+"*")
	if r.Limit != "" {
		rows = append(rows, "Limit: "+Words(r.Limit, MaxWords))
	}
	if r.Next != "" {
		rows = append(rows, "Next: "+Words(scale.Sentence(r.Next), MaxWords))
	}
	c.list("", rows)
	if r.Try != "" {
		c.Section(code(r.Try, MaxWords))
	}
	if r.Code != "" {
		c.small("code " + Words(r.Code, MaxName))
	}
	return c.Content(refusedSentence(r))
}

func refusedSentence(r *scale.Refusal) string {
	text := Words(r.Error(), MaxWords)
	if r.Try != "" {
		text += " Try " + Words(r.Try, MaxWords) + "."
	}
	return text
}

// drawDraft draws the result of a dry run: a card without buttons that says that nothing was
// changed.
func drawDraft(op ledger.Operation) Content {
	var c Canvas
	c.Section(fmt.Sprintf("🧪 *Dry run: nothing was changed.*\n%s would be proposed.", changeHeadline(op)))
	drawNumbers(&c, op)
	c.list("*Why*", bullets(op.Advice.Reasons, maxReasons))
	c.list("*Checked before scaling*", checkRows(op.Plan.Checklist))
	c.list("", WarningRows(op))
	drawRisks(&c, op)
	if op.Plan.Kubectl != "" {
		c.small("It would be the same as " + code(op.Plan.Kubectl, MaxWords))
	}
	return c.Content(fmt.Sprintf("Dry run: %s would be scaled %s; nothing was changed.", Words(op.Component, MaxName), op.Change()))
}

func drawOnCall(d scale.OnCall) Content {
	var c Canvas
	var rows, names []string
	for _, p := range d.Members {
		rows, names = append(rows, "• "+Person(p)), append(names, Called(p))
	}
	if len(rows) == 0 {
		rows = []string{"Nobody: no change can be approved now."}
	}
	c.list("*On call now*", rows)
	source := Words(d.Source, MaxWords)
	if !d.At.IsZero() {
		source += " · read at " + clockTime(d.At)
	}
	if d.Age >= time.Second {
		source += ", " + scale.Span(d.Age) + " ago"
	}
	if !d.Until.IsZero() {
		source += " · until " + dayTime(d.Until)
	}
	c.small(source)
	c.list("", prefixed("⚠️ ", d.Notes))
	if len(names) == 0 {
		return c.Content("Nobody is on call: no change can be approved now.")
	}
	return c.Content("On call now: " + strings.Join(names, ", ") + ".")
}

func drawDiagnosis(d diagnose.Diagnosis, runbooks []runbook.Link) Content {
	var c Canvas
	c.Section(fmt.Sprintf("🔎 *%s*: %s", Words(d.Component, MaxName), Words(d.Headline, MaxWords)))
	c.list("*Looked at, in the runbook's order*", checkRows(d.Findings))
	c.list(nextTitle(d.Next), numbered(d.Next))
	c.small(RunbookLinks(runbooks))
	text := fmt.Sprintf("Diagnosis of %s: %s", Words(d.Component, MaxName), Words(d.Headline, MaxWords))
	return c.Content(text)
}

func nextTitle(next []string) string {
	if len(next) == 0 {
		return ""
	}
	return "*Do next*"
}

func numbered(steps []string) []string {
	var rows []string
	for i, s := range steps {
		rows = append(rows, fmt.Sprintf("%d. %s", i+1, Words(scale.Sentence(s), MaxWords)))
	}
	return rows
}
