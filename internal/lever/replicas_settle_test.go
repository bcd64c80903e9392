package lever

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// rollout is a change from 6 to 9 written at start, looked at some time later.
type rollout struct {
	op ledger.Operation
	w  *measuretest.World
}

func newRollout() *rollout {
	w := measuretest.Spike(14_200)
	w.Now.At = scaletest.Start.Add(-time.Minute)
	return &rollout{op: operation(w, 9), w: measuretest.Spike(14_200)}
}

// at moves the world in time; everything is read at that moment.
func (r *rollout) at(after time.Duration) *rollout {
	now := scaletest.Start.Add(after)
	s := &r.w.Now
	s.At, s.Lag.At, s.Group.At, s.Workload.At, s.Owner.At = now, now, now, now, now
	s.Signals.Errors.At, s.Rates.At, s.Usage.At, s.Partitions.At = now, now, now, now
	return r
}

// pods makes 9 wanted, of which the old six and some new ones are ready.
func (r *rollout) pods(newReady int, edit func(*scale.Pod)) *rollout {
	r.w.Workers(9).Change(func(l *scale.Workload) {
		l.Ready = 6 + newReady
		for i := 6; i < 9; i++ {
			p := &l.Pods[i]
			p.Name, p.CreatedAt = fmt.Sprintf("new-%d", i), scaletest.Start.Add(time.Second)
			p.Ready, p.ReadyAt = i < 6+newReady, scaletest.Start.Add(40*time.Second)
			if !p.Ready {
				p.Phase, p.ReadyAt = "Pending", time.Time{}
				edit(p)
			}
		}
	})
	r.w.Now.Workload.At = r.w.Now.At
	return r
}

func (r *rollout) group(members int, state scale.GroupState) *rollout {
	r.w.Now.Group.Value = measuretest.GroupOf(members, 24)
	r.w.Now.Group.Value.State = state
	return r
}

func (r *rollout) look() Settlement {
	s := Of(r.op).Settle(measuretest.TestPolicy(), r.w.Now)
	r.op.Steps[0].Rollout = s.Rollout
	return s
}

func TestR034RolloutIsFollowedToItsEnd(t *testing.T) {
	r := newRollout()
	starting := func(p *scale.Pod) { p.Cause = scale.CauseStarting }
	s := r.at(10*time.Second).pods(0, starting).look()
	if s.Done || s.Failed != "" || s.Rollout.Now.Ready != 6 || s.Rollout.Now.Replicas != 9 || len(s.Rollout.Troubles) != 0 {
		t.Errorf("10 s: got %+v", s)
	}
	s = r.at(45*time.Second).pods(1, starting).group(7, "PreparingRebalance").look()
	if s.Done || !s.Rollout.FirstReadyAt.Equal(scaletest.Start.Add(40*time.Second)) || !s.Rollout.RebalanceAt.Equal(scaletest.Start.Add(45*time.Second)) {
		t.Errorf("45 s: got first ready %s, rebalance %s", s.Rollout.FirstReadyAt, s.Rollout.RebalanceAt)
	}
	s = r.at(55*time.Second).pods(3, starting).group(7, "PreparingRebalance").look()
	if s.Done || s.Rollout.ReadyAt.IsZero() {
		t.Errorf("T-36 ready pods without members: got done %v, ready at %s", s.Done, s.Rollout.ReadyAt)
	}
	s = r.at(70*time.Second).pods(3, starting).group(9, "Stable").look()
	if !s.Done || s.Failed != "" || !s.Rollout.StableAt.Equal(scaletest.Start.Add(70*time.Second)) || s.Rollout.Now.Rebalanced != 25*time.Second {
		t.Errorf("R-040 the end: got %+v", s)
	}
	if len(s.Rollout.Now.Spark) != 4 || s.Rollout.Now.Lag != 14_200 || s.Rollout.Now.Members != 9 {
		t.Errorf("progress: got %+v", s.Rollout.Now)
	}
}

func TestT37OldAndTerminatingPodsDoNotCount(t *testing.T) {
	r := newRollout().at(time.Minute).pods(2, func(*scale.Pod) {}).group(9, "Stable")
	r.w.Change(func(l *scale.Workload) {
		l.Pods = append(l.Pods, scale.Pod{Name: "old", Ready: true, Phase: "Running"}, scale.Pod{Name: "going", Ready: true, Current: true, Terminating: true})
		l.Ready = 9
	})
	if s := r.look(); s.Done || s.Rollout.Now.Ready != 8 {
		t.Errorf("got done %v with %d ready, want 8", s.Done, s.Rollout.Now.Ready)
	}
}

