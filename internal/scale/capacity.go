package scale

import "time"

// How the capacity of a worker is known.
const (
	// BasisMeasured: workers with a backlog have been watched.
	BasisMeasured = "measured"
	// BasisRunbook: the runbook's target rate, until workers have been watched.
	BasisRunbook = "runbook"
)

// The evidence that makes a measured capacity (decision B.8).
const (
	// busySeconds of traffic waiting mean that every worker has something to do.
	busySeconds = 10
	// leastEvidence is the shortest time to watch; longestEvidence how far back the
	// present still speaks.
	leastEvidence   = 90 * time.Second
	longestEvidence = time.Hour
)

// measuredCapacity is what one worker manages: consumption per worker while every
// worker had a backlog, since the membership last changed. A worker that handled more
// than the runbook's rate without a backlog manages at least that. Everything else is
// the runbook's figure, labelled.
func (v view) measuredCapacity() Capacity {
	runbook := Capacity{PerWorker: v.p.Sizing.TargetRate, Basis: BasisRunbook}
	workers, known := v.ready()
	if !known || workers <= 0 || workers != v.replicas || v.partitions <= 0 {
		return runbook
	}
	working := min(workers, v.partitions)
	steady := v.steadyRun()
	rate, over := slope(v.backlogged(steady), consumptions, v.p.Times.Gap)
	if over >= leastEvidence && rate > 0 && !v.lopsided() {
		return Capacity{PerWorker: rate / float64(working), Basis: BasisMeasured}
	}
	rate, over = slope(recent(steady, v.p.Times.RateWindow), consumptions, v.p.Times.Gap)
	if atLeast := rate / float64(working); over >= leastEvidence && atLeast > runbook.PerWorker {
		return Capacity{PerWorker: atLeast, Basis: BasisMeasured}
	}
	return runbook
}

// steadyRun is the newest stretch of history with the present replicas and without a
// rebalance.
func (v view) steadyRun() []Point {
	past := recent(v.past, longestEvidence)
	i := len(past)
	for i > 0 && !past[i-1].Moving {
		if n, known := past[i-1].Wanted(); known && n != v.replicas {
			break
		}
		i--
	}
	return past[i:]
}

// backlogged is the newest stretch in which lag never fell under some seconds of
// traffic, so that consumption was all the workers could do.
func (v view) backlogged(past []Point) []Point {
	rate, over := slope(recent(past, v.p.Times.RateWindow), consumptions, v.p.Times.Gap)
	if over == 0 {
		return nil
	}
	i := len(past)
	for i > 0 && past[i-1].Lag >= busySeconds*rate && past[i-1].Lag > 0 {
		i--
	}
	return recent(past[i:], v.p.Times.RateWindow)
}

// lopsided reports whether the backlog sits on fewer partitions than there are
// workers, so that some workers are not busy and say nothing about capacity.
func (v view) lopsided() bool {
	few, _ := v.hot()
	return few > 0 && few < v.replicas && 2*few <= len(v.lag.Partitions)
}
