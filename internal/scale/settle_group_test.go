package scale

import (
	"strings"
	"testing"
	"time"
)

// placed is a change from 6 to 9 whose pods have addresses, each with so many consumers.
func placed(perPod int) *rollout {
	r := newRollout()
	before := spike(14_200).addressed().consumers(each(6, perPod)...)
	r.op.Before.Workload, r.op.Before.Group = before.s.Workload, before.s.Group
	return r
}

// members makes the nine pods ready with that many consumers each.
func (r *rollout) members(perPod ...int) *rollout {
	r.pods(3, func(*Pod) {})
	r.w.addressed().consumers(perPod...)
	r.w.s.Group.At = r.w.s.At
	return r
}

func TestT36StrangersDoNotMakeAChangeDone(t *testing.T) {
	r := placed(1)
	r.at(50*time.Second).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	r.w.strangers(3, "xact.audit")
	s := r.look()
	if s.Done || s.Rollout.Now.Members != 6 {
		t.Errorf("three strangers joined, ours never did: got done %v with %d members", s.Done, s.Rollout.Now.Members)
	}
	r.at(5*time.Minute).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	r.w.strangers(3, "xact.downloads.pending")
	s = r.look()
	if s.Done {
		t.Error("nor after minutes, when they read the same topic elsewhere: got done")
	}
	wantText(t, "who is missing", strings.Join(s.Rollout.Troubles, "\n"), "new-6: ready, but without a consumer in the group (T-36)", "3 members that run elsewhere read its topics too")
	r.at(11*time.Minute).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	wantText(t, "the deadline", r.look().Failed, "not settled after 10 min", "consumers on 6 of 9 pods")
}

func TestT36StrangersDoNotHoldAChangeUp(t *testing.T) {
	r := placed(1)
	r.w.s.Group.Value = r.op.Before.Group.Value
	// Three strangers were there before and have left: nine members of ours are enough.
	r.at(time.Minute).members(each(9, 1)...)
	if s := r.look(); !s.Done {
		t.Errorf("our nine consume: got %q", s.Rollout.Troubles)
	}
	r = placed(1)
	r.at(time.Minute).members(each(9, 1)...)
	r.w.strangers(4, "xact.audit")
	if s := r.look(); !s.Done || s.Rollout.Now.Members != 9 || len(s.Rollout.Troubles) != 0 {
		t.Errorf("our nine beside four strangers: got done %v, %d members, %q", s.Done, s.Rollout.Now.Members, s.Rollout.Troubles)
	}
}

// None of ours has joined, and before the change members could be matched with pods.
func TestT36OnlyStrangersAreLeft(t *testing.T) {
	r := placed(1)
	r.at(3 * time.Minute).members(each(9, 0)...)
	r.w.strangers(9, "xact.downloads.pending")
	if s := r.look(); s.Done || s.Rollout.Now.Members != 0 {
		t.Errorf("nine strangers for nine pods: got done %v with %d members", s.Done, s.Rollout.Now.Members)
	}
}

func TestSettlingWaitsForEveryConsumerOfAPod(t *testing.T) {
	r := placed(3)
	if s := r.at(50*time.Second).members(3, 3, 3, 3, 3, 3, 3, 3, 1).look(); s.Done {
		t.Error("one of three consumers of a pod: got done at once")
	}
	s := r.at(4*time.Minute).members(3, 3, 3, 3, 3, 3, 3, 3, 1).look()
	if !s.Done {
		t.Errorf("after minutes the rest is told and holds nothing up: got %q", s.Rollout.Troubles)
	}
	wantText(t, "told", strings.Join(s.Rollout.Troubles, "\n"), "new-8: 1 of 3 consumers in the group")
	if s := placed(3).at(50 * time.Second).members(each(9, 3)...).look(); !s.Done || s.Rollout.Now.Members != 27 {
		t.Errorf("27 consumers in 9 pods: got %+v", s)
	}
}

func TestMembersOfPodsThatAreGoneHoldAScaleDownUp(t *testing.T) {
	before := calmWorld().workers(9).addressed().consumers(each(9, 1)...)
	op := operation(before, 8)
	op.Before.Workload, op.Before.Group = before.s.Workload, before.s.Group
	look := func(after time.Duration, members ...int) Settlement {
		now := calmWorld().workers(8).addressed().consumers(members...)
		now.s.At = start.Add(after)
		now.s.Group.At, now.s.Workload.At, now.s.Lag.At = now.s.At, now.s.At, now.s.At
		return Settle(op, testPolicy(), now.s)
	}
	if s := look(time.Second, each(9, 1)...); s.Done || s.Rollout.Now.Members != 8 {
		t.Errorf("the member of the pod that went is still there: got done %v, %d members", s.Done, s.Rollout.Now.Members)
	}
	if s := look(20*time.Second, each(8, 1)...); !s.Done {
		t.Errorf("it has left: got %q", s.Rollout.Troubles)
	}
	op.Rollout.ReadyAt = start
	s := look(40*time.Second, each(9, 1)...)
	wantText(t, "what waits", strings.Join(s.Rollout.Troubles, "\n"), "2 partitions of 1 member that is gone wait until the session time-out")
}

