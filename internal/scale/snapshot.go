package scale

import (
	"math"
	"time"
)

// Since returns the snapshot with each part replaced by that of an earlier snapshot where that
// part is newer.
func (s Snapshot) Since(earlier Snapshot) Snapshot {
	s.Workload = s.Workload.since(earlier.Workload)
	s.Owner = s.Owner.since(earlier.Owner)
	s.Partitions = s.Partitions.since(earlier.Partitions)
	s.Lag = s.Lag.since(earlier.Lag)
	return s
}

// TypeOfGroup is the type of the component's group: from the group's reading, else from the
// lag's, else the last one seen. A type does not become stale.
func (s Snapshot) TypeOfGroup() GroupType {
	if group, known := s.Group.Get(); known && group.Type != "" {
		return group.Type
	}
	if lag, known := s.Lag.Get(); known && lag.Type != "" {
		return lag.Type
	}
	return s.GroupType
}

// Snapshot is everything known of one component at one moment. Each part carries
// its own age and quality, because each comes from a different place.
type Snapshot struct {
	Component string    `json:"component"`
	At        time.Time `json:"at"`

	Lag      Reading[Lag]      `json:"lag,omitzero"`
	Group    Reading[Group]    `json:"group,omitzero"`
	Rates    Reading[Rates]    `json:"rates,omitzero"`
	Workload Reading[Workload] `json:"workload,omitzero"`
	Owner    Reading[Owner]    `json:"owner,omitzero"`
	Usage    Reading[Usage]    `json:"usage,omitzero"`
	Room     Reading[Room]     `json:"room,omitzero"`
	Signals  Signals           `json:"signals,omitzero"`
	// Partitions is the number of partitions to share out, live from the broker or
	// the runbook's labelled fallback.
	Partitions Reading[int] `json:"partitions,omitzero"`
	// PerPod is how many consumers one pod runs, as last seen or as the runbook file says.
	// measure.PerPod compares it with what the group shows now.
	PerPod Reading[int] `json:"perPod,omitzero"`
	// GroupType is the type of the group as last seen; empty when it was never seen. The group's
	// own reading takes precedence.
	GroupType GroupType `json:"groupType,omitempty"`
	// Downstream is the lag of the components that receive the output (T-35).
	Downstream map[string]Reading[int64] `json:"downstream,omitempty"`
	// Tried is the last scale-up; nil when there was none lately or the bot has not read the
	// history yet.
	Tried *Tried `json:"tried,omitempty"`
	// Advised is the count that was recommended a moment ago, at the same number of workers; 0
	// when none was.
	Advised int `json:"advised,omitempty"`
}

// Replicas is the desired count, if the workload is known.
func (s Snapshot) Replicas() (int, bool) {
	w, ok := s.Workload.Get()
	return w.Desired, ok
}

// TotalLag is the group's lag as a reading of its own.
func (s Snapshot) TotalLag() Reading[int64] {
	return With(s.Lag, func(l Lag) int64 { return l.Total })
}

// slowParts is the factor by which the parts that seldom change stay fresh for longer: owner,
// room and the number of partitions.
const slowParts = 10

// Current returns the snapshot with every part that is too old for its moment turned
// unknown.
func (s Snapshot) Current(limit time.Duration) Snapshot {
	if limit <= 0 {
		limit = math.MaxInt64 / slowParts
	}
	s.Lag = s.Lag.CurrentAt(s.At, limit)
	s.Group = s.Group.CurrentAt(s.At, limit)
	s.Rates = s.Rates.CurrentAt(s.At, limit)
	if rates, ok := s.Rates.Get(); ok && !(isFinite(rates.Arrival) && isFinite(rates.Consumption) && rates.Arrival >= 0) {
		s.Rates = Unknown[Rates](noNumber, s.Rates.At, s.Rates.Source)
	}
	s.Workload = s.Workload.CurrentAt(s.At, limit)
	s.Usage = s.Usage.CurrentAt(s.At, limit)
	s.Owner = s.Owner.CurrentAt(s.At, slowParts*limit)
	s.Room = s.Room.CurrentAt(s.At, slowParts*limit)
	s.Partitions = s.Partitions.CurrentAt(s.At, slowParts*limit)
	s.Signals = s.Signals.current(s.At, limit)
	return s
}

func (g Signals) current(at time.Time, limit time.Duration) Signals {
	g.Latency = finite(g.Latency.CurrentAt(at, limit))
	g.Throughput = finite(g.Throughput.CurrentAt(at, limit))
	g.Download = finite(g.Download.CurrentAt(at, limit))
	g.Writes = finite(g.Writes.CurrentAt(at, limit))
	g.Busy = finite(g.Busy.CurrentAt(at, limit))
	g.Breaker = g.Breaker.CurrentAt(at, limit)
	g.Errors = g.Errors.CurrentAt(at, limit)
	if rate, ok := g.Errors.Get(); ok && !(isFinite(rate.Share) && isFinite(rate.Timeouts)) {
		g.Errors = None[ErrorRate](noNumber, g.Errors.At, g.Errors.Source)
	}
	return g
}

// noNumber is why a quotient whose divisor is zero has no value: nothing was processed.
const noNumber = "not a number; nothing was processed"

func isFinite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// finite turns a value that is not a number into an unknown reading: a quantile over no samples
// is not a latency of zero.
func finite(r Reading[float64]) Reading[float64] {
	if r.Known() && !isFinite(r.Value) {
		return None[float64](noNumber, r.At, r.Source)
	}
	return r
}
