package scale

// Resources are an amount of CPU in millicores and of memory in bytes. Zero means
// not set.
type Resources struct {
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
}
