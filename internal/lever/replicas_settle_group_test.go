package lever

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// placed is a change from 6 to 9 whose pods have addresses, each with so many consumers.
func placed(perPod int) *rollout {
	r := newRollout()
	before := measuretest.Spike(14_200).Addressed().Consumers(measuretest.Each(6, perPod)...)
	r.op.Before.Workload, r.op.Before.Group = before.Now.Workload, before.Now.Group
	return r
}

// members makes the nine pods ready with that many consumers each.
func (r *rollout) members(perPod ...int) *rollout {
	r.pods(3, func(*scale.Pod) {})
	r.w.Addressed().Consumers(perPod...)
	r.w.Now.Group.At = r.w.Now.At
	return r
}

func TestT36StrangersDoNotMakeAChangeDone(t *testing.T) {
	r := placed(1)
	r.at(50*time.Second).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	r.w.Strangers(3, "xact.audit")
	s := r.look()
	if s.Done || s.Rollout.Now.Members != 6 {
		t.Errorf("three strangers joined, ours never did: got done %v with %d members", s.Done, s.Rollout.Now.Members)
	}
	r.at(5*time.Minute).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	r.w.Strangers(3, "xact.downloads.pending")
	s = r.look()
	if s.Done {
		t.Error("nor after minutes, when they read the same topic elsewhere: got done")
	}
	scaletest.WantText(t, "who is missing", strings.Join(s.Rollout.Troubles, "\n"), "new-6: ready, but without a consumer in the group (T-36)", "3 members that run elsewhere read its topics too")
	r.at(11*time.Minute).members(1, 1, 1, 1, 1, 1, 0, 0, 0)
	scaletest.WantText(t, "the deadline", r.look().Failed, "not settled after 10 min", "consumers on 6 of 9 pods")
}

func TestT36StrangersDoNotHoldAChangeUp(t *testing.T) {
	r := placed(1)
	r.w.Now.Group.Value = r.op.Before.Group.Value
	// Three strangers were there before and have left: nine members of ours are enough.
	r.at(time.Minute).members(measuretest.Each(9, 1)...)
	if s := r.look(); !s.Done {
		t.Errorf("our nine consume: got %q", s.Rollout.Troubles)
	}
	r = placed(1)
	r.at(time.Minute).members(measuretest.Each(9, 1)...)
	r.w.Strangers(4, "xact.audit")
	if s := r.look(); !s.Done || s.Rollout.Now.Members != 9 || len(s.Rollout.Troubles) != 0 {
		t.Errorf("our nine beside four strangers: got done %v, %d members, %q", s.Done, s.Rollout.Now.Members, s.Rollout.Troubles)
	}
}

// None of ours has joined, and before the change members could be matched with pods.
func TestT36OnlyStrangersAreLeft(t *testing.T) {
	r := placed(1)
	r.at(3 * time.Minute).members(measuretest.Each(9, 0)...)
	r.w.Strangers(9, "xact.downloads.pending")
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
	scaletest.WantText(t, "told", strings.Join(s.Rollout.Troubles, "\n"), "new-8: 1 of 3 consumers in the group")
	if s := placed(3).at(50 * time.Second).members(measuretest.Each(9, 3)...).look(); !s.Done || s.Rollout.Now.Members != 27 {
		t.Errorf("27 consumers in 9 pods: got %+v", s)
	}
}

func TestMembersOfPodsThatAreGoneHoldAScaleDownUp(t *testing.T) {
	before := measuretest.CalmWorld().Workers(9).Addressed().Consumers(measuretest.Each(9, 1)...)
	op := operation(before, 8)
	op.Before.Workload, op.Before.Group = before.Now.Workload, before.Now.Group
	look := func(after time.Duration, members ...int) Settlement {
		now := measuretest.CalmWorld().Workers(8).Addressed().Consumers(members...)
		now.Now.At = scaletest.Start.Add(after)
		now.Now.Group.At, now.Now.Workload.At, now.Now.Lag.At = now.Now.At, now.Now.At, now.Now.At
		return Of(op).Settle(measuretest.TestPolicy(), now.Now)
	}
	if s := look(time.Second, measuretest.Each(9, 1)...); s.Done || s.Rollout.Now.Members != 8 {
		t.Errorf("the member of the pod that went is still there: got done %v, %d members", s.Done, s.Rollout.Now.Members)
	}
	if s := look(20*time.Second, measuretest.Each(8, 1)...); !s.Done {
		t.Errorf("it has left: got %q", s.Rollout.Troubles)
	}
	op.Steps[0].Rollout.ReadyAt = scaletest.Start
	s := look(40*time.Second, measuretest.Each(9, 1)...)
	scaletest.WantText(t, "what waits", strings.Join(s.Rollout.Troubles, "\n"), "2 partitions of 1 member that is gone wait until the session time-out")
}

