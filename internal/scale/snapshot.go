package scale

import "time"

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
	// PerPod is how many consumers one pod runs, as last seen or as the runbook file says;
	// [PerPod] weighs it against what the group shows now.
	PerPod Reading[int] `json:"perPod,omitzero"`
	// GroupType is the type of the group as it was last seen; empty when that was never.
	// What the group's own reading says comes first.
	GroupType GroupType `json:"groupType,omitempty"`
	// Downstream is the lag of the components that receive the output (T-35).
	Downstream map[string]Reading[int64] `json:"downstream,omitempty"`
	// Tried is the last scale-up, nil when there was none lately or nobody has looked.
	Tried *Tried `json:"tried,omitempty"`
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
