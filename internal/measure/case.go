package measure

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Absent is how many of the wanted pods do not come by themselves; zero when that is not
// known.
func (v Case) Absent() int {
	w, _ := v.Now.Workload.Get()
	return w.Absent()
}

// Case is a snapshot taken apart for judging: stale parts are unknown, and what every
// rule needs is at hand.
type Case struct {
	Component scale.Component
	Policy    scale.Policy
	Now       scale.Snapshot
	Past      []scale.Point

	// ConsumersNow are the members of the group told apart, PerPodNow how many of them a
	// pod runs; Sharing is that with the number of partitions, one where it is not known.
	ConsumersNow scale.Reading[Consumers]
	PerPodNow    scale.Reading[int]
	Sharing

	Replicas      int
	ReplicasKnown bool
	Lag           scale.Lag
	LagKnown      bool
	Rates         scale.Rates
	RatesKnown    bool
	Capacity      scale.Capacity
	slowing       slowing
	Stalled       []scale.PartitionLag
}

// NewCase takes a snapshot apart. What is older than the policy allows is unknown.
func NewCase(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) Case {
	v := Glance(c, p, s)
	v.Past, v.ConsumersNow = past, ConsumersOf(c, v.Now)
	v.PerPodNow = PerPodAmong(c, v.Now, v.ConsumersNow)
	v.Sharing = SharedBy(v.Now, v.PerPodNow)
	v.Rates, v.RatesKnown = v.Now.Rates.Get()
	v.Stalled = v.stalledPartitions()
	v.Capacity = v.measuredCapacity()
	if v.slowing = v.slowed(); v.slowing.is() {
		// What they managed before is no forecast of what they manage now.
		v.Capacity = scale.Capacity{PerWorker: v.slowing.now, Basis: BasisMeasured}
	}
	return v
}

// Glance takes apart only as much of a snapshot as tells which data is there.
func Glance(c scale.Component, p scale.Policy, s scale.Snapshot) Case {
	v := Case{Component: c, Policy: p, Now: s.Current(p.Times.Stale)}
	v.Replicas, v.ReplicasKnown = v.Now.Replicas()
	v.Lag, v.LagKnown = v.Now.Lag.Get()
	return v
}

// LagComplete reports whether the lag is known on every partition, so that a low
// number means that there is little left to read.
func (v Case) LagComplete() bool {
	return v.LagKnown && v.Lag.Complete() && v.Lag.Ahead == 0 && !v.uncounted()
}

// uncounted reports whether some partition's lag was left out of the total because
// nobody has committed there (T-32).
func (v Case) uncounted() bool {
	for _, p := range v.Lag.Partitions {
		if p.Flag == scale.LagUncounted {
			return true
		}
	}
	return false
}

// LagGap says why the lag is not completely known; empty when it is.
func (v Case) LagGap() string {
	switch {
	case !v.LagKnown:
		return "lag is unknown: " + v.Now.Lag.Why()
	case len(v.Lag.Partitions) == 0:
		return "no partition of " + v.Component.Group + " could be read"
	case v.Lag.Unknown > 0:
		return "lag is unknown on " + scale.Of(v.Lag.Unknown, len(v.Lag.Partitions), "partition")
	case v.Lag.Ahead > 0:
		return "the commit lies beyond the end on " + scale.Of(v.Lag.Ahead, len(v.Lag.Partitions), "partition")
	case v.uncounted():
		return "nobody has committed on " + scale.Of(v.Lag.Uncommitted, len(v.Lag.Partitions), "partition")
	}
	return ""
}

// Backlog is the lag that workers can take away: without the partitions whose commits
// stand still.
func (v Case) Backlog() float64 {
	total := v.Lag.Total
	for _, p := range v.Stalled {
		total -= p.Lag
	}
	return float64(max(0, total))
}

// Ready is how many counted pods are ready, if the workload is known (T-37).
func (v Case) Ready() (int, bool) {
	w, ok := v.Now.Workload.Get()
	return w.ReadyPods(), ok
}
