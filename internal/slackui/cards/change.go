package cards

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
)

// Arrow is a change in short: "6 → 9".
func Arrow(op ledger.Operation) string { return former(op) + " → " + wanted(op) }

// former and wanted are the values before and after a change.
func former(op ledger.Operation) string {
	from, _ := op.Change().Ends()
	return Words(fmt.Sprint(from), MaxName)
}

func wanted(op ledger.Operation) string {
	_, to := op.Change().Ends()
	return Words(fmt.Sprint(to), MaxName)
}

// unit is the noun after the values of a change: "replicas".
func unit(op ledger.Operation) string { return string(op.Change().Kind()) }

// changeHeadline is the change as the first thing on a card.
func changeHeadline(op ledger.Operation) string {
	return fmt.Sprintf("*%s*  ~%s~ → *%s* %s", Words(op.Component, MaxName), former(op), wanted(op), unit(op))
}

// Each kind of change draws the following parts of a card in its own way, in a file named after
// the kind.

// effectRow shows how far the change has taken effect, in a list on the card.
func effectRow(op ledger.Operation) string {
	switch do := op.Change().(type) {
	case change.Replicas:
		return podsRow(op, do)
	default:
		return ""
	}
}

// effectClause is effectRow in a few words.
func effectClause(op ledger.Operation) string {
	switch do := op.Change().(type) {
	case change.Replicas:
		return readyClause(op, do)
	default:
		return ""
	}
}

// forecastFact compares what is expected without and with the change.
func forecastFact(op ledger.Operation) string {
	switch do := op.Change().(type) {
	case change.Replicas:
		return drainFact(op, do)
	default:
		return ""
	}
}
