package ledger

// Write is a conditional change of a replica count.
type Write struct {
	From, To int
	// ResourceVersion is the scale's as seen just before.
	ResourceVersion string
	// Operation is the id of the operation it belongs to.
	Operation string
	// DryRun asks the server to check everything and write nothing.
	DryRun bool
}
