package scale

// Unbounded names the resources for which the pods set neither a limit nor a request, so that
// their share of a bound is not known. It is empty where the pods set one for both.
func (u Usage) Unbounded() string {
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

// Highest is the most that one whole pod uses. A reading stored by an older version has only
// shares, and those were shares of the bounds of the whole pod.
func (u Usage) Highest(w Workload) Resources {
	if u.Peak != (Resources{}) {
		return u.Peak
	}
	_, cpuOf := u.CPU()
	_, memoryOf := u.Memory()
	base := func(of string) Resources {
		if of == "limit" {
			return w.Limits
		}
		return w.Requests
	}
	return Resources{CPU: int64(u.CPUPeak * float64(base(cpuOf).CPU)), Memory: int64(u.MemoryPeak * float64(base(memoryOf).Memory))}
}

// Usage is the resource use of a component's pods as shares of limit and request. The shares are
// those of the container that the runbook names, otherwise of all containers that have such a
// bound. Where the pod as a whole has a bound (spec.resources) and is nearer to it, they are
// shares of that. A share is negative where there is no bound.
type Usage struct {
	// CPULimit, CPURequest, MemoryLimit and MemoryRequest are means over the pods;
	// 0.8 is 80 %.
	CPULimit      float64 `json:"cpuLimit"`
	CPURequest    float64 `json:"cpuRequest"`
	MemoryLimit   float64 `json:"memoryLimit"`
	MemoryRequest float64 `json:"memoryRequest"`
	// CPUPeak and MemoryPeak are the highest share of the chosen bound on one pod.
	CPUPeak    float64 `json:"cpuPeak"`
	MemoryPeak float64 `json:"memoryPeak"`
	// Peak is the most CPU and the most memory that one whole pod uses.
	Peak Resources `json:"peak,omitzero"`
	// Pods is how many pods answered, Of how many there are.
	Pods int `json:"pods"`
	Of   int `json:"of"`
}

// CPU is the share the rules judge and what it is a share of: the limit when one is
// set, else the request (T-15). It is negative when neither is set.
func (u Usage) CPU() (share float64, of string) { return bound(u.CPULimit, u.CPURequest) }

// Memory is the share the rules judge and what it is a share of, as for CPU.
func (u Usage) Memory() (share float64, of string) { return bound(u.MemoryLimit, u.MemoryRequest) }
