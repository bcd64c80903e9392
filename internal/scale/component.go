package scale

// Reset is what a consumer does on a partition without a committed offset
// (auto.offset.reset). It decides what the lag of such a partition is.
type Reset string

// The reset policies. ResetUnknown counts nothing for an uncommitted partition and
// says so.
const (
	ResetUnknown  Reset = ""
	ResetEarliest Reset = "earliest"
	ResetLatest   Reset = "latest"
)

// Component is one scalable part of the pipeline as the runbook file describes it
// where it runs, what it reads and what bounds its size.
type Component struct {
	// Name is what people type and the key everywhere, such as "download-worker".
	Name string
	// Title is the name in prose, such as "Download Worker".
	Title string
	// Aliases are further words people may type for it, such as "dw".
	Aliases []string

	// Namespace, Deployment and Selector find the workload in Kubernetes. Selector
	// is a label selector such as "app=download-worker".
	Namespace  string
	Deployment string
	Selector   string
	// Container names the container whose use, bounds and environment count. Empty means
	// all of them together for the use, and the first one for image and environment.
	Container string

	// Group is the consumer group; it is required and never guessed (T-29).
	Group string
	// Topics are full topic names; a trailing * matches many.
	Topics []string
	// Partitions are the runbook's example counts by topic pattern, used only as a
	// labelled fallback while the broker has not answered.
	Partitions map[string]int
	// Reset is the consumers' reset policy.
	Reset Reset
	// ReadCommitted says that the consumers read only committed transactions, so
	// that lag ends at the last stable offset.
	ReadCommitted bool

	// ConsumersPerPod is how many consumers one pod runs, as the team says; 0 leaves it to
	// what the group shows.
	ConsumersPerPod int

	// Min is the hard floor of R-055. A component never goes below it.
	Min int
	// Max is a hard ceiling of the team's own; 0 means the partition count alone
	// bounds it.
	Max int
	// Low and High are the runbook's recommended range; outside it a note
	// is shown.
	Low, High int
	// Single, when not empty, is the reason why there may be only one instance
	//
	Single string

	// Downstream names the components that receive what this one produces (T-35).
	Downstream []string
	// Metrics names what the workers say of themselves (T-28).
	Metrics Metrics
}

// WithoutMinimum is the component for somebody who overrides its minimum. At least one
// worker always stays.
func (c Component) WithoutMinimum() Component {
	c.Min = 1
	return c
}

// Lowest is the hard floor of a component: its minimum, and never zero (R-055, T-23).
func (c Component) Lowest() int { return max(1, c.Min) }
