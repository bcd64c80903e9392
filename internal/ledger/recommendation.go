package ledger

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Recommendation is the advice that follows from the runbook and the measurements, with its
// reasons in order.
type Recommendation struct {
	Action scale.Action `json:"action"`
	// From is the desired count now, To the recommended one; equal on Hold.
	From int `json:"from"`
	To   int `json:"to"`
	// Urgency is the highest among the rules that fired; ActBy the earliest
	// time to act, zero when there is none.
	Urgency scale.Urgency `json:"urgency,omitempty"`
	ActBy   time.Time     `json:"actBy,omitzero"`
	// Findings are all rules: those that fired first, the most urgent leading, then
	// those that could not be judged, then the silent ones with their numbers.
	Findings []scale.Finding `json:"findings,omitempty"`
	// Reasons are sentences in the order of the argument.
	Reasons []string `json:"reasons,omitempty"`
	// Vetoes are sentences that say why more workers would not help.
	Vetoes []string `json:"vetoes,omitempty"`
	// Remedies are what to do instead, in order, when scaling cannot help.
	Remedies []string `json:"remedies,omitempty"`
	// RunbookLow and RunbookHigh are the rule of thumb's answer.
	RunbookLow  int `json:"runbookLow,omitempty"`
	RunbookHigh int `json:"runbookHigh,omitempty"`
	// Options compare the efficient counts within bounds.
	Options  []Option       `json:"options,omitempty"`
	Capacity scale.Capacity `json:"capacity,omitzero"`
}

// Changes reports whether the recommendation is another count.
func (r Recommendation) Changes() bool {
	return (r.Action == scale.ScaleUp || r.Action == scale.ScaleDown) && r.To != r.From
}
