package ledger

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Seen is the deployment as it was read just before the intent to write was stored. What
// happened to it since can be read from the generation, which the API server counts up at every
// change of the specification or an annotation, and not at those of the status: a write of
// the count whose answer was lost has raised it if it took effect, also where somebody has
// set the count back since. The time and the author in managedFields do not show it: a
// write through the scale subresource has no time there, ever, and after a pass through 0
// no author either.
type Seen struct {
	// ResourceVersion and Generation are those of the deployment's metadata; zero where
	// an older version of the program stored the intent.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	Generation      int64  `json:"generation,omitempty"`
}

// SeenOf is what is stored of the workload before it is written.
func SeenOf(w scale.Workload) Seen {
	return Seen{ResourceVersion: w.ResourceVersion, Generation: w.Generation}
}

// Changed reports whether the specification of the workload may have been changed since.
// The same version is the same object; an unknown generation excludes nothing.
func (s Seen) Changed(w scale.Workload) bool {
	if s.ResourceVersion != "" && s.ResourceVersion == w.ResourceVersion {
		return false
	}
	return s.Generation == 0 || w.Generation == 0 || s.Generation != w.Generation
}
