package scale

// Bounds are what a pod, or one container of it, asks for and may use. The scheduler
// counts the requests; the kernel holds it to the limits.
type Bounds struct {
	Requests Resources `json:"requests,omitzero"`
	Limits   Resources `json:"limits,omitzero"`
}

// Container is one running container of a pod with the bounds in force: those that the kubelet
// reports after a resize, otherwise those of the pod's specification.
type Container struct {
	Name string
	Bounds
	// Sidecar marks an init container that keeps running (restartPolicy Always).
	Sidecar bool
}
