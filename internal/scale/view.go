package scale

import (
	"math"
	"time"
)

// slowParts is how many times longer than the others the parts that seldom change
// count as fresh: owner, room and the number of partitions.
const slowParts = 10

// view is a snapshot taken apart for judging: stale parts are unknown, and what every
// rule needs is at hand.
type view struct {
	c    Component
	p    Policy
	s    Snapshot
	past []Point

	// consumersNow are the members of the group told apart, perPodNow how many of them a
	// pod runs; sharing is that with the number of partitions, one where it is not known.
	consumersNow Reading[Consumers]
	perPodNow    Reading[int]
	sharing

	replicas      int
	replicasKnown bool
	lag           Lag
	lagKnown      bool
	rates         Rates
	ratesKnown    bool
	capacity      Capacity
	slowing       slowing
	stalled       []PartitionLag
}

// look takes a snapshot apart. What is older than the policy allows is unknown.
func look(c Component, p Policy, s Snapshot, past []Point) view {
	v := glance(c, p, s)
	v.past, v.consumersNow = past, ConsumersOf(c, v.s)
	v.perPodNow = PerPodAmong(c, v.s, v.consumersNow)
	v.sharing = v.s.sharedBy(v.perPodNow)
	v.rates, v.ratesKnown = v.s.Rates.Get()
	v.stalled = v.stalledPartitions()
	v.capacity = v.measuredCapacity()
	if v.slowing = v.slowed(); v.slowing.is() {
		// What they managed before is no forecast of what they manage now.
		v.capacity = Capacity{PerWorker: v.slowing.now, Basis: BasisMeasured}
	}
	return v
}

// glance takes apart only as much of a snapshot as tells which data is there.
func glance(c Component, p Policy, s Snapshot) view {
	v := view{c: c, p: p, s: s.fresh(p.Times.Stale)}
	v.replicas, v.replicasKnown = v.s.Replicas()
	v.lag, v.lagKnown = v.s.Lag.Get()
	return v
}

// fresh returns the snapshot with every part that is too old for its moment turned
// unknown.
func (s Snapshot) fresh(limit time.Duration) Snapshot {
	if limit <= 0 {
		limit = math.MaxInt64 / slowParts
	}
	s.Lag = s.Lag.FreshAt(s.At, limit)
	s.Group = s.Group.FreshAt(s.At, limit)
	s.Rates = s.Rates.FreshAt(s.At, limit)
	if rates, ok := s.Rates.Get(); ok && !(isFinite(rates.Arrival) && isFinite(rates.Consumption) && rates.Arrival >= 0) {
		s.Rates = Unknown[Rates](noNumber, s.Rates.At, s.Rates.Source)
	}
	s.Workload = s.Workload.FreshAt(s.At, limit)
	s.Usage = s.Usage.FreshAt(s.At, limit)
	s.Owner = s.Owner.FreshAt(s.At, slowParts*limit)
	s.Room = s.Room.FreshAt(s.At, slowParts*limit)
	s.Partitions = s.Partitions.FreshAt(s.At, slowParts*limit)
	s.Signals = s.Signals.fresh(s.At, limit)
	return s
}

func (g Signals) fresh(at time.Time, limit time.Duration) Signals {
	g.Latency = finite(g.Latency.FreshAt(at, limit))
	g.Throughput = finite(g.Throughput.FreshAt(at, limit))
	g.Download = finite(g.Download.FreshAt(at, limit))
	g.Writes = finite(g.Writes.FreshAt(at, limit))
	g.Busy = finite(g.Busy.FreshAt(at, limit))
	g.Breaker = g.Breaker.FreshAt(at, limit)
	g.Errors = g.Errors.FreshAt(at, limit)
	if rate, ok := g.Errors.Get(); ok && !(isFinite(rate.Share) && isFinite(rate.Timeouts)) {
		g.Errors = None[ErrorRate](noNumber, g.Errors.At, g.Errors.Source)
	}
	return g
}

// noNumber is why a quotient without a divisor is no value: nothing was processed.
const noNumber = "not a number; nothing was processed"

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// finite turns a value that is not a number into an unknown one: a quantile over no
// samples is no latency of zero.
func finite(r Reading[float64]) Reading[float64] {
	if r.Known() && !isFinite(r.Value) {
		return None[float64](noNumber, r.At, r.Source)
	}
	return r
}

// lagComplete reports whether the lag is known on every partition, so that a low
// number means that there is little left to read.
func (v view) lagComplete() bool {
	return v.lagKnown && v.lag.Complete() && v.lag.Ahead == 0 && !v.uncounted()
}

// uncounted reports whether some partition's lag was left out of the total because
// nobody has committed there (T-32).
func (v view) uncounted() bool {
	for _, p := range v.lag.Partitions {
		if p.Flag == LagUncounted {
			return true
		}
	}
	return false
}

// lagGap says why the lag is not completely known; empty when it is.
func (v view) lagGap() string {
	switch {
	case !v.lagKnown:
		return "lag is unknown: " + v.s.Lag.Why()
	case len(v.lag.Partitions) == 0:
		return "no partition of " + v.c.Group + " could be read"
	case v.lag.Unknown > 0:
		return "lag is unknown on " + of(v.lag.Unknown, len(v.lag.Partitions), "partition")
	case v.lag.Ahead > 0:
		return "the commit lies beyond the end on " + of(v.lag.Ahead, len(v.lag.Partitions), "partition")
	case v.uncounted():
		return "nobody has committed on " + of(v.lag.Uncommitted, len(v.lag.Partitions), "partition")
	}
	return ""
}

// backlog is the lag that workers can take away: without the partitions whose commits
// stand still.
func (v view) backlog() float64 {
	total := v.lag.Total
	for _, p := range v.stalled {
		total -= p.Lag
	}
	return float64(max(0, total))
}

// ready is how many counted pods are ready, if the workload is known (T-37).
func (v view) ready() (int, bool) {
	w, ok := v.s.Workload.Get()
	return w.readyPods(), ok
}

// readyPods counts the ready pods of the newest ReplicaSet that are not being
// deleted; without a list of pods it is what the controller says.
func (w Workload) readyPods() int {
	if len(w.Pods) == 0 {
		return w.Ready
	}
	n := 0
	for _, p := range w.Counted() {
		if p.Ready {
			n++
		}
	}
	return n
}
