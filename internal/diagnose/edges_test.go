package diagnose

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// memory at its bound is named as such, by the highest pod or by all together, and
// is answered with memory and not with CPU; just below it is no finding.
func TestMemoryAtItsBoundIsDiagnosed(t *testing.T) {
	for name, edit := range map[string]func(*scale.Usage){
		"one pod": func(u *scale.Usage) { u.MemoryPeak = 0.95 },
		"all":     func(u *scale.Usage) { u.MemoryLimit = 0.95 },
		"both":    func(u *scale.Usage) { u.MemoryPeak, u.CPUPeak = 0.97, 0.99 },
	} {
		w := measuretest.CalmWorld()
		edit(&w.Now.Usage.Value)
		d := Diagnose(w.Component, w.Policy, w.Now, w.Past)
		measuretest.WantCheck(t, d.Findings, "R-132", scale.Fail)
		scaletest.WantText(t, name, d.Headline, "Memory is at its bound.")
		next := strings.Join(d.Next, "\n")
		scaletest.WantText(t, name, next, "raise the memory limit per pod (R-072, R-070); the runbook's example is 1Gi (R-071)")
		if strings.Contains(next, "raise the CPU limit") {
			t.Errorf("%s: got CPU advised: %q", name, next)
		}
	}
	w := measuretest.CalmWorld()
	w.Now.Usage.Value.MemoryPeak = 0.949
	measuretest.WantCheck(t, Diagnose(w.Component, w.Policy, w.Now, w.Past).Findings, "R-132", scale.Pass)
}
