package scale

import (
	"slices"
	"time"
)

// WorkerBounds is the bounds of the container that does the work, or those of the pod where they
// are not known.
func (w Workload) WorkerBounds() Bounds {
	if w.Worker == (Bounds{}) {
		return Bounds{Requests: w.Requests, Limits: w.Limits}
	}
	return w.Worker
}

// EnvConcurrency is how many transfers a worker runs at once.
const EnvConcurrency = "DOWNLOAD_CONCURRENCY"

// The causes that keep a pod from ever running until somebody acts, and those for which a pod
// that ran is restarted again and again.
var (
	neverRan  = []PodCause{CauseNodes, CauseImage, CauseQuota, CauseRefused}
	neverBack = append([]PodCause{CauseMemory, CauseCrash}, neverRan...)
)

// Unstarted counts the wanted pods that never ran and will not run by themselves: no room, no
// image or no quota. They run no consumers, so they are no capacity, and Kubernetes removes them
// first when the count goes down.
func (w Workload) Unstarted() int {
	n := w.unready(neverRan)
	if w.StuckCause == CauseQuota || w.StuckCause == CauseRefused {
		// A pod that the quota refuses does not exist, so it is counted by its absence.
		n += max(0, w.Desired-len(w.Counted()))
	}
	return min(n, w.missing())
}

// Absent counts the wanted pods that will not become ready by themselves: those that never ran,
// and those whose container crashes again and again.
func (w Workload) Absent() int {
	if w.Stuck != "" {
		return w.missing()
	}
	return min(w.unready(neverBack), w.missing())
}

// unready counts the pods that are not ready for one of the causes.
func (w Workload) unready(causes []PodCause) int {
	n := 0
	for _, p := range w.Counted() {
		if !p.Ready && slices.Contains(causes, p.Cause) {
			n++
		}
	}
	return n
}

// missing is how many working pods there are too few. A ready pod of an older template counts as
// working until the rollout replaces it. Pods beyond the wanted count, as for a moment after a
// scale-down, are not missing when they are not ready.
func (w Workload) missing() int { return max(0, w.Desired-w.ReadyPods()-w.OldReady()) }

// OldReady counts the pods of older templates that still work.
func (w Workload) OldReady() int {
	n := 0
	for _, p := range w.Pods {
		if p.Ready && !p.Current && !p.Terminating {
			n++
		}
	}
	return n
}

// ImageOf names the image of a workload in brackets; empty where it is not known.
func ImageOf(w Workload) string {
	if w.Image == "" {
		return ""
	}
	return " (" + w.Image + ")"
}

// ReadyPods counts the ready pods of the newest ReplicaSet that are not being
// deleted; without a list of pods it is what the controller says.
func (w Workload) ReadyPods() int {
	if len(w.Pods) == 0 {
		return w.Ready
	}
	n := 0
	for _, p := range w.Counted() {
		if p.Ready {
			n++
		}
	}
	return n
}

// Workload is a Deployment and its pods as last read.
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
	// Paused says that the rollout of template changes is paused (spec.paused). A change of the
	// count takes effect all the same.
	Paused bool `json:"paused,omitempty"`
	// Image, Revision and RolledAt describe the newest rollout.
	Image    string    `json:"image,omitempty"`
	Revision string    `json:"revision,omitempty"`
	RolledAt time.Time `json:"rolledAt,omitzero"`
	// ReplicasBy is the field manager that owns spec.replicas in managedFields: the writer of the
	// present count. It is empty when none is recorded, as after a scale to 0, and "a or b" where
	// several have applied the same count. The time of the write is not known: writes through the
	// scale subresource are recorded without one.
	ReplicasBy string `json:"replicasBy,omitempty"`
	// Requests is what the scheduler reserves for one more pod, and Limits the most it may use.
	// Where one container lacks a limit, the pod has none.
	Requests Resources `json:"requests,omitzero"`
	Limits   Resources `json:"limits,omitzero"`
	// Worker is the bounds of the container that the runbook names, or of the first.
	Worker Bounds `json:"worker,omitzero"`
	// Selector is the label selector of the deployment itself, and Template the Kubernetes
	// adapter's own description of one more pod, from which it computes the free room. Rules use
	// neither.
	Selector string `json:"-"`
	Template any    `json:"-"`
	// Env holds the tuning variables the runbook speaks of, as set in the pod
	// template, such as DOWNLOAD_CONCURRENCY.
	Env  map[string]string `json:"env,omitempty"`
	Pods []Pod             `json:"pods,omitempty"`
}

// Counted are the pods that make up the workload: those of the newest ReplicaSet that are not
// terminating (T-37). The slice is read-only: where every pod counts it is Pods itself.
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

// Settled reports whether the controller has seen the specification and exactly the desired pods
// are ready, none of them of an older template. For a paused deployment whose template was
// changed it does not ask that pods are updated.
func (w Workload) Settled() bool {
	return w.Observed && !w.Rolling && w.Ready == w.Desired && (w.Updated == w.Desired || w.Paused)
}

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
