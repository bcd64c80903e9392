package judge

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// Workers that never ran are not capacity: the way back from 12, six of which pull an image
// in vain, is routine although lag is high, and costs nothing.
func TestTheWayBackFromPodsThatNeverRanIsRoutine(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(12).Pulling(6)
	w.Now.Group.Value = measuretest.GroupOf(6, 24)
	w.TwoPeople = measuretest.EveryClass
	plan := planned(w, 6, "back")
	if plan.Now.Busiest != 4 || plan.After.Busiest != 4 {
		t.Errorf("got %d partitions on the busiest of the six that run, and %d after it, want 4 and 4", plan.Now.Busiest, plan.After.Busiest)
	}
	if len(plan.Risks) != 0 {
		t.Errorf("got risks %v, want none", plan.Risks)
	}
	notes := strings.Join(append(plan.Notes, plan.Warnings...), "\n")
	scaletest.WantText(t, "the notes", notes, "the 6 pods that go never ran, so that nothing is lost")
	if strings.Contains(notes, "of the capacity") || strings.Contains(notes, "R-050") {
		t.Errorf("got %q, want no cost and no warning about lag", notes)
	}
	for name, tt := range map[string]struct {
		edit func(*measuretest.World)
		to   int
	}{
		"one that works goes too": {func(*measuretest.World) {}, 5},
		"they crash": {func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { measuretest.Causes(l, scale.CauseCrash) })
		}, 6},
		"they only start": {func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { measuretest.Causes(l, scale.CauseStarting) })
		}, 6},
		"nobody knows": {func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("no answer", w.Now.At, "Kubernetes")
		}, 6},
	} {
		w := measuretest.Spike(14_200).Workers(12).Pulling(6)
		w.TwoPeople = measuretest.EveryClass
		tt.edit(w)
		if got := classes(planned(w, tt.to, "back").Risks); !strings.Contains(got, string(scale.RiskDownUnderLoad)) && w.Now.Workload.Known() {
			t.Errorf("%s: got risks %q, want workers taken away under load among them", name, got)
		}
	}
}

// what finds no room is not compared, and to ask for it takes two people.
func TestWhatFindsNoRoomIsNoAlternative(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Room = scale.Known(scale.Room{QuotaPods: -1, NodePods: 2}, w.Now.At, "Kubernetes")
	w.TwoPeople = scale.TwoPeople{NoRoom: true}
	plan := planned(w, 9, "")
	if got := classes(plan.Risks); got != string(scale.RiskRoom) {
		t.Errorf("got risks %q, want %s", got, scale.RiskRoom)
	}
	for _, o := range append(plan.Alternatives, recommended(w).Options...) {
		if o.Replicas > 8 {
			t.Errorf("%d is compared, and only 2 more pods find room", o.Replicas)
		}
	}
	if got := classes(planned(w, 8, "").Risks); got != "" {
		t.Errorf("8 find room: got risks %q, want none", got)
	}
	w.TwoPeople.NoRoom = false
	if plan := planned(w, 9, ""); len(plan.Risks) != 0 {
		t.Errorf("the policy does not ask: got risks %v, want none", plan.Risks)
	}
}

// that some pods do not run as it is makes no room for others.
func TestRoomIsAFactWhilePodsHang(t *testing.T) {
	for name, cause := range map[string]scale.PodCause{"no room on the nodes": scale.CauseNodes, "no image": scale.CauseImage, "crashing": scale.CauseCrash} {
		w := measuretest.Spike(14_200).Workers(9).Pulling(6).Change(func(l *scale.Workload) { measuretest.Causes(l, cause) })
		w.Now.Room = scale.Known(scale.Room{QuotaPods: -1, NodePods: 0}, w.Now.At, "Kubernetes")
		w.TwoPeople = scale.TwoPeople{NoRoom: true}
		if got := classes(planned(w, 12, "").Risks); got != string(scale.RiskRoom) {
			t.Errorf("%s: got risks %q, want %s: nothing fits", name, got, scale.RiskRoom)
		}
		for _, o := range recommended(w).Options {
			if o.Replicas > 9 {
				t.Errorf("%s: %d is compared, and no pod more finds room", name, o.Replicas)
			}
		}
	}
}

// In the middle of a rollout that hangs, old pods still work: they count, and a lower count
// takes some of them, because a Deployment spreads it over all its ReplicaSets.
func TestOldPodsThatWorkAreCapacity(t *testing.T) {
	w := measuretest.Spike(14_200).Workers(12).Change(func(l *scale.Workload) {
		l.Desired, l.Ready, l.Updated, l.Rolling = 9, 7, 5, true
		for i := range l.Pods {
			if l.Pods[i].Current = i >= 7; l.Pods[i].Current {
				l.Pods[i].Ready, l.Pods[i].Cause, l.Pods[i].Trouble = false, scale.CauseImage, "ImagePullBackOff"
			}
		}
	})
	w.Now.Group.Value = measuretest.GroupOf(7, 24)
	w.TwoPeople = measuretest.EveryClass
	if l := w.Now.Workload.Value; l.Unstarted() != 2 || l.Absent() != 2 {
		t.Errorf("got %d that never ran and %d that do not come, want 2: seven of nine work", l.Unstarted(), l.Absent())
	}
	plan := planned(w, 7, "back")
	if got := classes(plan.Risks); !strings.Contains(got, string(scale.RiskDownUnderLoad)) {
		t.Errorf("got risks %q, want workers taken away under load among them", got)
	}
	if notes := strings.Join(plan.Notes, "\n"); strings.Contains(notes, "nothing is lost") {
		t.Errorf("got %q, want nothing of that: pods that work may go", notes)
	}
	stuck := w.Change(func(l *scale.Workload) { l.Stuck, l.StuckCause = "exceeded quota", scale.CauseQuota }).Now.Workload.Value
	if stuck.Unstarted() != 2 || stuck.Absent() != 2 {
		t.Errorf("over the quota: got %d that never ran and %d that do not come, want 2", stuck.Unstarted(), stuck.Absent())
	}
}
