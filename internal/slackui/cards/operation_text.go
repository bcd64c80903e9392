package cards

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// oneClick explains a button that proposes and approves with one click.
const oneClick = "When you are on call, this goes ahead at once, unless it is risky and needs a second person; otherwise it asks for approval."

// sentence is the whole card as text, for notifications and screen readers.
func sentence(op ledger.Operation) string {
	what := fmt.Sprintf("%s %s %s", Words(op.Component, MaxName), op.Change(), unit(op))
	last := op.Last()
	by := Called(last.By)
	switch op.State() {
	case ledger.Proposed:
		return fmt.Sprintf("%s asks to scale %s%s; it waits for approval by somebody on call.", Called(op.Request.By), what, lagClause(op))
	case ledger.Approved:
		return fmt.Sprintf("%s approved scaling %s.", by, what)
	case ledger.Applying:
		return fmt.Sprintf("Scaling %s is being written.", what)
	case ledger.Settling:
		return fmt.Sprintf("Scaling %s is rolling out: %s.", what, effectClause(op))
	case ledger.Watching:
		return fmt.Sprintf("Scaled %s: %s. Reports follow in the thread.", what, effectClause(op))
	case ledger.Done:
		return fmt.Sprintf("Scaled %s; result: %s.", what, verdictClause(op))
	case ledger.Failed:
		return fmt.Sprintf("Scaling %s failed%s.", what, noteClause(last))
	case ledger.Superseded:
		return fmt.Sprintf("Scaled %s; a newer change took over.", what)
	case ledger.Declined:
		return fmt.Sprintf("%s declined scaling %s; nothing was changed.", by, what)
	case ledger.Cancelled:
		return fmt.Sprintf("%s cancelled scaling %s; nothing was changed.", by, what)
	case ledger.Expired:
		return fmt.Sprintf("The proposal to scale %s expired; nothing was changed.", what)
	case ledger.Replaced:
		return fmt.Sprintf("The proposal to scale %s was replaced%s; nothing was changed.", what, noteClause(last))
	}
	return fmt.Sprintf("A change of %s.", what)
}

func lagClause(op ledger.Operation) string {
	if lag, ok := op.Before.TotalLag().Get(); ok {
		return fmt.Sprintf(" at a lag of %s", scale.Count(lag))
	}
	return " while the lag is unknown"
}

func verdictClause(op ledger.Operation) string {
	if v := lastVerdict(op); v != "" {
		return Words(string(v), MaxName)
	}
	return "no report was made"
}

func noteClause(e ledger.Event) string {
	if note := Words(noteOf(e), MaxReason); note != "" {
		return ": " + strings.TrimSuffix(note, ".")
	}
	return ""
}