// Behind address translation nobody can be matched: the count decides, and that is said.
func TestMembersThatCannotBeMatchedAreCounted(t *testing.T) {
	r := newRollout()
	r.at(time.Minute).members(measuretest.Each(9, 1)...)
	for i := range r.w.Now.Group.Value.Members {
		r.w.Now.Group.Value.Members[i].Host = "192.168.7.1"
	}
	s := r.look()
	if !s.Done {
		t.Fatalf("got %q", s.Rollout.Troubles)
	}
	scaletest.WantText(t, "said", strings.Join(s.Rollout.Troubles, "\n"), "which members of the group are its own cannot be told")
}

func TestR115ReportTellsOursFromOthers(t *testing.T) {
	report := func(edit func(*measuretest.World)) scale.Check {
		before := measuretest.Spike(14_200).Addressed().Consumers(measuretest.Each(6, 1)...)
		op := operation(before, 9)
		op.Before.Workload, op.Before.Group = before.Now.Workload, before.Now.Group
		now := measuretest.Spike(900).Workers(9).Addressed().Consumers(measuretest.Each(9, 1)...)
		edit(now)
		now.Now.At = scaletest.Start
		return wantCheckAny(t, Of(op).Report(now.Component, now.Policy, 0, now.Now, now.Past).Checks, "R-115")
	}
	if c := report(func(*measuretest.World) {}); c.Result != scale.Pass {
		t.Errorf("got %s (%s)", c.Result, c.Note)
	}
	if c := report(func(w *measuretest.World) { w.Strangers(4, "xact.audit") }); c.Result != scale.Pass {
		t.Errorf("beside strangers on another topic: got %s (%s)", c.Result, c.Note)
	}
	c := report(func(w *measuretest.World) { w.Consumers(measuretest.Each(8, 1)...) })
	if c.Result != scale.Fail {
		t.Errorf("a pod without a consumer: got %s", c.Result)
	}
	scaletest.WantText(t, "which", c.Note, "without a consumer in the group (T-36): download-worker-8")
	c = report(func(w *measuretest.World) { w.Strangers(1, "xact.downloads.pending") })
	if c.Result != scale.Warn {
		t.Errorf("a stranger on the same topic: got %s", c.Result)
	}
	scaletest.WantText(t, "who", c.Note, "1 member that runs elsewhere reads its topics too")
}

// wantCheckAny finds a check, whatever its result.
func wantCheckAny(t *testing.T, checks []scale.Check, rule scale.Rule) scale.Check {
	t.Helper()
	c, ok := findCheck(checks, rule)
	if !ok {
		t.Fatalf("no check for %s", rule)
	}
	return c
}

func findCheck(checks []scale.Check, rule scale.Rule) (scale.Check, bool) {
	for _, c := range checks {
		if c.Rule == rule {
			return c, true
		}
	}
	return scale.Check{}, false
}

// Strangers that own partitions do not make pods that run into pods that work.
func TestVerdictCountsPodsThatWork(t *testing.T) {
	before := measuretest.Spike(14_200).Addressed().Consumers(measuretest.Each(6, 1)...)
	op := operation(before, 9)
	op.Before.Workload, op.Before.Group = before.Now.Workload, before.Now.Group
	now := measuretest.Spike(14_200).Workers(9).Addressed().Consumers(measuretest.Each(6, 1)...)
	now.Strangers(4, "xact.downloads.pending")
	r := Of(op).Report(now.Component, now.Policy, 0, now.Now, now.Past)
	if r.Verdict != scale.VerdictNotApplied {
		t.Errorf("got %s (%s)", r.Verdict, r.Why)
	}
	scaletest.WantText(t, "why", r.Why, "only 6 pods own partitions")
}

// A static member that has left and owns nothing is nobody's consumer: it does not stand in
// for one of ours that never joined.
func TestT36MembersThatAreAwayStandInForNobody(t *testing.T) {
	before := measuretest.CalmWorld().Workers(6).Consumers(measuretest.Each(6, 1)...)
	op := operation(before, 7)
	op.Before.Workload, op.Before.Group = before.Now.Workload, before.Now.Group
	now := measuretest.CalmWorld().Workers(7).Consumers(measuretest.Each(6, 1)...)
	now.Now.Group.Value.Type = scale.GroupConsumer
	for i := range now.Now.Group.Value.Members {
		now.Now.Group.Value.Members[i].Host = "10.9.9.9"
	}
	now.Now.Group.Value.Members = append(now.Now.Group.Value.Members, scale.Member{ID: "gone", Host: "10.9.9.9", Instance: "w-7", Epoch: -2})
	now.Now.At = scaletest.Start.Add(3 * time.Minute)
	now.Now.Group.At, now.Now.Workload.At, now.Now.Lag.At = now.Now.At, now.Now.At, now.Now.At
	if s := Of(op).Settle(measuretest.TestPolicy(), now.Now); s.Done || s.Rollout.Now.Members != 6 {
		t.Errorf("got done %v with %d members, want 6 that work and the seventh missing", s.Done, s.Rollout.Now.Members)
	}
}
