package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// what refuses every pod is said; a raised quota helps after the
// ReplicaSet's pause; pods that are ending still count; numbers with something uncounted
// are "at most".
func TestRoomSaysWhatHoldsPodsBack(t *testing.T) {
	at := func(r scale.Room, change func(*scale.Workload)) *measuretest.World {
		w := measuretest.CalmWorld().Workers(6)
		w.Now.Room = scale.Known(r, w.Now.At, "Kubernetes")
		if change != nil {
			w.Change(change)
		}
		return w
	}
	refused := at(scale.Room{NodePods: 30, Refused: "quota team: a pod must specify limits.cpu for proxy"}, nil)
	scaletest.WantText(t, "refused", view(refused).RoomVeto(9), "every new pod would be refused: quota team: a pod must specify limits.cpu for proxy")
	if why := view(refused).RoomVeto(5); why != "" {
		t.Errorf("a scale-down: got %q, want nothing", why)
	}
	ending := at(scale.Room{QuotaPods: 1, NodePods: -1, Quota: []string{"quota team: pods 9 of 10 used"}}, func(l *scale.Workload) {
		l.Pods = append(l.Pods, scale.Pod{Name: "old", Current: true, Terminating: true})
	})
	scaletest.WantText(t, "ending", view(ending).RoomVeto(9), "allows 1 more pod of this size, 3 are needed (quota team: pods 9 of 10 used); 1 pod is still ending and counted until gone")
	beyond := at(scale.Room{QuotaPods: -1, NodePods: 30, Beyond: []string{"where volume data can be used"}}, nil)
	check := view(beyond).roomCheck(scale.Check{}, 9)
	if check.Result != scale.ResultUnsure || check.After != "3 needed, at most 30 fit on the nodes" || !strings.Contains(check.Note, "where volume data can be used") {
		t.Errorf("got %+v, want unsure with what is not counted", check)
	}
	stuck := func(l *scale.Workload) {
		l.Desired, l.Stuck, l.StuckCause = 9, "exceeded quota: team", scale.CauseQuota
	}
	scaletest.WantText(t, "raised", view(at(scale.Room{QuotaPods: 4, NodePods: 30}, stuck)).pendingVeto(), "exceeded quota: team; the quota has room for 4 more pods by now", "when the ReplicaSet tries again")
	scaletest.WantText(t, "removed", view(at(scale.Room{QuotaPods: -1, NodePods: 30}, stuck)).pendingVeto(), "the quota has room for all of them by now")
	for name, r := range map[string]scale.Room{"full": {NodePods: 30}, "refused": {NodePods: 30, QuotaPods: 4, Refused: "x"}} {
		if why := view(at(r, stuck)).pendingVeto(); strings.Contains(why, "by now") {
			t.Errorf("%s: got %q", name, why)
		}
	}
}

// A paused deployment is named before it is scaled, in either direction, and settles by its
// pods: it counts none as updated once its template was changed.
func TestPausedDeployment(t *testing.T) {
	w := measuretest.CalmWorld().Workers(6).Change(func(l *scale.Workload) { l.Name, l.Paused = "download-worker", true })
	for _, to := range []int{5, 8} {
		scaletest.WantText(t, "paused", strings.Join(view(w).warnings(to), "\n"), "deployment download-worker is paused: it scales, but a changed template waits until kubectl rollout resume")
	}
	w.Change(func(l *scale.Workload) { l.Rolling = true })
	scaletest.WantText(t, "halfway", strings.Join(view(w).warnings(8), "\n"), "paused in the middle of a rollout", "a rollout is paused halfway")
	load := scale.Workload{Observed: true, Desired: 9, Ready: 9, Updated: 0, Paused: true}
	if !load.Settled() {
		t.Error("a paused deployment with all pods ready has not settled")
	}
	if load.Rolling = true; load.Settled() {
		t.Error("a rollout that is paused halfway has settled")
	}
	if load.Rolling, load.Paused = false, false; load.Settled() {
		t.Error("a deployment that has not updated its pods has settled")
	}
}

func view(w *measuretest.World) View { return NewView(w.Component, w.Policy, w.Now, w.Past) }