// Behind address translation nobody can be matched: the count decides, and that is said.
func TestMembersThatCannotBeMatchedAreCounted(t *testing.T) {
	r := newRollout()
	r.at(time.Minute).members(each(9, 1)...)
	for i := range r.w.s.Group.Value.Members {
		r.w.s.Group.Value.Members[i].Host = "192.168.7.1"
	}
	s := r.look()
	if !s.Done {
		t.Fatalf("got %q", s.Rollout.Troubles)
	}
	wantText(t, "said", strings.Join(s.Rollout.Troubles, "\n"), "which members of the group are its own cannot be told")
}

func TestR115ReportTellsOursFromOthers(t *testing.T) {
	report := func(edit func(*world)) Check {
		before := spike(14_200).addressed().consumers(each(6, 1)...)
		op := operation(before, 9)
		op.Before.Workload, op.Before.Group = before.s.Workload, before.s.Group
		now := spike(900).workers(9).addressed().consumers(each(9, 1)...)
		edit(now)
		now.s.At = start
		return wantCheckAny(t, MakeReport(now.Component, now.Policy, op, 0, now.s, now.past).Checks, "R-115")
	}
	if c := report(func(*world) {}); c.Result != Pass {
		t.Errorf("got %s (%s)", c.Result, c.Note)
	}
	if c := report(func(w *world) { w.strangers(4, "xact.audit") }); c.Result != Pass {
		t.Errorf("beside strangers on another topic: got %s (%s)", c.Result, c.Note)
	}
	c := report(func(w *world) { w.consumers(each(8, 1)...) })
	if c.Result != Fail {
		t.Errorf("a pod without a consumer: got %s", c.Result)
	}
	wantText(t, "which", c.Note, "without a consumer in the group (T-36): download-worker-8")
	c = report(func(w *world) { w.strangers(1, "xact.downloads.pending") })
	if c.Result != Warn {
		t.Errorf("a stranger on the same topic: got %s", c.Result)
	}
	wantText(t, "who", c.Note, "1 member that runs elsewhere reads its topics too")
}

// wantCheckAny finds a check, whatever its result.
func wantCheckAny(t *testing.T, checks []Check, rule string) Check {
	t.Helper()
	c, ok := findCheck(checks, rule)
	if !ok {
		t.Fatalf("no check for %s", rule)
	}
	return c
}

func findCheck(checks []Check, rule string) (Check, bool) {
	for _, c := range checks {
		if c.Rule == rule {
			return c, true
		}
	}
	return Check{}, false
}

// Strangers that own partitions do not make pods that run into pods that work.
func TestVerdictCountsPodsThatWork(t *testing.T) {
	before := spike(14_200).addressed().consumers(each(6, 1)...)
	op := operation(before, 9)
	op.Before.Workload, op.Before.Group = before.s.Workload, before.s.Group
	now := spike(14_200).workers(9).addressed().consumers(each(6, 1)...)
	now.strangers(4, "xact.downloads.pending")
	r := MakeReport(now.Component, now.Policy, op, 0, now.s, now.past)
	if r.Verdict != VerdictNotApplied {
		t.Errorf("got %s (%s)", r.Verdict, r.Why)
	}
	wantText(t, "why", r.Why, "only 6 pods own partitions")
}

// A static member that has left and owns nothing is nobody's consumer: it does not stand in
// for one of ours that never joined.
func TestT36MembersThatAreAwayStandInForNobody(t *testing.T) {
	before := calmWorld().workers(6).consumers(each(6, 1)...)
	op := operation(before, 7)
	op.Before.Workload, op.Before.Group = before.s.Workload, before.s.Group
	now := calmWorld().workers(7).consumers(each(6, 1)...)
	now.s.Group.Value.Type = GroupConsumer
	for i := range now.s.Group.Value.Members {
		now.s.Group.Value.Members[i].Host = "10.9.9.9"
	}
	now.s.Group.Value.Members = append(now.s.Group.Value.Members, Member{ID: "gone", Host: "10.9.9.9", Instance: "w-7", Epoch: -2})
	now.s.At = start.Add(3 * time.Minute)
	now.s.Group.At, now.s.Workload.At, now.s.Lag.At = now.s.At, now.s.At, now.s.At
	if s := Settle(op, testPolicy(), now.s); s.Done || s.Rollout.Now.Members != 6 {
		t.Errorf("got done %v with %d members, want 6 that work and the seventh missing", s.Done, s.Rollout.Now.Members)
	}
}
