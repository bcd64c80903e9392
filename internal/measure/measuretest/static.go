package measuretest

import (
	"strings"
)

// Named gives every member the name of its pod as its group.instance.id, and no address.
func (w *World) Named() *World {
	for i := range w.Now.Group.Value.Members {
		m := &w.Now.Group.Value.Members[i]
		m.Instance, m.Host = "download-worker-"+strings.TrimPrefix(m.Host, "10.0.0."), ""
	}
	return w
}
