package sampler

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

// Record completes a snapshot with values that need the history, stores it as the newest and
// appends a point to the series. While the lag is still being read, or was not requested, there
// is no point: it is appended with the lag, or with the reason why there is none.
func (s *Sampler) Record(c scale.Component, snap scale.Snapshot, fresh bool) scale.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	snap.At = s.Clock.Now()
	one := s.seen[c.Name]
	// This has to precede the carrying over: a carried-over lag has its rates already, and other
	// goroutines read it.
	complete := !isAwaited(snap.Lag)
	if snap.Lag.Known() {
		one.rates.fill(&snap.Lag.Value, snap.Lag.At)
	}
	if fresh {
		snap = completed(one.snapshot, snap)
	} else {
		snap = s.carryOver(one.snapshot, snap)
	}
	moving := one.group.follow(&snap.Group)
	if complete {
		one.history.add(PointOf(snap, one.snapshot, moving))
	}
	snap.Rates = s.rates(one, snap)
	snap.Partitions = one.partitionsOf(c, snap)
	snap.PerPod = one.perPod.follow(c, snap, s.Policy.Rollout.RebalanceLate)
	snap.GroupType = one.groupTypeOf(snap)
	snap.Downstream = s.downstream(c)
	one.snapshot, one.observed = snap, true
	return snap
}

// carryOver fills in parts that the round did not deliver: those read seldom, those still being
// read, and those that failed now and were known a moment before.
func (s *Sampler) carryOver(old, now scale.Snapshot) scale.Snapshot {
	k := keeping{now.At, s.Policy.Times.Stale}
	now.Lag = lastGood(k, old.Lag, now.Lag)
	now.Group = lastGood(k, old.Group, now.Group)
	now.Workload = lastGood(k, old.Workload, now.Workload)
	now.Usage = lastGood(k, old.Usage, now.Usage)
	// These are read seldom: whoever uses them decides how old they may be.
	now.Owner = unlessAwaited(keeping{now.At, math.MaxInt64}, old.Owner, now.Owner)
	now.Room = unlessAwaited(keeping{now.At, math.MaxInt64}, old.Room, now.Room)
	now.Signals = scale.Signals{
		Latency:    unlessAwaited(k, old.Signals.Latency, now.Signals.Latency),
		Errors:     unlessAwaited(k, old.Signals.Errors, now.Signals.Errors),
		Throughput: unlessAwaited(k, old.Signals.Throughput, now.Signals.Throughput),
		Download:   unlessAwaited(k, old.Signals.Download, now.Signals.Download),
		Breaker:    unlessAwaited(k, old.Signals.Breaker, now.Signals.Breaker),
		Writes:     unlessAwaited(k, old.Signals.Writes, now.Signals.Writes),
		Busy:       unlessAwaited(k, old.Signals.Busy, now.Signals.Busy),
	}
	return now
}

// keeping is the moment, and the maximum age, at which an earlier reading may still be used.
type keeping struct {
	at    time.Time
	stale time.Duration
}

// lastGood is the reading, or the previous one when this one failed.
func lastGood[T any](k keeping, old, now scale.Reading[T]) scale.Reading[T] {
	now = unlessAwaited(k, old, now)
	if now.Known() || !old.Known() || old.Age(k.at) > k.stale {
		return now
	}
	return old
}

// unlessAwaited is the reading when it has arrived. While it is still being read, the previous
// one stands with its age, or with the reason why there was none. A reading made meanwhile may
// also have stored something newer.
func unlessAwaited[T any](k keeping, old, now scale.Reading[T]) scale.Reading[T] {
	switch {
	case old.Known() && now.At.Before(old.At) && old.Age(k.at) <= k.stale:
		return old
	case !isAwaited(now):
		return now
	case old.Known():
		return scale.Unknown[T](stillReading+", last seen "+scale.Span(old.Age(k.at))+" ago", old.At, old.Source)
	case old.At.IsZero():
		return scale.Unknown[T](stillReading, k.at, old.Source)
	}
	return old
}

