package scale

// LagTrigger is a Kafka trigger of a ScaledObject, with the options that change what KEDA
// makes of a lag (KEDA's Kafka scaler, v2.21).
type LagTrigger struct {
	// Topic is empty for all topics of the group; Partitions are those it is limited to.
	Topic      string  `json:"topic,omitempty"`
	Partitions []int32 `json:"partitions,omitempty"`
	// Threshold is the lag one replica stands for; Activation the lag that has to be exceeded
	// for the trigger to be active at all.
	Threshold  int64 `json:"threshold"`
	Activation int64 `json:"activation,omitempty"`
	// Earliest is the reset policy: without a commit everything that is kept counts, with
	// latest (KEDA's default) one message. ZeroWithoutCommit counts none then.
	Earliest          bool `json:"earliest,omitempty"`
	ZeroWithoutCommit bool `json:"zeroWithoutCommit,omitempty"`
	// IdleConsumers allows more replicas than partitions, LaggingOnly no more than partitions
	// that lag, Even only counts that divide the partitions; ExcludePersistent leaves out
	// partitions whose commit stands still.
	IdleConsumers     bool `json:"idleConsumers,omitempty"`
	LaggingOnly       bool `json:"laggingOnly,omitempty"`
	Even              bool `json:"even,omitempty"`
	ExcludePersistent bool `json:"excludePersistent,omitempty"`
}
