package kube

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
)

// stranger is a change of a kind that is not made in Kubernetes.
type stranger struct{ change.Change }

// What the hand does not know it refuses for good, and touches nothing.
func TestAnUnknownKindOfChangeIsNotWritten(t *testing.T) {
	for name, step := range map[string]change.Step{"another kind": {Do: stranger{}}, "nothing": {}} {
		s := newStand(deployment(6))
		before := len(s.kubernetes.Actions())
		_, err := s.Set(t.Context(), worker, step, "7", false)
		if !scale.IsFault(err, scale.FaultRejected) || !strings.Contains(err.Error(), worker.Deployment) {
			t.Errorf("%s: got %v, want it rejected with the name of the deployment", name, err)
		}
		if calls := s.kubernetes.Actions()[before:]; len(calls) != 0 || s.replicas(t) != 6 {
			t.Errorf("%s: %d calls were made for it", name, len(calls))
		}
	}
}
