package scale

// Seen is the deployment as it was read just before the intent to write was stored. What
// happened to it since is told by the generation, which the API server counts up at every
// change of the specification or an annotation, and not at those of the status: a write of
// the count whose answer was lost has raised it if it took effect, also where somebody has
// set the count back since. The time and the author that managedFields give cannot tell: a
// write through the scale subresource has no time there, ever, and after a pass through 0
// no author either.
type Seen struct {
	// ResourceVersion and Generation are those of the deployment's metadata; zero where
	// an older version of the program stored the intent.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	Generation      int64  `json:"generation,omitempty"`
}

// Seen is what there is to remember of the workload before it is written.
func (w Workload) Seen() Seen {
	return Seen{ResourceVersion: w.ResourceVersion, Generation: w.Generation}
}

// Changed reports whether the specification of the workload may have been changed since.
// The same version is the same object; an unknown generation excludes nothing.
func (s Seen) Changed(w Workload) bool {
	if s.ResourceVersion != "" && s.ResourceVersion == w.ResourceVersion {
		return false
	}
	return s.Generation == 0 || w.Generation == 0 || s.Generation != w.Generation
}

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
