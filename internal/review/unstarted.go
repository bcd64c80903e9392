package review

// tookUnstarted reports whether the change removed only pods that had never run when it was
// requested. The lag then says nothing about the change.
func (f followup) tookUnstarted() bool {
	w, known := f.prior.Workload.Get()
	from, to := f.op.From, f.op.To
	return known && to < from && from-to <= w.Unstarted()
}
