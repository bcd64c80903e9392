package scale

import (
	"strings"
	"testing"
	"time"
)

// what refuses every pod is said; a raised quota helps after the
// ReplicaSet's pause; pods that are ending still count; numbers with something uncounted
// are "at most".
func TestRoomSaysWhatHoldsPodsBack(t *testing.T) {
	at := func(r Room, change func(*Workload)) *world {
		w := calmWorld().workers(6)
		w.s.Room = Known(r, w.s.At, "Kubernetes")
		if change != nil {
			w.change(change)
		}
		return w
	}
	refused := at(Room{NodePods: 30, Refused: "quota team: a pod must specify limits.cpu for proxy"}, nil)
	wantText(t, "refused", refused.view().roomVeto(9), "every new pod would be refused: quota team: a pod must specify limits.cpu for proxy")
	if why := refused.view().roomVeto(5); why != "" {
		t.Errorf("a scale-down: got %q, want nothing", why)
	}
	ending := at(Room{QuotaPods: 1, NodePods: -1, Quota: []string{"quota team: pods 9 of 10 used"}}, func(l *Workload) {
		l.Pods = append(l.Pods, Pod{Name: "old", Current: true, Terminating: true})
	})
	wantText(t, "ending", ending.view().roomVeto(9), "allows 1 more pod of this size, 3 are needed (quota team: pods 9 of 10 used); 1 pod is still ending and counted until gone")
	beyond := at(Room{QuotaPods: -1, NodePods: 30, Beyond: []string{"where volume data can be used"}}, nil)
	check := beyond.view().roomCheck(9)
	if check.Result != ResultUnsure || check.After != "3 needed, at most 30 fit on the nodes" || !strings.Contains(check.Note, "where volume data can be used") {
		t.Errorf("got %+v, want unsure with what is not counted", check)
	}
	stuck := func(l *Workload) { l.Desired, l.Stuck, l.StuckCause = 9, "exceeded quota: team", CauseQuota }
	wantText(t, "raised", at(Room{QuotaPods: 4, NodePods: 30}, stuck).view().pendingVeto(), "exceeded quota: team; the quota has room for 4 more pods by now", "when the ReplicaSet tries again")
	wantText(t, "removed", at(Room{QuotaPods: -1, NodePods: 30}, stuck).view().pendingVeto(), "the quota has room for all of them by now")
	for name, r := range map[string]Room{"full": {NodePods: 30}, "refused": {NodePods: 30, QuotaPods: 4, Refused: "x"}} {
		if why := at(r, stuck).view().pendingVeto(); strings.Contains(why, "by now") {
			t.Errorf("%s: got %q", name, why)
		}
	}
}

// A paused deployment is named before it is scaled, in either direction, and settles by its
// pods: it counts none as updated once its template was changed.
func TestPausedDeployment(t *testing.T) {
	w := calmWorld().workers(6).change(func(l *Workload) { l.Name, l.Paused = "download-worker", true })
	for _, to := range []int{5, 8} {
		wantText(t, "paused", strings.Join(w.view().warnings(to), "\n"), "deployment download-worker is paused: it scales, but a changed template waits until kubectl rollout resume")
	}
	w.change(func(l *Workload) { l.Rolling = true })
	wantText(t, "halfway", strings.Join(w.view().warnings(8), "\n"), "paused in the middle of a rollout", "a rollout is paused halfway")
	load := Workload{Observed: true, Desired: 9, Ready: 9, Updated: 0, Paused: true}
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

// On a plain scale-up Kubernetes never says that the deadline passed: the bot's own does,
// with the pod and its reason.
func TestPodsThatNeverStartEndAtTheBotsDeadline(t *testing.T) {
	r := newRollout().at(9*time.Minute).pods(2, func(p *Pod) {
		p.Ready, p.Phase, p.Cause, p.Trouble = false, "Pending", CauseNodes, "0/3 nodes are available: 3 Insufficient cpu."
	}).group(8, "Stable")
	r.w.change(func(l *Workload) { l.Stuck = "" })
	if s := r.look(); s.Failed != "" || s.Done {
		t.Errorf("before the deadline: got %+v", s)
	}
	wantText(t, "deadline", r.at(10*time.Minute).look().Failed, "not settled after 10 min", "8 of 9 pods ready", "0/3 nodes are available")
}

func (w *world) view() view { return look(w.Component, w.Policy, w.s, w.past) }
