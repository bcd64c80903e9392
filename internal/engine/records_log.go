package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// logChange logs and counts each event that a change added and each report that it closed, one
// line each. Only the replica that stored the change calls it, so each is logged once.
func (r *records) logChange(ctx context.Context, before, after ledger.Operation) {
	state := before.State()
	changed := changeAttrs(after)
	for _, e := range after.Events[min(len(before.Events), len(after.Events)):] {
		next := state
		if e.State != "" {
			next = e.State
			r.meter.Entered(after.Component, e.State)
		}
		attrs := append([]any{"operation", after.ID, "component", after.Component, "from", string(state), "to", string(next),
			"kind", string(e.Entry()), "by", e.By.ID, "name", e.By.Name, "team", e.By.Team, "code", e.Code, "note", e.Note,
			"channel", e.Channel, "ts", e.TS, "trigger", e.Key}, changed...)
		r.log.InfoContext(ctx, "operation", attrs...)
		state = next
	}
	for i, report := range after.Reports {
		if report.Closed != "" && (i >= len(before.Reports) || before.Reports[i].Closed == "") {
			r.meter.Unreported(after.Component, report.Horizon, unreported(after))
			r.log.InfoContext(ctx, "report not posted", "operation", after.ID, "component", after.Component, "horizon", report.Horizon, "why", report.Closed)
		}
	}
}

// changeAttrs returns the log attributes of a change: replicas_from and replicas_to.
func changeAttrs(op ledger.Operation) []any {
	set := op.Change()
	from, to := set.Ends()
	return []any{string(set.Kind()) + "_from", from, string(set.Kind()) + "_to", to}
}

// unreported is why a report will never be posted: the operation has failed or was superseded,
// or Slack refused the report.
func unreported(op ledger.Operation) string {
	if state := op.State(); state == ledger.Failed || state == ledger.Superseded {
		return string(state)
	}
	return "not_posted"
}
