package scale

// Action is what a recommendation says to do.
type Action string

// The actions a recommendation may name.
const (
	Hold      Action = "hold"
	ScaleUp   Action = "up"
	ScaleDown Action = "down"
	// Undecided means that too little is known to recommend anything.
	Undecided Action = "unknown"
)
