package scale

import (
	"slices"
	"time"
)

// GroupType is the protocol by which a group shares out its work, in the words of
// Kafka's ListGroups.
type GroupType string

// The group types of Kafka 4. The type is empty where the broker does not say, and in readings
// that were stored before the bot recorded types.
const (
	GroupClassic  GroupType = "classic"
	GroupConsumer GroupType = "consumer" // KIP-848
	GroupShare    GroupType = "share"    // KIP-932, queues
	GroupStreams  GroupType = "streams"  // KIP-1071, Kafka Streams
)

// SharesPartitions reports whether several members read the same partition, so that the
// number of partitions is no ceiling for the number of workers.
func (t GroupType) SharesPartitions() bool { return t == GroupShare }

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
	// Tasks is how many tasks a streams group distributes; 0 for other groups and where the
	// broker does not say.
	Tasks   int      `json:"tasks,omitempty"`
	Members []Member `json:"members,omitempty"`
	// RebalancingSince is when the present rebalance was first seen, and LastStable how long the
	// last finished rebalance took. The sampler fills in both.
	RebalancingSince time.Time     `json:"rebalancingSince,omitzero"`
	LastRebalance    time.Duration `json:"lastRebalance,omitempty"`
	LastRebalanceAt  time.Time     `json:"lastRebalanceAt,omitzero"`
}

// Owner is the id of the member that owns the partition; empty when nobody does.
func (g Group) Owner(p PartitionLag) string {
	for _, m := range g.Members {
		if slices.Contains(m.Partitions[p.Topic], p.Partition) {
			return m.ID
		}
	}
	return ""
}
