package scale

import (
	"slices"
	"time"
)

// Resources are an amount of CPU in millicores and of memory in bytes. Zero means
// not set.
type Resources struct {
	CPU    int64 `json:"cpu,omitempty"`
	Memory int64 `json:"memory,omitempty"`
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
	// IPs are its addresses, one of each family; none before it has been placed.
	IPs []string `json:"ips,omitempty"`
	// Address is where its metrics can be scraped, "host:port/path"; empty if unknown.
	Address string `json:"-"`
	// Containers are those that run in it, and Bounds those of the pod as a whole
	// (spec.resources); zero where it sets none.
	Containers []Container `json:"-"`
	Bounds     Bounds      `json:"-"`
	// CPU in millicores and memory in bytes in use, if the metrics API told.
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

// Workload is a Deployment and its pods as last seen.
type Workload struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid,omitempty"`
	// ResourceVersion is that of the scale subresource: the precondition of a write.
	ResourceVersion string `json:"resourceVersion,omitempty"`
	// Generation counts the changes of the specification; 0 when unknown.
	Generation int64 `json:"generation,omitempty"`
	Desired    int   `json:"desired"`
	Ready      int   `json:"ready"`
	Updated    int   `json:"updated"`
	Available  int   `json:"available"`
	// Observed says that the controller has seen the latest specification.
	Observed bool `json:"observed"`
	// Rolling says that a rollout of a new template is going on; Stuck carries the
	// controller's reason when its progress deadline passed or creating pods failed.
	Rolling bool   `json:"rolling,omitempty"`
	Stuck   string `json:"stuck,omitempty"`
	// StuckCause classifies Stuck.
	StuckCause PodCause `json:"stuckCause,omitempty"`
	// Paused says that changes of the template wait (spec.paused); the count does not.
	Paused bool `json:"paused,omitempty"`
	// Image, Revision and RolledAt describe the newest rollout.
	Image    string    `json:"image,omitempty"`
	Revision string    `json:"revision,omitempty"`
	RolledAt time.Time `json:"rolledAt,omitzero"`
	// ReplicasBy is the field manager that owns spec.replicas by managedFields: who wrote
	// the present count. It is empty when nobody is recorded, as after a pass through 0, and
	// "a or b" where several have applied the same count. When it was written is not known:
	// writes through the scale subresource are recorded without a time.
	ReplicasBy string `json:"replicasBy,omitempty"`
	// Requests is what the scheduler reserves for one more pod, and Limits what it may use
	// in all; a limit that one of its containers lacks is not set for the pod.
	Requests Resources `json:"requests,omitzero"`
	Limits   Resources `json:"limits,omitzero"`
	// Worker is the bounds of the container that the runbook names, or of the first.
	Worker Bounds `json:"worker,omitzero"`
	// Selector is the label selector of the deployment itself, and Template the adapter's
	// own description of one more pod, for reading the room that there is; neither is for
	// rules.
	Selector string `json:"-"`
	Template any    `json:"-"`
	// Env holds the tuning variables the runbook speaks of, as set in the pod
	// template, such as DOWNLOAD_CONCURRENCY.
	Env  map[string]string `json:"env,omitempty"`
	Pods []Pod             `json:"pods,omitempty"`
}

// Counted are the pods that make up the workload: of the newest ReplicaSet and not
// terminating (T-37). They are for reading: where every pod counts they are Pods itself.
func (w Workload) Counted() []Pod {
	first := slices.IndexFunc(w.Pods, func(p Pod) bool { return !p.counts() })
	if first < 0 {
		return slices.Clip(w.Pods)
	}
	pods := slices.Clip(w.Pods[:first])
	for _, p := range w.Pods[first:] {
		if p.counts() {
			pods = append(pods, p)
		}
	}
	return pods
}

func (p Pod) counts() bool { return p.Current && !p.Terminating }

// Settled reports whether the controller has seen the specification and exactly
// the desired pods are ready, none of them old. A paused one does not count its pods as
// updated when its template was changed.
func (w Workload) Settled() bool {
	return w.Observed && !w.Rolling && w.Ready == w.Desired && (w.Updated == w.Desired || w.Paused)
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

func bound(limit, request float64) (float64, string) {
	switch {
	case limit >= 0:
		return limit, "limit"
	case request >= 0:
		return request, "request"
	default:
		return -1, ""
	}
}

// Room is the space left for more pods.
type Room struct {
	// Free is allocatable minus requested over the schedulable nodes.
	Free Resources `json:"free"`
	// Quota lists resource quotas that bound the namespace, as sentences, and
	// QuotaPods how many more pods of this size they allow; -1 when none bounds it.
	Quota     []string `json:"quota,omitempty"`
	QuotaPods int      `json:"quotaPods"`
	// NodePods is how many more pods of this size fit on the nodes; -1 when unknown.
	NodePods int `json:"nodePods"`
	// Refused says why every new pod would be refused when it is made; empty when none
	// would be. QuotaPods is 0 then.
	Refused string `json:"refused,omitempty"`
	// Beyond lists what bounds the room further and is not counted: the numbers are "at
	// most" then.
	Beyond []string `json:"beyond,omitempty"`
}
