package cards

import (
	"fmt"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
)

// podsRow is how many of the wanted pods are ready.
func podsRow(op ledger.Operation, do change.Replicas) string {
	now := op.Rollout().Now
	if now.At.IsZero() || now.Replicas < 0 {
		return "*Pods* not seen yet"
	}
	row := fmt.Sprintf("*Pods* %s %d/%d ready", Bar(now.Ready, do.To), now.Ready, do.To)
	if d := since(op, op.Rollout().ReadyAt); d != "" {
		row += ", all after " + d
	} else if d := since(op, op.Rollout().FirstReadyAt); d != "" && !do.Down() {
		row += ", the first new one after " + d
	}
	return row
}

func readyClause(op ledger.Operation, do change.Replicas) string {
	now := op.Rollout().Now
	if now.At.IsZero() || now.Replicas < 0 {
		return "pods not seen yet"
	}
	return fmt.Sprintf("%d/%d pods ready", now.Ready, do.To)
}

func drainFact(op ledger.Operation, do change.Replicas) string {
	return fmt.Sprintf("with %d: %s\nwith %d: *%s*", do.From, drainWords(op.Plan.Now.Drain), do.To, drainWords(op.Plan.After.Drain))
}

// CountField is the number field of the form that adjusts a proposal.
type CountField struct {
	// About says what runs and what is proposed.
	About string
	// Initial is the count that is filled in, and Highest the largest that the form takes.
	Initial, Highest int
}

// CountFieldOf fills the field for a proposal, within the bounds of the form. It returns false
// for a proposal of anything but a replica count.
func CountFieldOf(op ledger.Operation, lowest, highest int) (CountField, bool) {
	do, ok := op.Change().(change.Replicas)
	if !ok {
		return CountField{}, false
	}
	if useful, known := measure.MostUseful(op.Before); known {
		// A higher count is refused in the form, where what was typed is not lost; more workers
		// than that would be idle.
		highest = max(useful, do.From-1)
	}
	return CountField{
		About:   fmt.Sprintf("*%s* runs with %d replicas; %d are proposed.", Words(op.Component, MaxName), do.From, do.To),
		Initial: min(max(do.To, lowest), highest), Highest: highest,
	}, true
}
