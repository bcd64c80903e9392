package scale

import (
	"strings"
	"time"
)

// Reason is why a pod does not run, without a full stop, so that it fits into a longer sentence.
func (p Pod) Reason() string {
	return ClauseOf(FirstOf(p.Trouble, p.Waiting, strings.ToLower(p.Phase)))
}

// Remedy is the runbook's advice for a cause; empty when it names none.
func (c PodCause) Remedy() string {
	switch c {
	case CauseNodes:
		return "add nodes or free capacity: the cluster has no room for the pods (R-136)"
	case CauseImage:
		return "check the image name and the registry (R-136)"
	case CauseQuota:
		return "raise the resource quota of the namespace; the pods come some minutes after that, when the ReplicaSet tries again (R-136)"
	case CauseRefused:
		return "correct the pod template, or the policy that refuses its pods"
	case CauseMemory:
		return "raise the memory limit or lower the concurrency: the container was killed for memory (R-072, R-076)"
	case CauseCrash:
		return "read the log of the crashing container; a rollback of the last rollout may help (R-109)"
	case CauseNone, CauseStarting, CauseOther:
	}
	return ""
}

// Pod is one pod of a workload.
type Pod struct {
	Name string `json:"name"`
	// Phase is Kubernetes' own: Pending, Running, Succeeded, Failed, Unknown.
	Phase string `json:"phase"`
	Ready bool   `json:"ready"`
	// Current says that the pod belongs to the newest ReplicaSet; Terminating that
	// it is being deleted. Only current pods that are not terminating count (T-37).
	Current     bool      `json:"current"`
	Terminating bool      `json:"terminating,omitempty"`
	CreatedAt   time.Time `json:"createdAt,omitzero"`
	ReadyAt     time.Time `json:"readyAt,omitzero"`
	Restarts    int       `json:"restarts,omitempty"`
	// Waiting is the container's waiting reason, such as ImagePullBackOff or
	// CrashLoopBackOff; LastExit the reason of its last termination, such as
	// OOMKilled.
	Waiting  string `json:"waiting,omitempty"`
	LastExit string `json:"lastExit,omitempty"`
	// Trouble explains in one sentence why the pod does not run, from its newest
	// warning event or condition; empty when nothing is wrong.
	Trouble string `json:"trouble,omitempty"`
	// Cause classifies Trouble for advice.
	Cause PodCause `json:"cause,omitempty"`
	Node  string   `json:"node,omitempty"`
	// IPs are its addresses, one of each family; none before the pod is scheduled.
	IPs []string `json:"ips,omitempty"`
	// Address is where its metrics can be scraped, "host:port/path"; empty if unknown.
	Address string `json:"-"`
	// Containers are the running ones, and Bounds those of the pod as a whole (spec.resources);
	// zero where it sets none.
	Containers []Container `json:"-"`
	Bounds     Bounds      `json:"-"`
	// Usage is the CPU in millicores and the memory in bytes in use, if the metrics API answered.
	Usage Reading[Resources] `json:"usage,omitzero"`
}

// PodCause classifies why a pod does not start or keeps failing.
type PodCause string

// The causes the runbook tells apart, and those it does not name.
const (
	CauseNone     PodCause = ""
	CauseNodes    PodCause = "nodes"    // insufficient cluster resources: add nodes
	CauseImage    PodCause = "image"    // image pull: check the registry
	CauseQuota    PodCause = "quota"    // resource quota exceeded: raise the quota
	CauseRefused  PodCause = "refused"  // no pod of the kind may be made: correct the template
	CauseCrash    PodCause = "crash"    // the container starts and ends again
	CauseMemory   PodCause = "memory"   // OOM-killed
	CauseStarting PodCause = "starting" // still within the expected 30–60 s
	CauseOther    PodCause = "other"
)

func (p Pod) counts() bool { return p.Current && !p.Terminating }
