package measure

import (
	"github.com/scalebot/scalebot/internal/scale"
)

// Absent is how many of the wanted pods will not become ready by themselves; zero when not known.
func (v Case) Absent() int {
	w, _ := v.Now.Workload.Get()
	return w.Absent()
}

// Case is a snapshot prepared for the rules: stale parts are unknown, and the numbers that every
// rule needs are computed.
type Case struct {
	Component scale.Component
	Policy    scale.Policy
	Now       scale.Snapshot
	Past      []scale.Point

	// ConsumersNow are the members of the group by whose they are, PerPodNow how many of them one
	// pod runs. Sharing combines PerPodNow, 1 where it is not known, with the number of
	// partitions.
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

// NewCase prepares a snapshot. Whatever is older than the policy allows is unknown.
func NewCase(c scale.Component, p scale.Policy, s scale.Snapshot, past []scale.Point) Case {
	v := Glance(c, p, s)
	v.Past, v.ConsumersNow = past, ConsumersOf(c, v.Now)
	v.PerPodNow = PerPodAmong(c, v.Now, v.ConsumersNow)
	v.Sharing = SharedBy(v.Now, v.PerPodNow)
	v.Rates, v.RatesKnown = v.Now.Rates.Get()
	v.Stalled = v.stalledPartitions()
	v.Capacity = v.measuredCapacity()
	if v.slowing = v.slowed(); v.slowing.is() {
		// The workers became slower: the capacity is the present one, not what they managed
		// before.
		v.Capacity = scale.Capacity{PerWorker: v.slowing.now, Basis: BasisMeasured}
	}
	return v
}

// Glance prepares only those parts of a snapshot that tell which data is missing.
func Glance(c scale.Component, p scale.Policy, s scale.Snapshot) Case {
	v := Case{Component: c, Policy: p, Now: s.Current(p.Times.Stale)}
	v.Replicas, v.ReplicasKnown = v.Now.Replicas()
	v.Lag, v.LagKnown = v.Now.Lag.Get()
	return v
}

// LagComplete reports whether the lag is known on every partition. Only then does a low number
// mean that little is left to read.
func (v Case) LagComplete() bool {
	return v.LagKnown && v.Lag.Complete() && v.Lag.Ahead == 0 && !v.uncounted()
}

// uncounted reports whether the lag of some partition is not in the total because there is no
// commit (T-32).
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

// Backlog is the lag that workers can reduce: without that of the stalled partitions.
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
