package scale

// Unbounded says of what the pods set neither a limit nor a request: then how near to a bound
// they are is not known. It is empty where they set one for both.
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

// Highest is the most that one whole pod uses. A reading of an older version has only the
// shares, of what were the bounds of the whole pod then.
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

// Usage is the resource use of a component's pods as shares of limit and request: of the
// container that the runbook names, else of all together that have such a bound, and where
// the pod as a whole is nearer to a bound of its own, of that one. A share is negative
// where there is no such bound.
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