func TestR035LatePodsAndTheirEventsAreTold(t *testing.T) {
	r := newRollout()
	if s := r.at(60*time.Second).pods(0, func(*scale.Pod) {}).look(); len(s.Rollout.Troubles) != 0 {
		t.Errorf("60 s: got %q, want nothing yet", s.Rollout.Troubles)
	}
	s := r.at(62*time.Second).pods(0, func(*scale.Pod) {}).look()
	scaletest.WantText(t, "62 s", strings.Join(s.Rollout.Troubles, "\n"), "new-6 is not running after 60 s (R-035): pending")
	s = r.at(5*time.Second).pods(0, func(p *scale.Pod) {
		p.Trouble, p.Cause = "0/3 nodes are available: 3 Insufficient cpu", scale.CauseNodes
	}).look()
	if len(s.Rollout.Troubles) != 3 || s.Failed != "" {
		t.Errorf("an event is told at once: got %q, failed %q", s.Rollout.Troubles, s.Failed)
	}
	scaletest.WantText(t, "the event", s.Rollout.Troubles[0], "new-6: 0/3 nodes are available")
}

func TestR133SlowRebalanceIsTold(t *testing.T) {
	r := newRollout()
	r.at(50*time.Second).pods(3, func(*scale.Pod) {}).group(9, "PreparingRebalance").look()
	s := r.at(3*time.Minute).pods(3, func(*scale.Pod) {}).group(9, "PreparingRebalance").look()
	scaletest.WantText(t, "trouble", strings.Join(s.Rollout.Troubles, "\n"), "rebalance takes longer than 2 min (R-133)")
	s = r.at(3*time.Minute).pods(3, func(*scale.Pod) {}).group(7, "Stable").look()
	scaletest.WantText(t, "T-36", strings.Join(s.Rollout.Troubles, "\n"), "all 9 pods are ready, but the group has 7 members")
}

func TestSettleFailsAtTheDeadlineWithWhatIsMissing(t *testing.T) {
	r := newRollout()
	pending := func(p *scale.Pod) { p.Trouble, p.Cause = "image pull failed", scale.CauseImage }
	if s := r.at(9*time.Minute+59*time.Second).pods(1, pending).group(7, "Stable").look(); s.Failed != "" {
		t.Errorf("before the deadline: got %q", s.Failed)
	}
	s := r.at(10*time.Minute).pods(1, pending).group(7, "Stable").look()
	scaletest.WantText(t, "deadline", s.Failed, "not settled after 10 min", "7 of 9 pods ready", "group Stable with 7 members", "image pull failed")
	r = newRollout().at(10*time.Minute).pods(3, pending)
	r.w.Now.Group = scale.Unknown[scale.Group]("Kafka does not answer", r.w.Now.At, "Kafka")
	scaletest.WantText(t, "blind", r.look().Failed, "the group is unknown: Kafka does not answer")
	r = newRollout().at(10 * time.Minute)
	r.w.Now.Workload = scale.Unknown[scale.Workload]("not found", r.w.Now.At, "Kubernetes")
	scaletest.WantText(t, "gone", r.look().Failed, "the deployment cannot be read: not found")
}

func TestT01RevertedCountSaysByWhom(t *testing.T) {
	r := newRollout().at(20 * time.Second)
	r.w.Workers(6).Change(func(l *scale.Workload) { l.ReplicasBy = "kube-controller-manager" })
	r.w.Now.Workload.At = r.w.Now.At
	r.w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "dw-hpa"}
	s := r.look()
	if s.Rollout.RevertedTo != 6 || !s.Rollout.RevertedAt.Equal(scaletest.Start.Add(20*time.Second)) || s.Done {
		t.Errorf("got %+v", s.Rollout)
	}
	scaletest.WantText(t, "who", s.Failed, "set to 6 by HPA dw-hpa (kube-controller-manager)")

	r = newRollout().at(20 * time.Second)
	r.w.Workers(6)
	r.w.Now.Workload.At = scaletest.Start.Add(-time.Second)
	if s := r.look(); s.Failed != "" {
		t.Errorf("a reading from before the write: got %q, want no verdict", s.Failed)
	}
	r = newRollout().at(time.Minute).pods(3, func(*scale.Pod) {})
	r.w.Change(func(l *scale.Workload) { l.UID = "uid-2" })
	scaletest.WantText(t, "made anew", r.look().Failed, "made anew")
}

