package review

import "github.com/scalebot/scalebot/internal/ledger"

// Scaled is an operation whose step has set a replica count, with the counts before and after.
type Scaled struct {
	ledger.Operation
	From, To int
}

// Down reports whether replicas were taken away.
func (s Scaled) Down() bool { return s.To < s.From }
