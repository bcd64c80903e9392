package slackui

import (
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// oneClick says what a button does that proposes and approves at once.
const oneClick = "When you are on call, this goes ahead at once, unless it is risky and needs a second person; otherwise it asks for approval."

// sentence is the whole card for notifications and screen readers.
func sentence(op scale.Operation) string {
	what := fmt.Sprintf("%s from %d to %d replicas", words(op.Component, maxName), op.Change.From, op.Change.To)
	last := op.Last()
	by := called(last.By)
	switch op.State() {
	case scale.Proposed:
		return fmt.Sprintf("%s asks to scale %s%s; it waits for approval by somebody on call.", called(op.Request.By), what, lagClause(op))
	case scale.Approved:
		return fmt.Sprintf("%s approved scaling %s.", by, what)
	case scale.Applying:
		return fmt.Sprintf("Scaling %s is being written.", what)
	case scale.Settling:
		return fmt.Sprintf("Scaling %s is rolling out: %s.", what, readyClause(op))
	case scale.Watching:
		return fmt.Sprintf("Scaled %s: %s. Reports follow in the thread.", what, readyClause(op))
	case scale.Done:
		return fmt.Sprintf("Scaled %s; result: %s.", what, verdictClause(op))
	case scale.Failed:
		return fmt.Sprintf("Scaling %s failed%s.", what, noteClause(last))
	case scale.Superseded:
		return fmt.Sprintf("Scaled %s; a newer change took over.", what)
	case scale.Declined:
		return fmt.Sprintf("%s declined scaling %s; nothing was changed.", by, what)
	case scale.Cancelled:
		return fmt.Sprintf("%s cancelled scaling %s; nothing was changed.", by, what)
	case scale.Expired:
		return fmt.Sprintf("The proposal to scale %s expired; nothing was changed.", what)
	case scale.Replaced:
		return fmt.Sprintf("The proposal to scale %s was replaced%s; nothing was changed.", what, noteClause(last))
	}
	return fmt.Sprintf("A change of %s.", what)
}

func lagClause(op scale.Operation) string {
	if lag, ok := op.Before.TotalLag().Get(); ok {
		return fmt.Sprintf(" at a lag of %s", scale.Count(lag))
	}
	return " while the lag is unknown"
}

func readyClause(op scale.Operation) string {
	now := op.Rollout.Now
	if now.At.IsZero() || now.Replicas < 0 {
		return "pods not seen yet"
	}
	return fmt.Sprintf("%d/%d pods ready", now.Ready, op.Change.To)
}

func verdictClause(op scale.Operation) string {
	if v := lastVerdict(op); v != "" {
		return words(string(v), maxName)
	}
	return "no report was made"
}

func noteClause(e scale.Event) string {
	if note := words(noteOf(e), maxReason); note != "" {
		return ": " + strings.TrimSuffix(note, ".")
	}
	return ""
}
