package lever

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// what is told of pods that are not ready, and that it is told of a few
// and counted of the rest.
func TestTroubleIsToldOfPods(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		edit  func(*scale.Pod)
		want  string
	}{
		"starting, in time":           {60 * time.Second, func(p *scale.Pod) { p.Cause, p.Trouble = scale.CauseStarting, "ContainerCreating" }, ""},
		"starting, late":              {62 * time.Second, func(p *scale.Pod) { p.Cause, p.Trouble = scale.CauseStarting, "ContainerCreating" }, "new-6 is not running after 60 s (R-035): ContainerCreating"},
		"runs, late":                  {62 * time.Second, func(p *scale.Pod) { p.Phase = "Running" }, "new-6 runs but is not ready after 60 s (R-035)"},
		"runs, in time":               {61 * time.Second, func(p *scale.Pod) { p.Phase = "Running" }, ""},
		"late, for no reason":         {62 * time.Second, func(p *scale.Pod) { p.Phase = "" }, "new-6 is not running after 60 s (R-035)"},
		"a trouble, at once":          {5 * time.Second, func(p *scale.Pod) { p.Cause, p.Trouble = scale.CauseNodes, "no room." }, "new-6: no room"},
		"a trouble of unknown kind":   {5 * time.Second, func(p *scale.Pod) { p.Trouble = "odd" }, "new-6: odd"},
		"made before the write, late": {61 * time.Second, func(p *scale.Pod) { p.CreatedAt = scaletest.Start.Add(-time.Hour) }, "new-6 is not running after 60 s (R-035): pending"},
		"made before it, in time":     {60 * time.Second, func(p *scale.Pod) { p.CreatedAt = scaletest.Start.Add(-time.Hour) }, ""},
	} {
		r := newRollout().at(c.after).pods(0, c.edit).group(6, "Stable")
		got := r.look().Rollout.Troubles
		if first := strings.Join(got[:min(1, len(got))], ""); first != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	p := measuretest.TestPolicy()
	p.Rollout.PodsLate = 0
	r := newRollout().at(5*time.Minute).pods(0, func(*scale.Pod) {})
	if got := Of(r.op).Settle(p, r.w.Now).Rollout.Troubles; len(got) != 0 {
		t.Errorf("no time is set: got %q", got)
	}
	r = newRollout().at(time.Second)
	r.w.Now.Workload = scale.Unknown[scale.Workload]("forbidden", r.w.Now.At, "Kubernetes")
	scaletest.WantText(t, "unknown", strings.Join(r.look().Rollout.Troubles, "\n"), "the deployment cannot be read: forbidden")
}

// A card names six pods in trouble and counts what is beyond.
func TestTroubleBeyondSixPodsIsCounted(t *testing.T) {
	for stuck, want := range map[int]string{6: "", 7: "1 more pod with trouble", 8: "2 more pods with trouble"} {
		w := measuretest.CalmWorld().Workers(14).Pulling(14 - stuck)
		now := w.Now
		op := operation(measuretest.CalmWorld(), 14)
		got := Of(op).Settle(measuretest.TestPolicy(), now).Rollout.Troubles
		named := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return !strings.HasPrefix(s, "download-worker-") })
		more := slices.DeleteFunc(slices.Clone(got), func(s string) bool { return !strings.HasSuffix(s, "with trouble") })
		if len(named) != 6 || strings.Join(more, "") != want {
			t.Errorf("%d in trouble: got %q, want six and %q", stuck, got, want)
		}
	}
}

