package lever

import "github.com/scalebot/scalebot/internal/ledger"

// Position is how far a component is on the way of a step.
type Position int

// The positions. Unknown is the zero one.
const (
	// Unknown means that it cannot be read.
	Unknown Position = iota
	// Before means that it is as it was when the step was approved.
	Before
	// There means that it is what the step sets, whoever has set it.
	There
	// Elsewhere means that somebody has set something else.
	Elsewhere
)

// Standing is how far a component is on the way of a step, with what it was read from.
type Standing struct {
	Position Position
	// Seen is what to remember of it before it is written; its version is the one that the
	// write depends on.
	Seen ledger.Seen
	// By is who has set it, as the API server has recorded it; empty where that is not known.
	By string
	// Touched says that it may have been changed and changed back since the intent was stored.
	Touched bool
	// Why says in a clause what it is at and who has set it, or why that is unknown.
	Why string
}
