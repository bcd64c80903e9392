package cards

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// maxReasons bounds the reasons on a card; the why command shows all of them.
const maxReasons = 6

// drawProposal shows everything that somebody needs to decide: numbers, argument, checklist,
// warnings, who would undo it, the equivalent command, and when the proposal expires.
func drawProposal(c *Canvas, op ledger.Operation) {
	drawNumbers(c, op)
	// On a phone the reasons and the checklist fill a screen, so the warnings come before them.
	c.list("", WarningRows(op))
	c.list("*Why*", bullets(op.Advice.Reasons, maxReasons))
	c.list("*Checked before scaling*", checkRows(op.Plan.Checklist))
	c.list("", prefixed("ℹ️ ", op.Plan.Notes))
	if alternatives := alternativeRow(op.Plan.Alternatives); alternatives != "" {
		c.small(alternatives)
	}
	if op.Plan.Kubectl != "" {
		c.small("Same as " + code(op.Plan.Kubectl, MaxWords))
	}
	drawRisks(c, op)
	if !op.Request.ExpiresAt.IsZero() {
		c.small(whoDecides(op) + " Lapses by itself at " + clockTime(op.Request.ExpiresAt) + ".")
	}
}

// drawRisks says why a change needs two people, if it does.
func drawRisks(c *Canvas, op ledger.Operation) {
	if op.Needed() > 1 {
		c.list("*Why this takes two people*", bullets(riskRows(op), maxReasons))
	}
}

// riskRows are the classes that make the change a risky one, with their numbers.
func riskRows(op ledger.Operation) []string {
	var rows []string
	for _, r := range op.Plan.Risks {
		rows = append(rows, r.Why)
	}
	return rows
}

// whoDecides says whose approval is still needed and who has approved already.
func whoDecides(op ledger.Operation) string {
	switch {
	case op.Needed() > 1:
	case op.Plan.Prominent:
		// The runbook file decides whether the requester may approve.
		return "Somebody on call decides."
	default:
		return "Anyone on call may decide."
	}
	there := len(op.Approvers())
	text := fmt.Sprintf("👥 %d of %d approvals", there, op.Needed())
	if there == 0 {
		text += ". Two people on call have to approve."
	} else {
		text += ": " + approverNames(op) + ". Another person on call has to approve."
	}
	if op.Request.BreakGlass {
		text += " 🧨 Or " + Person(op.Request.By) + " alone, who asked to break the glass; all on call are told then."
	}
	return text
}

// approverNames are the people who approved, in order.
func approverNames(op ledger.Operation) string {
	var names []string
	for _, p := range op.Approvers() {
		names = append(names, Person(p))
	}
	return strings.Join(names, ", ")
}

// drawNumbers compares the numbers now and after the change.
func drawNumbers(c *Canvas, op ledger.Operation) {
	c.fields(
		"*Lag*\n"+LagFact(op),
		"*"+scale.Headed(busiestNoun(op.Plan.After))+"*\n"+busiestFact(op.Plan),
		"*Backlog gone*\n"+forecastFact(op),
		"*Running now*\n"+runningFact(op.Before),
		"*Runbook says*\n"+adviceFact(op.Advice),
	)
}

// drawBasis shows, after the decision, what it was based on.
func drawBasis(c *Canvas, op ledger.Operation) {
	c.fields("*Lag when asked*\n"+LagFact(op), "*"+scale.Headed(busiestNoun(op.Plan.After))+"*\n"+busiestFact(op.Plan), "*Backlog gone*\n"+forecastFact(op))
}

// WarningRows are what people must read before they approve. The owner who would undo the change
// comes first.
func WarningRows(op ledger.Operation) []string {
	var rows []string
	rows = append(rows, OwnerRow(op.Plan)...)
	rows = append(rows, prefixed("🧱 ", op.Advice.Vetoes)...)
	return append(rows, prefixed("⚠️ ", unsaid(op.Plan.Warnings, op.Advice.Vetoes))...)
}

// OwnerRow says who else sets the count, and what to do about it.
func OwnerRow(plan ledger.Plan) []string {
	text := ""
	switch {
	case plan.Reverter != "":
		text = "♻️ *Will be undone:* " + Words(scale.Sentence(plan.Reverter), MaxWords)
	case plan.Keeper != "":
		text = "🧭 *Who else sets the count:* " + Words(scale.Sentence(plan.Keeper), MaxWords)
	default:
		return nil
	}
	if plan.WayOut != "" {
		text += " " + Words(scale.Sentence("The way out: "+plan.WayOut), MaxWords)
	}
	return []string{text}
}

// unsaid are the warnings that no veto on the card repeats.
func unsaid(warnings, vetoes []string) []string {
	return slices.DeleteFunc(slices.Clone(warnings), func(w string) bool { return slices.Contains(vetoes, w) })
}

func alternativeRow(options []ledger.Option) string {
	var parts []string
	for _, o := range options {
		part := fmt.Sprintf("%d: ", o.Replicas)
		if o.Busiest > 0 {
			part += fmt.Sprintf("%s %d, ", busiestNoun(o), o.Busiest)
		}
		if o.Drain.Sentence != "" {
			part += Words(o.Drain.Sentence, 120)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return ""
	}
	return "Compare " + strings.Join(parts, " · ")
}

func bullets(clauses []string, limit int) []string {
	rows := prefixed("• ", clauses[:min(len(clauses), limit)])
	if more := len(clauses) - limit; more > 0 {
		rows = append(rows, fmt.Sprintf("• and %d more", more))
	}
	return rows
}

// prefixed makes one row, a sentence of its own, from each clause.
func prefixed(prefix string, clauses []string) []string {
	var rows []string
	for _, s := range clauses {
		if s = Words(scale.Sentence(s), MaxWords); s != "" {
			rows = append(rows, prefix+s)
		}
	}
	return rows
}

// ApprovalDialog repeats the numbers, and warns more strongly about a large change.
func ApprovalDialog(op ledger.Operation) *ask {
	dialog := &ask{
		Title: fmt.Sprintf("Scale %s %s?", op.Component, Arrow(op)),
		Text:  dialogNumbers(op),
		yes:   "Scale to " + wanted(op), no: "Not yet",
	}
	if op.Plan.Prominent {
		dialog.Title = fmt.Sprintf("Careful: %s %s?", op.Component, Arrow(op))
		dialog.Text = "Read the warnings on the card first. " + dialog.Text
	}
	return dialog
}

func dialogNumbers(op ledger.Operation) string {
	text := "Lag unknown."
	if lag, ok := op.Before.TotalLag().Get(); ok {
		text = fmt.Sprintf("Lag %s%s.", scale.Count(lag), trendFact(op.Plan.Trend, op.Plan.Slope))
	}
	if op.Plan.After.Busiest > 0 {
		text += fmt.Sprintf(" %s %s → %d %ss.", scale.Headed(busiestNoun(op.Plan.After)), knownCount(op.Plan.Now.Busiest), op.Plan.After.Busiest, partNoun(op.Plan))
	}
	if s := op.Plan.After.Drain.Sentence; s != "" {
		text += " " + scale.Sentence("Backlog gone: "+s)
	}
	if op.Plan.Reverter != "" {
		text += " " + scale.Sentence(op.Plan.Reverter)
	}
	return text
}
