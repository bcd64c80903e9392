package lever

import "github.com/scalebot/scalebot/internal/ledger"

// Position compares a component with the values of a step.
type Position int

// The positions. The zero one is Unknown.
const (
	// Unknown means that the component cannot be read.
	Unknown Position = iota
	// Before means that the component has the value from before the step.
	Before
	// There means that the component has the value that the step sets, whoever set it.
	There
	// Elsewhere means that somebody has set a third value.
	Elsewhere
)

// Standing is a position with the reading it was derived from.
type Standing struct {
	Position Position
	// Seen is what to store of the component before the write; the write depends on its version.
	Seen ledger.Seen
	// By is who set the present value, as the API server recorded it; empty where that is not
	// known.
	By string
	// Touched says that the value may have been changed and restored since the intent was stored.
	Touched bool
	// Why says in a clause what the present value is and who set it, or why it is unknown.
	Why string
}
