package review

// tookUnstarted reports whether the change took away nothing but pods that had never run when
// it was asked for: then what lag does says nothing about it.
func (f followup) tookUnstarted() bool {
	w, known := f.prior.Workload.Get()
	from, to := f.op.From, f.op.To
	return known && to < from && from-to <= w.Unstarted()
}
