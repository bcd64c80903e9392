package scale

import "time"

// GroupType is the protocol by which a group shares out its work, in the words of
// Kafka's ListGroups.
type GroupType string

// The protocols of Kafka 4. The empty type is that of a reading made before types were
// known, and of what cannot be told.
const (
	GroupClassic  GroupType = "classic"
	GroupConsumer GroupType = "consumer" // KIP-848
	GroupShare    GroupType = "share"    // KIP-932, queues
	GroupStreams  GroupType = "streams"  // KIP-1071, Kafka Streams
)

// SharesPartitions reports whether several members read the same partition, so that the
// number of partitions is no ceiling for the number of workers.
func (t GroupType) SharesPartitions() bool { return t == GroupShare }

// awayEpoch is the epoch under which a KIP-848 broker lists a static member that has
// left and may come back under its name.
const awayEpoch = -2

// Member is one consumer of a group and what it owns.
type Member struct {
	ID     string `json:"id"`
	Client string `json:"client,omitempty"`
	// Host is the address the member connects from, Rack the client.rack it tells.
	Host string `json:"host,omitempty"`
	Rack string `json:"rack,omitempty"`
	// Instance is the group.instance.id of a static member (KIP-345), empty for others.
	Instance string `json:"instance,omitempty"`
	// Epoch is the member epoch of the protocols that have one: 0 while joining, -1 while
	// leaving, -2 for a static member that has left and whose partitions wait for it. It
	// is 0 in a classic group, whose broker does not tell.
	Epoch int32 `json:"epoch,omitempty"`
	// Subscribed are the topics the member asks for, Pattern the regular expression it
	// asks for instead or besides; both empty when the answer does not tell.
	Subscribed []string `json:"subscribed,omitempty"`
	Pattern    string   `json:"pattern,omitempty"`
	// Partitions maps a topic to the partition numbers this member owns.
	Partitions map[string][]int32 `json:"partitions,omitempty"`
	// Opaque says that what it owns could not be read, so that no Partitions mean nothing.
	Opaque bool `json:"opaque,omitempty"`
}

// Away reports whether the broker says that this static member has left while its
// partitions are kept for it. A classic group's broker never says so.
func (m Member) Away() bool { return m.Epoch == awayEpoch }

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
	// Type is the protocol the group speaks.
	Type GroupType `json:"type,omitempty"`
	// Protocol is the assignor, such as "cooperative-sticky"; it decides whether a
	// rebalance stops everybody.
	Protocol string `json:"protocol,omitempty"`
	// Generation changes with every rebalance; -1 when the answer has none.
	Generation int32 `json:"generation,omitempty"`
	// Tasks is how many tasks a streams group deals out; 0 for other groups and
	// where the broker does not tell.
	Tasks   int      `json:"tasks,omitempty"`
	Members []Member `json:"members,omitempty"`
	// RebalancingSince is when the present rebalance was first seen, and LastStable
	// how long the last finished one took; both from the sampler.
	RebalancingSince time.Time     `json:"rebalancingSince,omitzero"`
	LastRebalance    time.Duration `json:"lastRebalance,omitempty"`
	LastRebalanceAt  time.Time     `json:"lastRebalanceAt,omitzero"`
}
