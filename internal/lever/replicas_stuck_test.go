package lever

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// On a plain scale-up Kubernetes never says that the deadline passed: the bot's own does,
// with the pod and its reason.
func TestPodsThatNeverStartEndAtTheBotsDeadline(t *testing.T) {
	r := newRollout().at(9*time.Minute).pods(2, func(p *scale.Pod) {
		p.Ready, p.Phase, p.Cause, p.Trouble = false, "Pending", scale.CauseNodes, "0/3 nodes are available: 3 Insufficient cpu."
	}).group(8, "Stable")
	r.w.Change(func(l *scale.Workload) { l.Stuck = "" })
	if s := r.look(); s.Failed != "" || s.Done {
		t.Errorf("before the deadline: got %+v", s)
	}
	scaletest.WantText(t, "deadline", r.at(10*time.Minute).look().Failed, "not settled after 10 min", "8 of 9 pods ready", "0/3 nodes are available")
}
