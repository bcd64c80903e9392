package scale

import (
	"strings"
	"testing"
)

// pulling makes all but the first running pods wait for an image in vain.
func (w *world) pulling(running int) *world {
	return w.change(func(l *Workload) {
		for i := running; i < len(l.Pods); i++ {
			l.Pods[i].Ready, l.Pods[i].Cause, l.Pods[i].Trouble = false, CauseImage, "ImagePullBackOff"
		}
		l.Ready = running
	})
}

// Workers that never ran are not capacity: the way back from 12, six of which pull an image
// in vain, is routine although lag is high, and costs nothing.
func TestTheWayBackFromPodsThatNeverRanIsRoutine(t *testing.T) {
	w := spike(14_200).workers(12).pulling(6)
	w.s.Group.Value = groupOf(6, 24)
	w.TwoPeople = TwoPeople{true, true, true, true, true, true, true, true}
	plan := w.plan(6, "back")
	if len(plan.Risks) != 0 {
		t.Errorf("got risks %v, want none", plan.Risks)
	}
	notes := strings.Join(append(plan.Notes, plan.Warnings...), "\n")
	wantText(t, "the notes", notes, "the 6 pods that go never ran, so that nothing is lost")
	if strings.Contains(notes, "of the capacity") || strings.Contains(notes, "R-050") {
		t.Errorf("got %q, want no cost and no warning about lag", notes)
	}
	for name, tt := range map[string]struct {
		edit func(*world)
		to   int
	}{
		"one that works goes too": {func(*world) {}, 5},
		"they crash":              {func(w *world) { w.change(func(l *Workload) { causes(l, CauseCrash) }) }, 6},
		"they only start":         {func(w *world) { w.change(func(l *Workload) { causes(l, CauseStarting) }) }, 6},
		"nobody knows":            {func(w *world) { w.s.Workload = Unknown[Workload]("no answer", w.s.At, "Kubernetes") }, 6},
	} {
		w := spike(14_200).workers(12).pulling(6)
		w.TwoPeople = TwoPeople{true, true, true, true, true, true, true, true}
		tt.edit(w)
		if got := classes(w.plan(tt.to, "back").Risks); !strings.Contains(got, string(RiskDownUnderLoad)) && w.s.Workload.Known() {
			t.Errorf("%s: got risks %q, want workers taken away under load among them", name, got)
		}
	}
}

func causes(l *Workload, cause PodCause) {
	for i := range l.Pods {
		if !l.Pods[i].Ready {
			l.Pods[i].Cause = cause
		}
	}
}

// what finds no room is not compared, and to ask for it takes two people.
func TestWhatFindsNoRoomIsNoAlternative(t *testing.T) {
	w := spike(14_200)
	w.s.Room = Known(Room{QuotaPods: -1, NodePods: 2}, w.s.At, "Kubernetes")
	w.TwoPeople = TwoPeople{NoRoom: true}
	plan := w.plan(9, "")
	if got := classes(plan.Risks); got != string(RiskRoom) {
		t.Errorf("got risks %q, want %s", got, RiskRoom)
	}
	for _, o := range append(plan.Alternatives, w.recommend().Options...) {
		if o.Replicas > 8 {
			t.Errorf("%d is compared, and only 2 more pods find room", o.Replicas)
		}
	}
	if got := classes(w.plan(8, "").Risks); got != "" {
		t.Errorf("8 find room: got risks %q, want none", got)
	}
	w.TwoPeople.NoRoom = false
	if plan := w.plan(9, ""); len(plan.Risks) != 0 {
		t.Errorf("the policy does not ask: got risks %v, want none", plan.Risks)
	}
}
