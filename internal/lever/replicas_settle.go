package lever

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// Settle judges a rollout by one more reading (R-034 to R-040, T-36, T-37). Ready pods are not
// enough: the consumers of each have to be in the group, and the group has to be stable. Members
// of other components do not matter.
func (r replicas) Settle(p scale.Policy, now scale.Snapshot) Settlement {
	s := newSettling(r, p, now)
	s.observe()
	s.followPods()
	s.followGroup()
	s.r.Now.Rebalanced = s.rebalanced()
	s.r.Troubles = s.troubles()
	failed := s.failed()
	done := failed == "" && !s.r.ReadyAt.IsZero() && !s.r.StableAt.IsZero()
	return Settlement{Rollout: s.r, Done: done, Failed: failed}
}

// settling is one reading of a rollout.
type settling struct {
	replicas
	p   scale.Policy
	now scale.Snapshot
	r   ledger.Rollout
	// consumers are the sorted members of the group, perPod how many of them one pod runs.
	consumers scale.Reading[measure.Consumers]
	perPod    int
}

func newSettling(r replicas, p scale.Policy, now scale.Snapshot) settling {
	s := settling{replicas: r, p: p, now: now.Current(p.Times.Stale), r: r.op.Rollout()}
	s.consumers = scale.With(measure.ConsumersSince(scale.Component{}, r.op.Before, s.now), func(c measure.Consumers) measure.Consumers {
		// No member had a reason to leave before the write.
		c.Session = c.Session.Since(s.r.WrittenAt, now.At)
		return c
	})
	perPod := measure.PerPodAmong(scale.Component{}, s.now, s.consumers)
	if !perPod.Known() {
		perPod = measure.PerPod(scale.Component{}, r.op.Before)
	}
	n, _ := perPod.Get()
	s.perPod = max(1, n)
	return s
}

// observe sets the progress of this reading and appends its lag to the lag line.
func (s *settling) observe() {
	r, now := &s.r, s.now
	spark := r.Now.Spark
	r.Now = ledger.Progress{At: now.At, Replicas: -1, Members: -1, Lag: -1, ErrorShare: -1}
	if w, ok := now.Workload.Get(); ok {
		r.Now.Ready, r.Now.Replicas, r.Now.Unstarted = w.ReadyPods(), w.Desired, w.Unstarted()
	}
	if c, ok := s.consumers.Get(); ok {
		r.Now.Members, r.Now.State = len(c.Own), c.State
	}
	if e, ok := now.Signals.Errors.Get(); ok {
		r.Now.ErrorShare = e.Share
	}
	if lag, ok := now.Lag.Get(); ok {
		r.Now.Lag = lag.Total
		spark = append(slices.Clone(spark), lag.Total)
	}
	r.Now.Spark = spark[max(0, len(spark)-measure.SparkPoints):]
}

// followPods records when the first new pod and when all pods were ready.
func (s *settling) followPods() {
	w, known := s.now.Workload.Get()
	if !known {
		return
	}
	if s.r.FirstReadyAt.IsZero() && !s.do.Down() {
		s.r.FirstReadyAt = s.firstReady(w)
	}
	all := w.Settled() && w.Desired == s.do.To && w.ReadyPods() == s.do.To
	switch {
	case !all:
		s.r.ReadyAt, s.r.StableAt = time.Time{}, time.Time{}
	case s.r.ReadyAt.IsZero():
		s.r.ReadyAt = s.lastReady(w)
	}
}

// firstReady is when the first pod made after the write was ready.
func (s *settling) firstReady(w scale.Workload) time.Time {
	var first time.Time
	for _, p := range w.Counted() {
		if !p.Ready || p.CreatedAt.Before(s.r.WrittenAt.Add(-createdSlack)) {
			continue
		}
		at := s.moment(p.ReadyAt)
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if first.IsZero() && w.ReadyPods() > s.do.From {
		return s.now.At
	}
	return first
}

// createdSlack tolerates that a creation time, which is in whole seconds, seems earlier than the
// write.
const createdSlack = 2 * time.Second

// lastReady is when the last of the pods became ready, as far as the pods report it.
func (s *settling) lastReady(w scale.Workload) time.Time {
	var last time.Time
	for _, p := range w.Counted() {
		if p.ReadyAt.After(last) {
			last = p.ReadyAt
		}
	}
	if last.Before(s.r.WrittenAt) {
		return s.now.At
	}
	return s.moment(last)
}

// moment is a time recorded by another clock, limited to between the write and now.
func (s *settling) moment(t time.Time) time.Time {
	if t.IsZero() || t.After(s.now.At) {
		return s.now.At
	}
	if t.Before(s.r.WrittenAt) {
		return s.r.WrittenAt
	}
	return t
}

// followGroup records when the group first rebalanced, and when it was stable with the consumers
// of every ready pod (T-36).
func (s *settling) followGroup() {
	s.followBlindly()
	g, known := s.now.Group.Get()
	if !known {
		return
	}
	if s.r.RebalanceAt.IsZero() {
		s.r.RebalanceAt = s.movedAt(g)
	}
	if s.r.ReadyAt.IsZero() || !g.State.Stable() || !s.consume() && !s.lateButEnough() {
		s.r.StableAt = time.Time{}
		return
	}
	if s.r.StableAt.IsZero() {
		s.r.StableAt = s.moment(s.stableSince(g))
	}
}

// consume reports whether every pod has its consumers in the group.
func (s *settling) consume() bool {
	c, known := s.consumers.Get()
	return known && c.Present(s.do.To, s.perPod)
}

// lateButEnough reports whether, for longer than a rebalance may take, nothing has been missing
// that would have to delay the end. It holds in three cases: every pod has a consumer, but not
// all of them; terminating pods still work; or there are more members than pods and it is not
// known which are whose. The card reports each case. Partitions assigned to members that are gone
// do delay the end.
func (s *settling) lateButEnough() bool {
	c, known := s.consumers.Get()
	if !known || s.now.At.Sub(s.r.ReadyAt) < s.p.Rollout.RebalanceLate {
		return false
	}
	if c.ForTheGone(s.do.From, s.do.To, s.perPod) != "" {
		return false
	}
	if c.Matched {
		return len(c.Pods) >= s.do.To && len(c.Lacking(1)) == 0
	}
	return len(c.Own) > s.do.To*s.perPod
}

// movedAt is when a rebalance after the write was first seen; zero when none was.
func (s *settling) movedAt(g scale.Group) time.Time {
	began := g.LastRebalanceAt.Add(-g.LastRebalance)
	switch {
	case g.State.Rebalancing():
		return s.moment(g.RebalancingSince)
	case !g.LastRebalanceAt.IsZero() && began.After(s.r.WrittenAt):
		return began
	}
	return time.Time{}
}

// stableSince is when the last rebalance ended, if this change caused it.
func (s *settling) stableSince(g scale.Group) time.Time {
	if g.LastRebalanceAt.After(s.r.ReadyAt) {
		return g.LastRebalanceAt
	}
	return s.now.At
}

// rebalanced is how long the rebalance has lasted, or took.
func (s *settling) rebalanced() time.Duration {
	switch {
	case s.r.RebalanceAt.IsZero():
		return 0
	case !s.r.StableAt.IsZero():
		return max(0, s.r.StableAt.Sub(s.r.RebalanceAt))
	}
	return max(0, s.now.At.Sub(s.r.RebalanceAt))
}
