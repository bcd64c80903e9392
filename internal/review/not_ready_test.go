package review

import (
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// Pods with one reason are told together, each reason once, and no reason is one too.
func TestPodsWithOneReasonAreToldTogether(t *testing.T) {
	w := measuretest.CalmWorld().Change(func(l *scale.Workload) {
		for i, why := range []string{"no room", "no image", "no room", "", "no room", "no room"} {
			l.Pods[i].Ready, l.Pods[i].Phase, l.Pods[i].Trouble = false, "", why
		}
	}).Now.Workload.Value
	want := "download-worker-0, download-worker-2, download-worker-4 and 1 more: no room; download-worker-1: no image; download-worker-3: not ready"
	if got := waitingPods(w); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