// A deployment that was made anew is another one; where the id of either is not known, or
// nobody saw it before, that is not concluded.
func TestADeploymentMadeAnewEndsTheChange(t *testing.T) {
	for name, c := range map[string]struct {
		before, now string
		seen, want  bool
	}{
		"the same":       {"a", "a", true, false},
		"another":        {"a", "b", true, true},
		"unknown before": {"", "b", true, false},
		"unknown now":    {"a", "", true, false},
		"nobody saw it":  {"a", "b", false, false},
	} {
		r := newRollout().at(time.Minute).pods(3, func(*scale.Pod) {}).group(9, "Stable")
		r.op.Before.Workload.Value.UID = c.before
		if !c.seen {
			r.op.Before.Workload.Err = "no answer"
		}
		r.w.Change(func(l *scale.Workload) { l.UID = c.now })
		if got := r.look().Failed; (got == "the deployment was deleted and made anew while the change took effect") != c.want {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// The deadline ends a change that is not done, and says what is missing; without a deadline,
// and for one that is done, it does not.
func TestTheDeadlineEndsOnlyWhatIsNotDone(t *testing.T) {
	r := newRollout().at(20*time.Minute).pods(3, func(*scale.Pod) {}).group(9, "Stable")
	if s := r.look(); !s.Done || s.Failed != "" {
		t.Errorf("done as it is looked at: got done %v, %q", s.Done, s.Failed)
	}
	r = newRollout().at(20*time.Minute).pods(3, func(*scale.Pod) {}).group(8, "Stable")
	if got, want := r.look().Failed, "not settled after 10 min: 9 of 9 pods ready, group Stable with 8 members; all 9 pods are ready, but the group has 8 members (T-36)"; !strings.HasPrefix(got, "not settled after 10 min: 9 of 9 pods ready, group Stable with 8 members") {
		t.Errorf("got %q, want %q", got, want)
	}
	r = newRollout().at(20*time.Minute).pods(2, func(p *scale.Pod) { p.Trouble, p.Cause = "no image", scale.CauseImage }).group(8, "Stable")
	if got, want := r.look().Failed, "not settled after 10 min: 8 of 9 pods ready, group Stable with 8 members; new-8: no image"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	p := measuretest.TestPolicy()
	p.Rollout.Deadline = 0
	if s := Of(r.op).Settle(p, r.w.Now); s.Failed != "" {
		t.Errorf("no deadline: got %q", s.Failed)
	}
}

// T-01: when a count was first seen undone stands, whatever is seen after it.
func TestTheMomentOfARevertStands(t *testing.T) {
	r := newRollout()
	for _, after := range []time.Duration{20 * time.Second, 40 * time.Second} {
		r.at(after).w.Workers(6)
		r.w.Now.Workload.At = r.w.Now.At
		s := r.look()
		if s.Done || s.Failed == "" || !s.Rollout.RevertedAt.Equal(scaletest.Start.Add(20*time.Second)) || s.Rollout.RevertedTo != 6 {
			t.Errorf("%s: got done %v, %q, reverted at %s to %d", after, s.Done, s.Failed, s.Rollout.RevertedAt.Sub(scaletest.Start), s.Rollout.RevertedTo)
		}
	}
}

// T-36, R-133: what is told of the group: nothing for the time of a rebalance, then who is
// missing; a rebalance only once it is late; and once it is stable that members were only
// counted, where both sides have addresses.
func TestTroubleIsToldOfTheGroup(t *testing.T) {
	behind := func(r *rollout) {
		r.w.Addressed()
		for i := range r.w.Now.Group.Value.Members {
			r.w.Now.Group.Value.Members[i].Host = "192.168.7.1"
		}
	}
	counted := "which members of the group are its own cannot be told, none has the address or the name of a pod; they were only counted"
	for name, c := range map[string]struct {
		after   time.Duration
		members int
		state   scale.GroupState
		edit    func(*rollout)
		want    string
	}{
		"members are missing, in time":    {70 * time.Second, 8, "Stable", nil, ""},
		"members are missing":             {71 * time.Second, 8, "Stable", nil, "all 9 pods are ready, but the group has 8 members (T-36)"},
		"one member":                      {71 * time.Second, 1, "Stable", nil, "all 9 pods are ready, but the group has 1 member (T-36)"},
		"moves, as long as it may":        {160 * time.Second, 9, "PreparingRebalance", nil, ""},
		"moves for too long":              {161 * time.Second, 9, "PreparingRebalance", nil, "the rebalance takes longer than 2 min (R-133)"},
		"stable, and only counted":        {70 * time.Second, 9, "Stable", behind, counted},
		"stable, and pods say no address": {70 * time.Second, 9, "Stable", func(r *rollout) { behind(r); r.w.Change(func(l *scale.Workload) { noIPs(l.Pods) }) }, ""},
		"stable, one member says none":    {70 * time.Second, 9, "Stable", func(r *rollout) { behind(r); r.w.Now.Group.Value.Members[4].Host = "" }, ""},
		"moves, and only counted":         {70 * time.Second, 9, "PreparingRebalance", behind, ""},
	} {
		r := newRollout()
		r.at(40*time.Second).pods(3, func(*scale.Pod) {}).group(9, "PreparingRebalance").look()
		r.at(c.after).pods(3, func(*scale.Pod) {}).group(c.members, c.state)
		if c.edit != nil {
			c.edit(r)
		}
		if got := strings.Join(r.look().Rollout.Troubles, "\n"); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func noIPs(pods []scale.Pod) {
	for i := range pods {
		pods[i].IPs = nil
	}
}

// Of pods without their consumers a few are named, and who else is there comes last.
func TestMissingConsumersAreNamedByPod(t *testing.T) {
	r := placed(2)
	r.at(50*time.Second).members(2, 2, 2, 2, 2, 2, 0, 0, 0).look()
	r.at(3*time.Minute).members(2, 2, 2, 2, 2, 2, 1, 0, 0)
	r.w.Strangers(1, "xact.downloads.pending")
	want := []string{
		"new-6: 1 of 2 consumers in the group", "new-7: ready, but without a consumer in the group (T-36)", "new-8: ready, but without a consumer in the group (T-36)",
		"1 member that runs elsewhere reads its topics too"}
	if got := r.look().Rollout.Troubles; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	r.members(2, 0, 0, 0, 0, 0, 0, 0, 0)
	if got := r.look().Rollout.Troubles; len(got) != maxTroubles {
		t.Errorf("eight without a consumer: got %q, want %d", got, maxTroubles)
	}
}

// R-133, T-36: after the time a rebalance may take, missing consumers hold a change up no
// longer where every pod has one, and strangers do not where nobody can be told apart.
func TestWhatHoldsAChangeUpForEver(t *testing.T) {
	for name, c := range map[string]struct {
		after time.Duration
		setup func(time.Duration) *rollout
		want  bool
	}{
		"one of three is missing, in time": {159 * time.Second, func(d time.Duration) *rollout { return placed(3).at(d).members(3, 3, 3, 3, 3, 3, 3, 3, 1) }, false},
		"one of three is missing":          {160 * time.Second, func(d time.Duration) *rollout { return placed(3).at(d).members(3, 3, 3, 3, 3, 3, 3, 3, 1) }, true},
		"all of a pod are missing":         {5 * time.Minute, func(d time.Duration) *rollout { return placed(3).at(d).members(3, 3, 3, 3, 3, 3, 3, 3, 0) }, false},
		"one member too many": {5 * time.Minute, func(d time.Duration) *rollout {
			return newRollout().at(d).pods(3, func(*scale.Pod) {}).group(10, "Stable")
		}, true},
		"one member too many, in time": {150 * time.Second, func(d time.Duration) *rollout {
			return newRollout().at(d).pods(3, func(*scale.Pod) {}).group(10, "Stable")
		}, false},
		"one member too few": {5 * time.Minute, func(d time.Duration) *rollout {
			return newRollout().at(d).pods(3, func(*scale.Pod) {}).group(8, "Stable")
		}, false},
		"the group is not stable": {5 * time.Minute, func(d time.Duration) *rollout {
			return newRollout().at(d).pods(3, func(*scale.Pod) {}).group(10, "PreparingRebalance")
		}, false},
	} {
		if s := c.setup(c.after).look(); s.Done != c.want {
			t.Errorf("%s: got done %v (%q)", name, s.Done, s.Rollout.Troubles)
		}
	}
}