// rates are measured over the last minutes of the series. When the lag cannot be read and the
// series is too short, the lag's reason is used.
func (s *Sampler) rates(one *seen, snap scale.Snapshot) scale.Reading[scale.Rates] {
	at := snap.At
	from := one.history.newest.At.Add(-s.Policy.Times.RateWindow)
	if oldest := at.Add(-FineSpan); from.Before(oldest) || s.Policy.Times.RateWindow <= 0 {
		from = oldest
	}
	s.window = one.history.appendSince(s.window[:0], from)
	rates, ok := measure.Measure(s.window, s.Policy)
	switch {
	case !ok && !snap.Lag.Known():
		return scale.Unknown[scale.Rates](snap.Lag.Why(), at, scale.Broker)
	case !ok:
		return scale.Unknown[scale.Rates]("too few samples yet", at, scale.Broker)
	}
	return scale.Known(rates, at, scale.Broker)
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

// partitionsOf is the live partition count. While Kafka does not answer it is the last live
// count, because a topic never loses partitions. Before the first answer it is the runbook's
// example, labelled as a fallback.
func (one *seen) partitionsOf(c scale.Component, snap scale.Snapshot) scale.Reading[int] {
	if lag, ok := snap.Lag.Get(); ok && len(lag.Partitions) > 0 {
		one.partitions = scale.Known(len(lag.Partitions), snap.Lag.At, scale.Broker)
		return one.partitions
	}
	if last := one.partitions; last.Known() {
		last.Note = "as it said " + scale.Span(last.Age(snap.At)) + " ago; Kafka does not answer now: " + snap.Lag.Why()
		return last
	}
	sum := 0
	for _, topic := range c.Topics {
		sum += c.Partitions[topic]
	}
	if sum == 0 {
		return scale.Unknown[int](snap.Lag.Why(), snap.At, scale.Broker)
	}
	reading := scale.Known(sum, snap.At, "runbook file")
	reading.Note = "example from the runbook; Kafka did not answer: " + snap.Lag.Why()
	return reading
}

// groupTypeOf is the type of the group as last read.
func (one *seen) groupTypeOf(snap scale.Snapshot) scale.GroupType {
	if group, known := snap.Group.Get(); known && group.Type != "" {
		one.groupType = group.Type
	}
	return one.groupType
}

// PointOf is the snapshot as one sample. Unknown values are missing, and so are values carried
// over from an earlier snapshot, which are no sample of this moment. A point with lag has the
// time of the lag, because rates are measured between points.
func PointOf(now, before scale.Snapshot, moving bool) scale.Point {
	missing := float32(scale.Missing)
	p := scale.Point{
		At: now.At, Lag: scale.Missing, Ends: scale.Missing, Commits: scale.Missing, Moving: moving,
		Replicas: missing, CPU: missing, Memory: missing, Errors: missing, Latency: missing, Throughput: missing,
	}
	if lag, ok := sampled(now.Lag, before.Lag); ok && lag.Complete() {
		p.At, p.Lag = now.Lag.At, float64(lag.Total)
		p.Ends, p.Commits = sums(lag)
	}
	if w, ok := now.Workload.Get(); ok {
		p.Replicas = float32(w.Desired)
	}
	if u, ok := sampled(now.Usage, before.Usage); ok {
		p.CPU, p.Memory = shareOf(u.CPU()), shareOf(u.Memory())
	}
	if e, ok := sampled(now.Signals.Errors, before.Signals.Errors); ok {
		p.Errors = float32(e.Share)
	}
	if v, ok := sampled(now.Signals.Latency, before.Signals.Latency); ok {
		p.Latency, p.LatencyAtLeast = float32(v), now.Signals.Latency.AtLeast
	}
	if v, ok := sampled(now.Signals.Throughput, before.Signals.Throughput); ok && !now.Signals.Throughput.AtLeast {
		p.Throughput = float32(v)
	}
	return p
}

// sampled is the value of a reading that is newer than the previous one.
func sampled[T any](now, before scale.Reading[T]) (T, bool) {
	value, ok := now.Get()
	return value, ok && now.At.After(before.At)
}

func shareOf(share float64, of string) float32 {
	if of == "" {
		return float32(scale.Missing)
	}
	return float32(share)
}

// sums adds up the commits and end offsets. A partition without a commit counts from its start,
// so that a first commit is not counted as a leap.
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

// follow adds to the reading what needs the history, and reports whether the group is rebalancing
// or has just done so: its commits then say nothing about capacity.
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

// memberIDs is the membership as one string for comparison.
func memberIDs(g scale.Group) string {
	ids := make([]string, 0, len(g.Members))
	for _, m := range g.Members {
		ids = append(ids, m.ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}
