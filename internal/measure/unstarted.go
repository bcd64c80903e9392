package measure

// TakesUnstarted reports whether a lower count takes away nothing but pods that never ran. In
// the middle of a rollout it does not: a Deployment spreads it over its ReplicaSets by their
// size, and so takes pods that work
// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling).
func (v Case) TakesUnstarted(to int) bool {
	w, known := v.Now.Workload.Get()
	return known && to < v.Replicas && !w.Rolling && w.OldReady() == 0 && v.Replicas-to <= w.Unstarted()
}