func TestSettleScaleDown(t *testing.T) {
	w := measuretest.CalmWorld().Workers(9)
	op := operation(w, 8)
	now := measuretest.CalmWorld().Workers(8)
	now.Now.Group.Value = measuretest.GroupOf(9, 24)
	now.Now.At = scaletest.Start.Add(time.Second)
	if s := Of(op).Settle(measuretest.TestPolicy(), now.Now); s.Done {
		t.Error("the leaving pod is still a member: got done")
	}
	now.Now.Group.Value = measuretest.GroupOf(8, 24)
	if s := Of(op).Settle(measuretest.TestPolicy(), now.Now); !s.Done || !s.Rollout.FirstReadyAt.IsZero() {
		t.Errorf("got %+v, want done", s)
	}
}

func TestSparkIsBounded(t *testing.T) {
	r := newRollout()
	for i := range 50 {
		r.at(time.Duration(i)*time.Second).pods(0, func(*scale.Pod) {}).look()
	}
	if got := len(r.op.Rollout().Now.Spark); got != measure.SparkPoints {
		t.Errorf("got %d, want %d", got, measure.SparkPoints)
	}
}

func TestForeignMembersDoNotHoldAChangeUp(t *testing.T) {
	r := newRollout()
	r.at(time.Minute).pods(3, func(*scale.Pod) {}).group(10, "Stable")
	if s := r.look(); s.Done {
		t.Error("10 members for 9 pods at once: got done")
	}
	s := r.at(3*time.Minute).pods(3, func(*scale.Pod) {}).group(10, "Stable").look()
	if !s.Done {
		t.Errorf("10 members for 9 pods after minutes: got %+v", s)
	}
	scaletest.WantText(t, "T-36 it is told", strings.Join(s.Rollout.Troubles, "\n"), "all 9 pods are ready, but the group has 10 members")
}

// the moments of a rollout are those that pods and the group tell, as long as they lie
// between the write and now; what was before the write, or is to come by another clock, is
// not taken for them.
func TestTheMomentsOfARolloutAreTheirOwn(t *testing.T) {
	at := func(s int) time.Time { return scaletest.Start.Add(time.Duration(s) * time.Second) }
	ready := func(seconds ...int) func(*rollout) {
		return func(r *rollout) {
			r.w.Change(func(l *scale.Workload) {
				for i, s := range seconds {
					l.Pods[6+i].ReadyAt = at(s)
				}
			})
		}
	}
	rebalanced := func(end int, took time.Duration) func(*rollout) {
		return func(r *rollout) {
			r.w.Now.Group.Value.LastRebalanceAt, r.w.Now.Group.Value.LastRebalance = at(end), took
		}
	}
	for name, c := range map[string]struct {
		edit                      func(*rollout)
		first, all, moved, stable int
	}{
		"the first and the last pod":            {ready(40, 30, 50), 30, 50, -1, 70},
		"the last pod comes first":              {ready(50, 40, 30), 30, 50, -1, 70},
		"a pod of another clock":                {ready(40, 30, 90), 30, 70, -1, 70},
		"pods that say nothing":                 {func(r *rollout) { r.w.Change(func(l *scale.Workload) { l.Pods = nil }) }, 70, 70, -1, 70},
		"pods ready before the write":           {ready(-5, -5, -5), 0, 70, -1, 70},
		"pods made before the write":            {func(r *rollout) { r.w.Change(func(l *scale.Workload) { old(l.Pods[6:], at(-3)) }) }, 70, 40, -1, 70},
		"a creation in whole seconds":           {func(r *rollout) { r.w.Change(func(l *scale.Workload) { old(l.Pods[6:], at(-2)) }) }, 40, 40, -1, 70},
		"a rebalance of this change":            {rebalanced(60, 20*time.Second), 40, 40, 40, 60},
		"one that began with the write":         {rebalanced(60, time.Minute), 40, 40, -1, 60},
		"one that ended before pods were ready": {rebalanced(35, 20*time.Second), 40, 40, 15, 70},
		"one that ended as the last was ready":  {rebalanced(40, 20*time.Second), 40, 40, 20, 70},
		"one before the write":                  {rebalanced(-60, 20*time.Second), 40, 40, -1, 70},
	} {
		r := newRollout().at(70*time.Second).pods(3, func(*scale.Pod) {}).group(9, "Stable")
		c.edit(r)
		got := r.look().Rollout
		moved := time.Time{}
		if c.moved >= 0 {
			moved = at(c.moved)
		}
		if !got.FirstReadyAt.Equal(at(c.first)) || !got.ReadyAt.Equal(at(c.all)) || !got.RebalanceAt.Equal(moved) || !got.StableAt.Equal(at(c.stable)) {
			t.Errorf("%s: got first ready %s, all %s, moved %s, stable %s", name, got.FirstReadyAt.Sub(scaletest.Start), got.ReadyAt.Sub(scaletest.Start), got.RebalanceAt.Sub(scaletest.Start), got.StableAt.Sub(scaletest.Start))
		}
	}
}

