package ledger

// Option describes one replica count for comparison.
type Option struct {
	Replicas int `json:"replicas"`
	// Consumers is how many consumers the replicas run; 0 in plans stored before this field
	// existed.
	Consumers int `json:"consumers,omitempty"`
	// Busiest is the number of partitions on the busiest consumer, ceil(P/N) (T-05).
	Busiest int `json:"busiest"`
	// Efficient says that with one worker fewer the busiest worker would own more partitions.
	Efficient bool `json:"efficient"`
	// Idle is how many consumers would own nothing.
	Idle int `json:"idle,omitempty"`
	// Load is the arrivals of the busiest worker over its capacity; negative when
	// not known.
	Load  float64 `json:"load"`
	Drain Drain   `json:"drain"`
}

// PerPod is how many consumers one pod of the option runs; 0 where that is not stored.
func (o Option) PerPod() int {
	if o.Replicas <= 0 {
		return 0
	}
	return o.Consumers / o.Replicas
}
