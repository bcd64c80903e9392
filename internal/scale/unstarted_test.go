package scale

import (
	"strings"
	"testing"
	"time"
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
	if plan.Now.Busiest != 4 || plan.After.Busiest != 4 {
		t.Errorf("got %d partitions on the busiest of the six that run, and %d after it, want 4 and 4", plan.Now.Busiest, plan.After.Busiest)
	}
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

// The way back is not blamed for a lag that it did nothing to: no worker went.
func TestTheWayBackFromPodsThatNeverRanIsNotHarmful(t *testing.T) {
	for name, tt := range map[string]struct {
		running int
		want    Verdict
	}{
		"none of those that went had run": {6, VerdictHolds},
		"one of them had":                 {7, VerdictHarmful},
	} {
		l := changed(6 * time.Minute)
		before := spike(14_200).workers(12).pulling(tt.running)
		l.op.Change, l.op.Before = Replicas{From: 12, To: 6}, before.s
		l.w.workers(6).lag(300_000)
		l.w.s.Group.Value = groupOf(6, 24)
		l.falling(20)
		j := lookBack(l.w.Component, l.w.Policy, l.op, l.w.s, l.w.past).judgeDown()
		if j.verdict != tt.want || j.rollBack != (tt.want == VerdictHarmful) {
			t.Errorf("%s: got %s (%s), way back offered %v, want %s", name, j.verdict, j.why, j.rollBack, tt.want)
		}
		if tt.want == VerdictHolds {
			wantText(t, name, j.why, "the pods that went never ran, so that nothing was lost", "300,000")
			wantText(t, name, j.next, "why the new pods did not start")
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

// that some pods do not run as it is makes no room for others.
func TestRoomIsAFactWhilePodsHang(t *testing.T) {
	for name, cause := range map[string]PodCause{"no room on the nodes": CauseNodes, "no image": CauseImage, "crashing": CauseCrash} {
		w := spike(14_200).workers(9).pulling(6).change(func(l *Workload) { causes(l, cause) })
		w.s.Room = Known(Room{QuotaPods: -1, NodePods: 0}, w.s.At, "Kubernetes")
		w.TwoPeople = TwoPeople{NoRoom: true}
		if got := classes(w.plan(12, "").Risks); got != string(RiskRoom) {
			t.Errorf("%s: got risks %q, want %s: nothing fits", name, got, RiskRoom)
		}
		for _, o := range w.recommend().Options {
			if o.Replicas > 9 {
				t.Errorf("%s: %d is compared, and no pod more finds room", name, o.Replicas)
			}
		}
	}
}

// how many of the wanted pods never ran, and how many do not come by
// themselves, whatever keeps them away and whether there is a pod to look at or not.
func TestPodsThatDoNotComeByThemselvesAreCounted(t *testing.T) {
	refused := func(cause PodCause, pods int) func(*Workload) {
		return func(l *Workload) { l.Pods, l.Stuck, l.StuckCause = l.Pods[:pods], "it says no", cause }
	}
	unready := func(cause PodCause) func(*Workload) { return func(l *Workload) { causes(l, cause) } }
	for name, tt := range map[string]struct {
		edit              func(*Workload)
		unstarted, absent int
	}{
		"no room on the nodes":                     {unready(CauseNodes), 6, 6},
		"no image":                                 {unready(CauseImage), 6, 6},
		"pods over the quota":                      {unready(CauseQuota), 6, 6},
		"pods that are refused":                    {unready(CauseRefused), 6, 6},
		"killed for memory":                        {unready(CauseMemory), 0, 6},
		"crashing":                                 {unready(CauseCrash), 0, 6},
		"only starting":                            {unready(CauseStarting), 0, 0},
		"for another reason":                       {unready(CauseOther), 0, 0},
		"the quota made no pod at all":             {refused(CauseQuota, 6), 6, 6},
		"a policy refused some, others only start": {func(l *Workload) { causes(l, CauseStarting); refused(CauseRefused, 9)(l) }, 3, 6},
		"the deadline of the rollout passed":       {func(l *Workload) { causes(l, CauseOther); l.Stuck, l.StuckCause = "late", CauseOther }, 0, 6},
		"nobody listed the pods":                   {func(l *Workload) { refused(CauseQuota, 0)(l) }, 6, 6},
		"ready pods with a trouble of before":      {func(l *Workload) { l.Desired = 6; l.Pods = l.Pods[:6]; l.Pods[0].Cause = CauseImage }, 0, 0},
		"a lower count, the others still go":       {func(l *Workload) { l.Desired = 8 }, 2, 2},
		"enough are ready":                         {func(l *Workload) { l.Desired = 6 }, 0, 0},
		"more are ready than are wanted":           {func(l *Workload) { l.Desired = 4 }, 0, 0},
	} {
		w := calmWorld().workers(12).pulling(6).change(tt.edit).s.Workload.Value
		if got := w.unstarted(); got != tt.unstarted {
			t.Errorf("%s: got %d that never ran, want %d", name, got, tt.unstarted)
		}
		if got := w.absent(); got != tt.absent {
			t.Errorf("%s: got %d that do not come, want %d", name, got, tt.absent)
		}
	}
}

// The way back is offered while a scale-up hangs: not before the write or after the rollout,
// not for a scale-down, and not as long as pods only take their time.
func TestOnlyAScaleUpThatStandsStillHangs(t *testing.T) {
	for name, tt := range map[string]struct {
		state     State
		from, to  int
		unstarted int
		want      bool
	}{
		"pods never start":         {Settling, 6, 12, 6, true},
		"one of them":              {Settling, 6, 12, 1, true},
		"all do":                   {Settling, 6, 12, 0, false},
		"not written yet":          {Proposed, 6, 12, 6, false},
		"over, and watched":        {Watching, 6, 12, 6, false},
		"fewer, and old pods hang": {Settling, 12, 9, 3, false},
	} {
		op := Operation{Change: Replicas{From: tt.from, To: tt.to}, Events: []Event{{State: tt.state}}}
		op.Rollout.Now.Unstarted = tt.unstarted
		if got := op.Hangs(); got != tt.want {
			t.Errorf("%s: got %v, want %v", name, got, tt.want)
		}
	}
}

// In the middle of a rollout that hangs, old pods still work: they count, and a lower count
// takes some of them, because a Deployment spreads it over all its ReplicaSets.
func TestOldPodsThatWorkAreCapacity(t *testing.T) {
	w := spike(14_200).workers(12).change(func(l *Workload) {
		l.Desired, l.Ready, l.Updated, l.Rolling = 9, 7, 5, true
		for i := range l.Pods {
			if l.Pods[i].Current = i >= 7; l.Pods[i].Current {
				l.Pods[i].Ready, l.Pods[i].Cause, l.Pods[i].Trouble = false, CauseImage, "ImagePullBackOff"
			}
		}
	})
	w.s.Group.Value = groupOf(7, 24)
	w.TwoPeople = TwoPeople{true, true, true, true, true, true, true, true}
	if l := w.s.Workload.Value; l.unstarted() != 2 || l.absent() != 2 {
		t.Errorf("got %d that never ran and %d that do not come, want 2: seven of nine work", l.unstarted(), l.absent())
	}
	plan := w.plan(7, "back")
	if got := classes(plan.Risks); !strings.Contains(got, string(RiskDownUnderLoad)) {
		t.Errorf("got risks %q, want workers taken away under load among them", got)
	}
	if notes := strings.Join(plan.Notes, "\n"); strings.Contains(notes, "nothing is lost") {
		t.Errorf("got %q, want nothing of that: pods that work may go", notes)
	}
	stuck := w.change(func(l *Workload) { l.Stuck, l.StuckCause = "exceeded quota", CauseQuota }).s.Workload.Value
	if stuck.unstarted() != 2 || stuck.absent() != 2 {
		t.Errorf("over the quota: got %d that never ran and %d that do not come, want 2", stuck.unstarted(), stuck.absent())
	}
}