// old makes pods as old as that.
func old(pods []scale.Pod, made time.Time) {
	for i := range pods {
		pods[i].CreatedAt = made
	}
}

// R-036, T-37: a rollout is as far as all pods are now. Where one is lost again, or another
// count is wanted, it is not done, and is done anew later.
func TestReadyPodsThatAreLostAgainAreWaitedFor(t *testing.T) {
	for name, lose := range map[string]func(*scale.Workload){
		"a pod":                  func(l *scale.Workload) { l.Pods[8].Ready, l.Ready = false, 8 },
		"the controller's count": func(l *scale.Workload) { l.Ready = 8 },
		"a rollout begins":       func(l *scale.Workload) { l.Rolling = true },
		"it has not been seen":   func(l *scale.Workload) { l.Observed = false },
		"one is terminating":     func(l *scale.Workload) { l.Pods[8].Terminating = true },
	} {
		r := newRollout()
		if s := r.at(70*time.Second).pods(3, func(*scale.Pod) {}).group(9, "Stable").look(); !s.Done {
			t.Fatalf("%s: not done before: %q", name, s.Rollout.Troubles)
		}
		r.at(80 * time.Second).w.Change(lose)
		if s := r.look(); s.Done || !s.Rollout.ReadyAt.IsZero() || !s.Rollout.StableAt.IsZero() {
			t.Errorf("%s: got done %v, ready %s, stable %s, want neither", name, s.Done, s.Rollout.ReadyAt, s.Rollout.StableAt)
		}
		if s := r.at(90*time.Second).pods(3, func(*scale.Pod) {}).group(9, "Stable").look(); !s.Done || !s.Rollout.FirstReadyAt.Equal(scaletest.Start.Add(40*time.Second)) {
			t.Errorf("%s: back again: got done %v, first ready %s", name, s.Done, s.Rollout.FirstReadyAt)
		}
	}
	r := newRollout()
	r.at(70*time.Second).pods(3, func(*scale.Pod) {}).group(9, "Stable").look()
	if s := r.at(80*time.Second).group(8, "Stable").look(); s.Done || !s.Rollout.StableAt.IsZero() || s.Rollout.ReadyAt.IsZero() {
		t.Errorf("a member is lost: got done %v, stable %s", s.Done, s.Rollout.StableAt)
	}
}

// T-28: what cannot be read at a look is shown as unknown, and not as none.
func TestProgressThatCannotBeReadIsUnknown(t *testing.T) {
	r := newRollout().at(30*time.Second).pods(1, func(*scale.Pod) {})
	now := r.look().Rollout.Now
	if now.Replicas != 9 || now.Ready != 7 || now.Members != 6 || now.State != "Stable" || now.Lag != 14_200 || now.ErrorShare != 0.001 {
		t.Errorf("all is known: got %+v", now)
	}
	r.at(40 * time.Second)
	s := &r.w.Now
	s.Workload, s.Group, s.Lag = scale.Unknown[scale.Workload]("x", s.At, ""), scale.Unknown[scale.Group]("x", s.At, ""), scale.Unknown[scale.Lag]("x", s.At, "")
	s.Signals.Errors = scale.Unknown[scale.ErrorRate]("x", s.At, "")
	now = r.look().Rollout.Now
	if now.Replicas != -1 || now.Members != -1 || now.State != "" || now.Lag != -1 || now.ErrorShare != -1 || len(now.Spark) != 1 || !now.At.Equal(s.At) {
		t.Errorf("nothing is known: got %+v", now)
	}
}
