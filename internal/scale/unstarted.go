package scale

// unstarted counts the pods that never ran and will not by themselves: no room, no image or
// no quota. Nothing consumes in them, so that they are no capacity, and Kubernetes removes
// them first when the count goes down.
func (w Workload) unstarted() int {
	n := 0
	for _, p := range w.Counted() {
		switch p.Cause {
		case CauseNodes, CauseImage, CauseQuota, CauseRefused:
			if !p.Ready {
				n++
			}
		case CauseNone, CauseStarting, CauseOther, CauseCrash, CauseMemory:
		}
	}
	if w.StuckCause == CauseQuota || w.StuckCause == CauseRefused {
		// What the quota refuses has no pod to look at.
		n = max(n, w.Desired-w.readyPods())
	}
	return min(n, w.Desired)
}

// takesUnstarted reports whether a lower count takes away nothing but pods that never ran.
func (v view) takesUnstarted(to int) bool {
	w, known := v.s.Workload.Get()
	return known && to < v.replicas && v.replicas-to <= w.unstarted()
}

// Hangs reports whether a scale-up stands still because pods do not start by themselves. The
// way back is offered from then on, and not only after the deadline.
func (o Operation) Hangs() bool {
	return o.State() == Settling && !o.Change.Down() && o.Rollout.Now.Unstarted > 0
}
