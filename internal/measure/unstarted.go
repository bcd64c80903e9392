package measure

// TakesUnstarted reports whether a lower count removes only pods that never ran. It is false in
// the middle of a rollout: a Deployment spreads a scale-down over its ReplicaSets in proportion
// to their size, and so removes pods that work
// (https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#proportional-scaling).
func (v Case) TakesUnstarted(to int) bool {
	w, known := v.Now.Workload.Get()
	return known && to < v.Replicas && !w.Rolling && w.OldReady() == 0 && v.Replicas-to <= w.Unstarted()
}
