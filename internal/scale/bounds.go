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

// worker is the bounds of the container that does the work, those of the pod where they
// are not known.
func (w Workload) worker() Bounds {
	if w.Worker == (Bounds{}) {
		return Bounds{Requests: w.Requests, Limits: w.Limits}
	}
	return w.Worker
}

// unbounded says of what the pods set neither a limit nor a request: then how near to a bound
// they are is not known. It is empty where they set one for both.
func (u Usage) unbounded() string {
	cpu, _ := u.CPU()
	memory, _ := u.Memory()
	switch {
	case cpu < 0 && memory < 0:
		return "the pods set neither a limit nor a request"
	case cpu < 0:
		return "the pods set neither a limit nor a request for CPU"
	case memory < 0:
		return "the pods set neither a limit nor a request for memory"
	}
	return ""
}
