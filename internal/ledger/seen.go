package ledger

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Seen is the version of the deployment just before the intent to write was stored. Its
// generation shows later whether the write took effect when the answer was lost. The API server
// raises the generation at every change of the specification or an annotation, and not at changes
// of the status. So it is raised even if somebody has set the count back since. managedFields
// cannot show this: it never has a time for a write through the scale subresource, and after a
// scale to 0 it has no author either.
type Seen struct {
	// ResourceVersion and Generation are those of the deployment's metadata; zero where an older
	// version of the bot stored the intent.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	Generation      int64  `json:"generation,omitempty"`
}

// SeenOf is the part of the workload that is stored before a write.
func SeenOf(w scale.Workload) Seen {
	return Seen{ResourceVersion: w.ResourceVersion, Generation: w.Generation}
}

// Changed reports whether the specification of the workload may have changed since. The same
// resource version means that nothing changed; an unknown generation means that it may have.
func (s Seen) Changed(w scale.Workload) bool {
	if s.ResourceVersion != "" && s.ResourceVersion == w.ResourceVersion {
		return false
	}
	return s.Generation == 0 || w.Generation == 0 || s.Generation != w.Generation
}
