package scale

import "slices"

// What keeps a pod from ever running until somebody does something about it, and what ends
// one that ran again and again.
var (
	neverRan  = []PodCause{CauseNodes, CauseImage, CauseQuota, CauseRefused}
	neverBack = append([]PodCause{CauseMemory, CauseCrash}, neverRan...)
)

// unstarted counts the wanted pods that never ran and will not by themselves: no room, no
// image or no quota. Nothing consumes in them, so that they are no capacity, and Kubernetes
// removes them first when the count goes down.
func (w Workload) unstarted() int {
	n := w.unready(neverRan)
	if w.StuckCause == CauseQuota || w.StuckCause == CauseRefused {
		// What the quota refuses has no pod to look at.
		n += max(0, w.Desired-len(w.Counted()))
	}
	return min(n, w.missing())
}

// absent counts the wanted pods that do not come by themselves: those that never ran, and
// those whose container keeps dying.
func (w Workload) absent() int {
	if w.Stuck != "" {
		return w.missing()
	}
	return min(w.unready(neverBack), w.missing())
}

// unready counts the pods that one of the causes keeps from being ready.
func (w Workload) unready(causes []PodCause) int {
	n := 0
	for _, p := range w.Counted() {
		if !p.Ready && slices.Contains(causes, p.Cause) {
			n++
		}
	}
	return n
}

// missing is how many pods that work there are too few. Those of an older template work as
// well, until the rollout has replaced them. Of pods beyond the wanted count, as for a moment
// after it was lowered, those that are not ready are missed by nobody.
func (w Workload) missing() int { return max(0, w.Desired-w.readyPods()-w.oldReady()) }

// oldReady counts the pods of older templates that still work.
func (w Workload) oldReady() int {
	n := 0
	for _, p := range w.Pods {
		if p.Ready && !p.Current && !p.Terminating {
			n++
		}
	}
	return n
}

// takesUnstarted reports whether a lower count takes away nothing but pods that never ran. In
// the middle of a rollout it does not: a Deployment spreads it over its ReplicaSets by their
// size, and so takes pods that work
// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling).
func (v view) takesUnstarted(to int) bool {
	w, known := v.s.Workload.Get()
	return known && to < v.replicas && !w.Rolling && w.oldReady() == 0 && v.replicas-to <= w.unstarted()
}

// tookUnstarted reports whether the change took away nothing but pods that had never run when
// it was asked for: then what lag does says nothing about it.
func (f followup) tookUnstarted() bool {
	w, known := f.prior.Workload.Get()
	from, to := f.op.Change.From, f.op.Change.To
	return known && to < from && from-to <= w.unstarted()
}

// Hangs reports whether a scale-up stands still because pods do not start by themselves. The
// way back is offered from then on, and not only after the deadline.
func (o Operation) Hangs() bool {
	return o.State() == Settling && !o.Change.Down() && o.Rollout.Now.Unstarted > 0
}
