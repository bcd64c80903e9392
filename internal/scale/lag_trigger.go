package scale

// LagTrigger is a Kafka trigger of a ScaledObject, with the options that change how KEDA computes
// a replica count from a lag (KEDA's Kafka scaler, v2.21).
type LagTrigger struct {
	// Topic is empty for all topics of the group; Partitions are those it is limited to.
	Topic      string  `json:"topic,omitempty"`
	Partitions []int32 `json:"partitions,omitempty"`
	// Threshold is the lag that calls for one replica; Activation the lag that must be exceeded
	// before the trigger is active at all.
	Threshold  int64 `json:"threshold"`
	Activation int64 `json:"activation,omitempty"`
	// Earliest is the reset policy. For a partition without a commit, KEDA counts all retained
	// messages with earliest, and one message with latest (its default). With ZeroWithoutCommit
	// it counts none.
	Earliest          bool `json:"earliest,omitempty"`
	ZeroWithoutCommit bool `json:"zeroWithoutCommit,omitempty"`
	// IdleConsumers allows more replicas than partitions. LaggingOnly allows no more than there
	// are partitions with lag. Even allows only counts that divide the number of partitions.
	// ExcludePersistent leaves out partitions whose commit does not advance.
	IdleConsumers     bool `json:"idleConsumers,omitempty"`
	LaggingOnly       bool `json:"laggingOnly,omitempty"`
	Even              bool `json:"even,omitempty"`
	ExcludePersistent bool `json:"excludePersistent,omitempty"`
}
