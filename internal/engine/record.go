package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// record completes a snapshot with what only the past can tell, stores it as the newest
// and appends a point to the series.
func (s *Sampler) record(c scale.Component, snap scale.Snapshot, fresh bool) scale.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap.At = s.Clock.Now()
	one := s.seen[c.Name]
	if !snap.Owner.At.IsZero() {
		one.slowAt = snap.At
	}
	snap = s.kept(one.snapshot, snap, fresh)
	if lag, ok := snap.Lag.Get(); ok {
		lag.Partitions = append([]scale.PartitionLag(nil), lag.Partitions...)
		one.rates.fill(&lag, snap.Lag.At)
		snap.Lag.Value = lag
	}
	moving := one.group.follow(&snap.Group)
	one.history.add(pointOf(snap, moving))
	snap.Rates = s.rates(one, snap.At)
	snap.Partitions = partitionsOf(c, snap)
	snap.Downstream = s.downstream(c)
	one.snapshot, one.observed = snap, true
	return snap
}

// kept takes over parts that were not read now: those read seldom, and in a sample
// those that failed just now but are not stale yet.
func (s *Sampler) kept(old, now scale.Snapshot, fresh bool) scale.Snapshot {
	stale := s.policy.Times.Stale
	if now.Owner.At.IsZero() {
		now.Owner = old.Owner
	}
	if now.Room.At.IsZero() {
		now.Room = old.Room
	}
	if fresh {
		return now
	}
	now.Lag = lastGood(old.Lag, now.Lag, now.At, stale)
	now.Group = lastGood(old.Group, now.Group, now.At, stale)
	now.Workload = lastGood(old.Workload, now.Workload, now.At, stale)
	now.Usage = lastGood(old.Usage, now.Usage, now.At, stale)
	return now
}

func lastGood[T any](old, now scale.Reading[T], at time.Time, stale time.Duration) scale.Reading[T] {
	if now.Known() || !old.Known() || old.Age(at) > stale {
		return now
	}
	return old
}

// rates measures the last minutes of the series.
func (s *Sampler) rates(one *seen, at time.Time) scale.Reading[scale.Rates] {
	past := one.history.since(at.Add(-fineSpan))
	rates, ok := scale.Measure(past, s.policy)
	if !ok {
		return scale.Unknown[scale.Rates]("too few samples yet", at, "Kafka")
	}
	return scale.Known(rates, at, "Kafka")
}

// downstream is the lag of the components that receive the output; mu is held.
func (s *Sampler) downstream(c scale.Component) map[string]scale.Reading[int64] {
	if len(c.Downstream) == 0 {
		return nil
	}
	lags := make(map[string]scale.Reading[int64], len(c.Downstream))
	for _, name := range c.Downstream {
		if one, ok := s.seen[name]; ok {
			lags[name] = one.snapshot.TotalLag()
		}
	}
	return lags
}

// partitionsOf is the live count, or the runbook's example as a labelled fallback
//
func partitionsOf(c scale.Component, snap scale.Snapshot) scale.Reading[int] {
	if lag, ok := snap.Lag.Get(); ok && len(lag.Partitions) > 0 {
		return scale.Known(len(lag.Partitions), snap.Lag.At, "Kafka")
	}
	sum := 0
	for _, topic := range c.Topics {
		sum += c.Partitions[topic]
	}
	if sum == 0 {
		return scale.Unknown[int](snap.Lag.Why(), snap.At, "Kafka")
	}
	reading := scale.Known(sum, snap.At, "runbook file")
	reading.Note = "example from the runbook; Kafka did not answer: " + snap.Lag.Why()
	return reading
}

// pointOf is the snapshot as one sample. What is not known is missing.
func pointOf(snap scale.Snapshot, moving bool) scale.Point {
	missing := float32(scale.Missing)
	p := scale.Point{
		At: snap.At, Lag: scale.Missing, Ends: scale.Missing, Commits: scale.Missing, Moving: moving,
		Replicas: missing, CPU: missing, Memory: missing, Errors: missing, Latency: missing, Throughput: missing,
	}
	// A reading kept from before is not a sample of this moment.
	if lag, ok := snap.Lag.Get(); ok && lag.Complete() && snap.At.Sub(snap.Lag.At) < ratesEvery {
		p.Lag = float64(lag.Total)
		p.Ends, p.Commits = sums(lag)
	}
	if w, ok := snap.Workload.Get(); ok {
		p.Replicas = float32(w.Desired)
	}
	if u, ok := snap.Usage.Get(); ok {
		p.CPU, p.Memory = shareOf(u.CPU()), shareOf(u.Memory())
	}
	if e, ok := snap.Signals.Errors.Get(); ok {
		p.Errors = float32(e.Share)
	}
	if v, ok := snap.Signals.Latency.Get(); ok {
		p.Latency = float32(v)
	}
	if v, ok := snap.Signals.Throughput.Get(); ok {
		p.Throughput = float32(v)
	}
	return p
}

func shareOf(share float64, of string) float32 {
	if of == "" {
		return float32(scale.Missing)
	}
	return float32(share)
}

// sums adds up where the group and its topics stand. A partition nobody committed yet
// counts from its start, so that a first commit is not a leap.
func sums(lag scale.Lag) (ends, commits float64) {
	for _, p := range lag.Partitions {
		ends += float64(p.End)
		commits += float64(max(p.Committed, p.Start, 0))
	}
	return ends, commits
}

// groupTrack follows one group from sample to sample.
type groupTrack struct {
	known      bool
	generation int32
	members    string
	since      time.Time
	last       time.Duration
	lastAt     time.Time
	settling   bool
}

// follow adds to the reading what only the past can tell, and reports whether the
// group's commits say nothing about capacity at this moment: it is moving, or has just
// moved.
func (t *groupTrack) follow(reading *scale.Reading[scale.Group]) bool {
	g, ok := reading.Get()
	if !ok {
		return true
	}
	members := memberIDs(g)
	changed := t.known && (members != t.members || g.Generation != t.generation)
	moving := g.State.Rebalancing() || changed
	switch {
	case moving && t.since.IsZero():
		t.since = reading.At
	case !moving && !t.since.IsZero():
		t.last, t.lastAt = reading.At.Sub(t.since), reading.At
		t.since = time.Time{}
	}
	t.known, t.members, t.generation = true, members, g.Generation
	g.RebalancingSince, g.LastRebalance, g.LastRebalanceAt = t.since, t.last, t.lastAt
	reading.Value = g
	just := t.settling
	t.settling = moving
	return moving || just
}

// memberIDs is the membership as one comparable text.
func memberIDs(g scale.Group) string {
	ids := make([]string, 0, len(g.Members))
	for _, m := range g.Members {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
