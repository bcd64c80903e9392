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

// AnswerLook draws the private answer to a command; false when the public card says everything.
func AnswerLook(a commands.Answer) (Look, bool) {
	switch a := a.(type) {
	case nil, commands.Nothing, commands.Placed:
		return Look{}, false
	case commands.Said:
		return SaidLook(a.Text), true
	case commands.Refused:
		return RefusedLook(a.Refusal), true
	case commands.Overview:
		return OverviewLook(a.Statuses), true
	case commands.Looked:
		return lookedLook(a.Status, a.Why), true
	case commands.Drafted:
		return draftedLook(a.Operation), true
	case commands.Told:
		return toldLook(a), true
	case commands.Chronicle:
		return ChronicleLook(a.Operation), true
	case commands.Duty:
		return dutyLook(a.OnCall), true
	case commands.Planned:
		return plannedLook(a.Need), true
	case commands.Diagnosed:
		return diagnosedLook(a.Diagnosis, a.Runbooks), true
	case commands.Helped:
		return helpedLook(a), true
	}
	return SaidLook("This answer cannot be shown in Slack."), true
}

// SaidLook is a plain sentence.
func SaidLook(text string) Look {
	var c Canvas
	text = lines(text, blockkit.SectionText-200)
	c.Section(text)
	return c.Look(text)
}

// RefusedLook shows what was understood, why it is refused, the limit and where it comes from,
// one next step with a line to copy, and the code in small print.
func RefusedLook(r *scale.Refusal) Look {
	if r == nil {
		return SaidLook("That was refused without a reason, which is a defect of the bot.")
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
	return c.Look(refusedSentence(r))
}

func refusedSentence(r *scale.Refusal) string {
	text := Words(r.Error(), MaxWords)
	if r.Try != "" {
		text += " Try " + Words(r.Try, MaxWords) + "."
	}
	return text
}

// draftedLook is a card without buttons that says that nothing happened.
func draftedLook(op ledger.Operation) Look {
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
	return c.Look(fmt.Sprintf("Dry run: %s would be scaled %s; nothing was changed.", Words(op.Component, MaxName), op.Change()))
}

func dutyLook(d scale.OnCall) Look {
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
		return c.Look("Nobody is on call: no change can be approved now.")
	}
	return c.Look("On call now: " + strings.Join(names, ", ") + ".")
}

func diagnosedLook(d diagnose.Diagnosis, runbooks []runbook.Link) Look {
	var c Canvas
	c.Section(fmt.Sprintf("🔎 *%s*: %s", Words(d.Component, MaxName), Words(d.Headline, MaxWords)))
	c.list("*Looked at, in the runbook's order*", checkRows(d.Findings))
	c.list(nextTitle(d.Next), numbered(d.Next))
	c.small(RunbookLinks(runbooks))
	text := fmt.Sprintf("Diagnosis of %s: %s", Words(d.Component, MaxName), Words(d.Headline, MaxWords))
	return c.Look(text)
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
