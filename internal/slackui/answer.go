package slackui

import (
	"fmt"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// AnswerLook draws the private answer to a command; false when the public card says everything.
func AnswerLook(a commands.Answer) (Look, bool) {
	switch a := a.(type) {
	case nil, commands.Nothing, commands.Placed:
		return Look{}, false
	case commands.Said:
		return saidLook(a.Text), true
	case commands.Refused:
		return refusedLook(a.Refusal), true
	case commands.Overview:
		return overviewLook(a.Statuses), true
	case commands.Looked:
		return lookedLook(a.Status, a.Why), true
	case commands.Drafted:
		return draftedLook(a.Operation), true
	case commands.Told:
		return toldLook(a), true
	case commands.Chronicle:
		return chronicleLook(a.Operation), true
	case commands.Duty:
		return dutyLook(a.OnCall), true
	case commands.Planned:
		return plannedLook(a.Need), true
	case commands.Diagnosed:
		return diagnosedLook(a.Diagnosis, a.Runbooks), true
	case commands.Helped:
		return helpedLook(a), true
	}
	return saidLook("This answer cannot be shown in Slack."), true
}

func saidLook(text string) Look {
	var c canvas
	text = lines(text, blockkit.SectionText-200)
	c.section(text)
	return c.look(text)
}

// refusedLook shows what was understood, why it is refused, the limit and where it comes from,
// one next step with a line to copy, and the code in small print.
func refusedLook(r *scale.Refusal) Look {
	if r == nil {
		return saidLook("That was refused without a reason, which is a defect of the bot.")
	}
	var c canvas
	var rows []string
	if r.Understood != "" {
		rows = append(rows, "Understood: "+words(r.Understood, maxWords))
	}
	rows = append(rows, "🚫 *"+words(scale.Sentence(r.Why), maxWords)+"*")
	if r.Limit != "" {
		rows = append(rows, "Limit: "+words(r.Limit, maxWords))
	}
	if r.Next != "" {
		rows = append(rows, "Next: "+words(scale.Sentence(r.Next), maxWords))
	}
	c.list("", rows)
	if r.Try != "" {
		c.section(code(r.Try, maxWords))
	}
	if r.Code != "" {
		c.small("code " + words(r.Code, maxName))
	}
	return c.look(refusedSentence(r))
}

func refusedSentence(r *scale.Refusal) string {
	text := words(r.Error(), maxWords)
	if r.Try != "" {
		text += " Try " + words(r.Try, maxWords) + "."
	}
	return text
}

// draftedLook is a card without buttons that says that nothing happened.
func draftedLook(op scale.Operation) Look {
	var c canvas
	c.section(fmt.Sprintf("🧪 *Dry run: nothing was changed.*\n*%s*  ~%d~ → *%d* replicas would be proposed.",
		words(op.Component, maxName), op.Change.From, op.Change.To))
	drawNumbers(&c, op)
	c.list("*Why*", bullets(op.Advice.Reasons, maxReasons))
	c.list("*Checked before scaling*", checkRows(op.Plan.Checklist))
	c.list("", warningRows(op))
	drawRisks(&c, op)
	if op.Plan.Kubectl != "" {
		c.small("It would be the same as " + code(op.Plan.Kubectl, maxWords))
	}
	return c.look(fmt.Sprintf("Dry run: %s would be scaled from %d to %d; nothing was changed.", words(op.Component, maxName), op.Change.From, op.Change.To))
}

func dutyLook(d scale.OnCall) Look {
	var c canvas
	var rows, names []string
	for _, p := range d.Members {
		rows, names = append(rows, "• "+person(p)), append(names, called(p))
	}
	if len(rows) == 0 {
		rows = []string{"Nobody: no change can be approved now."}
	}
	c.list("*On call now*", rows)
	source := words(d.Source, maxWords)
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
		return c.look("Nobody is on call: no change can be approved now.")
	}
	return c.look("On call now: " + strings.Join(names, ", ") + ".")
}

func diagnosedLook(d scale.Diagnosis, runbooks []runbook.Link) Look {
	var c canvas
	c.section(fmt.Sprintf("🔎 *%s*: %s", words(d.Component, maxName), words(d.Headline, maxWords)))
	c.list("*Looked at, in the runbook's order*", checkRows(d.Findings))
	c.list(nextTitle(d.Next), numbered(d.Next))
	c.small(runbookLinks(runbooks))
	text := fmt.Sprintf("Diagnosis of %s: %s", words(d.Component, maxName), words(d.Headline, maxWords))
	return c.look(text)
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
		rows = append(rows, fmt.Sprintf("%d. %s", i+1, words(scale.Sentence(s), maxWords)))
	}
	return rows
}
