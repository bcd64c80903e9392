package scale

import "time"

// LagFlag says what is special about one partition's lag. The empty flag is the
// ordinary case.
type LagFlag string

// The cases of reference table "lag, with the cases that bite".
const (
	// LagOK: end minus commit.
	LagOK LagFlag = ""
	// LagUncommitted: nobody has committed yet; the lag follows the reset policy (T-32).
	LagUncommitted LagFlag = "uncommitted"
	// LagUncounted: nobody has committed and the reset policy is latest or unknown,
	// so nothing is counted.
	LagUncounted LagFlag = "uncounted"
	// LagLost: retention deleted records before they were read; Lost counts them.
	LagLost LagFlag = "lost"
	// LagAhead: the commit lies beyond the end (topic recreated, offsets set by
	// hand); the lag is shown as 0 and is not a sign of being caught up.
	LagAhead LagFlag = "ahead"
	// LagUnknown: the partition could not be read; Err says why.
	LagUnknown LagFlag = "unknown"
)

// PartitionLag is the position of a group on one partition. Offsets are -1 when
// there is none.
type PartitionLag struct {
	Topic     string  `json:"topic"`
	Partition int32   `json:"partition"`
	Start     int64   `json:"start"`
	Committed int64   `json:"committed"`
	End       int64   `json:"end"`
	Lag       int64   `json:"lag"`
	Lost      int64   `json:"lost,omitempty"`
	Flag      LagFlag `json:"flag,omitempty"`
	Err       string  `json:"err,omitempty"`
	// Arrival and Consumption are messages per second on this partition, or
	// negative when not known.
	Arrival     float64 `json:"arrival"`
	Consumption float64 `json:"consumption"`
	// Oldest is how long ago the first unread message arrived; zero when nothing waits or
	// the age is not known. OldestAtLeast says that it is older than that: the end had
	// passed the commit before anybody watched.
	Oldest        time.Duration `json:"oldest,omitempty"`
	OldestAtLeast bool          `json:"oldestAtLeast,omitempty"`
	// CommitEvery is the usual time between two commits that moved; zero while it was not
	// seen to be longer than the time between two samples.
	CommitEvery time.Duration `json:"commitEvery,omitempty"`
}

// Lag is the lag of one consumer group on the topics of its component.
type Lag struct {
	// Partitions are sorted by topic and number.
	Partitions []PartitionLag `json:"partitions,omitempty"`
	// Total is the sum over the partitions that could be read; a lower bound when
	// Unknown is not zero.
	Total int64 `json:"total"`
	// Unknown counts partitions that could not be read, Uncommitted those without a
	// commit, Ahead those with a commit beyond the end.
	Unknown     int `json:"unknown,omitempty"`
	Uncommitted int `json:"uncommitted,omitempty"`
	Ahead       int `json:"ahead,omitempty"`
	// Lost is the number of records that retention deleted unread.
	Lost int64 `json:"lost,omitempty"`
	// Topics are the full names the patterns resolved to (T-30, R-028).
	Topics []string `json:"topics,omitempty"`
}

// Complete reports whether every partition could be read. Nothing is scaled down,
// and no alert is closed, on an incomplete reading.
func (l Lag) Complete() bool { return l.Unknown == 0 && len(l.Partitions) > 0 }

// SumLag makes a Lag of its partitions, counting each special case.
func SumLag(partitions []PartitionLag, topics []string) Lag {
	lag := Lag{Partitions: partitions, Topics: topics}
	for _, p := range partitions {
		switch p.Flag {
		case LagUnknown:
			lag.Unknown++
			continue
		case LagUncommitted, LagUncounted:
			lag.Uncommitted++
		case LagAhead:
			lag.Ahead++
		case LagOK, LagLost:
		}
		lag.Total += p.Lag
		lag.Lost += p.Lost
	}
	return lag
}

// Member is one consumer of a group and what it owns.
type Member struct {
	ID     string `json:"id"`
	Client string `json:"client,omitempty"`
	Host   string `json:"host,omitempty"`
	// Partitions maps a topic to the partition numbers this member owns.
	Partitions map[string][]int32 `json:"partitions,omitempty"`
}

// Owned is how many partitions the member owns.
func (m Member) Owned() int {
	n := 0
	for _, p := range m.Partitions {
		n += len(p)
	}
	return n
}

// GroupState is the state of a consumer group in Kafka's own words: "Stable",
// "PreparingRebalance", "CompletingRebalance", "Empty", "Dead", and for KIP-848
// groups also "Assigning" and "Reconciling".
type GroupState string

// Stable reports whether members own partitions and nothing is moving.
func (s GroupState) Stable() bool { return s == "Stable" }

// Rebalancing reports whether partitions are being handed out.
func (s GroupState) Rebalancing() bool {
	switch s {
	case "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling":
		return true
	}
	return false
}

// Group is the membership of one consumer group.
type Group struct {
	Name  string     `json:"name"`
	State GroupState `json:"state"`
	// Type is "classic" or "consumer" (KIP-848).
	Type string `json:"type,omitempty"`
	// Protocol is the assignor, such as "cooperative-sticky"; it decides whether a
	// rebalance stops everybody.
	Protocol string `json:"protocol,omitempty"`
	// Generation changes with every rebalance; -1 when the answer has none.
	Generation int32    `json:"generation,omitempty"`
	Members    []Member `json:"members,omitempty"`
	// RebalancingSince is when the present rebalance was first seen, and LastStable
	// how long the last finished one took; both from the sampler.
	RebalancingSince time.Time     `json:"rebalancingSince,omitzero"`
	LastRebalance    time.Duration `json:"lastRebalance,omitempty"`
	LastRebalanceAt  time.Time     `json:"lastRebalanceAt,omitzero"`
}

// Busiest is the largest number of partitions one member owns, and Idle how many
// members own none.
func (g Group) Busiest() (busiest, idle int) {
	for _, m := range g.Members {
		n := m.Owned()
		busiest = max(busiest, n)
		if n == 0 {
			idle++
		}
	}
	return busiest, idle
}

// Rates are messages per second over all partitions of a component, measured apart
// and never as the slope of lag.
type Rates struct {
	// Arrival is how fast the ends move, Consumption how fast the commits move
	// outside of rebalances.
	Arrival     float64 `json:"arrival"`
	Consumption float64 `json:"consumption"`
	// Over is the length of the measured window.
	Over time.Duration `json:"over"`
	// ArrivalSpread is the standard error of Arrival in messages per second.
	ArrivalSpread float64 `json:"arrivalSpread,omitempty"`
}
