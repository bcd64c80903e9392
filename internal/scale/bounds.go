package scale

// Bounds are what a pod, or one container of it, asks for and may use. The scheduler
// counts the requests; the kernel holds it to the limits.
type Bounds struct {
	Requests Resources `json:"requests,omitzero"`
	Limits   Resources `json:"limits,omitzero"`
}

// Container is one container of a pod while it runs, with the bounds that it really has:
// those the kubelet reports after a resize, else those of its specification.
type Container struct {
	Name string
	Bounds
	// Sidecar says that it is an init container which goes on running.
	Sidecar bool
}
