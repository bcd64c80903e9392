package scale

import (
	"slices"
	"time"
)

// How the capacity of a worker is known.
const (
	// BasisMeasured: workers with a backlog have been watched.
	BasisMeasured = "measured"
	// BasisSlots: what the workers process, over the share of their slots it takes.
	BasisSlots = "by busy slots"
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
// worker had a backlog, since the membership last changed; without a backlog, what the
// busy slots say; failing that a worker that handled more than the runbook's rate manages
// at least that. Everything else is the runbook's figure, labelled.
func (v view) measuredCapacity() Capacity {
	runbook := Capacity{PerWorker: v.p.Sizing.TargetRate, Basis: BasisRunbook}
	workers, known := v.ready()
	if !known || workers <= 0 || workers != v.able(v.replicas) || v.unsettled() {
		return runbook
	}
	working := v.working(workers)
	steady := v.steadyRun()
	busy := v.backlogged(steady)
	rate, over := slope(busy, consumptions, v.p.Times.Gap)
	each := v.busyMembers(busy) * float64(v.consumersEach())
	if over >= leastEvidence && rate > 0 && !v.lopsided() && len(v.stalled) == 0 {
		// Both are what workers with a backlog did, so that neither manages less.
		each = max(each, rate/working)
	}
	if each > 0 {
		return Capacity{PerWorker: each, Basis: BasisMeasured}
	}
	rate, over = slope(recent(steady, v.p.Times.RateWindow), consumptions, v.p.Times.Gap)
	atLeast := rate / working
	if over < leastEvidence {
		atLeast = 0
	}
	if each := v.slotCapacity(working); each > 0 {
		// Nobody manages less than what was seen.
		return Capacity{PerWorker: max(each, atLeast), Basis: BasisSlots}
	}
	if atLeast > runbook.PerWorker {
		return Capacity{PerWorker: atLeast, Basis: BasisMeasured}
	}
	return runbook
}

// busyMembers is what those members manage of whose partitions every one has a backlog,
// the median of them: they do all they can, whatever the others do. Nine workers on 24
// partitions are the case in point: six have three partitions each and are busy, while
// three have two and run dry. Zero when no member is busy, or not yet for as long as the
// rates of partitions look back: before the backlog they did what there was to do.
func (v view) busyMembers(backlogged []Point) float64 {
	consumers, known := v.consumersNow.Get()
	if !known || v.open || !consumers.State.Stable() || len(backlogged) == 0 || v.s.At.Sub(backlogged[0].At) < stillFor+v.p.Times.Sample {
		return 0
	}
	of := map[string]map[int32]PartitionLag{}
	for _, p := range v.lag.Partitions {
		if of[p.Topic] == nil {
			of[p.Topic] = map[int32]PartitionLag{}
		}
		of[p.Topic][p.Partition] = p
	}
	var busy []float64
	for _, m := range consumers.readers() {
		if rate := v.busyRateOf(m.Member, of); rate > 0 {
			busy = append(busy, rate)
		}
	}
	if len(busy) == 0 {
		return 0
	}
	slices.Sort(busy)
	// A member that gets through far less than the best one waits for messages: a late
	// commit only made it look busy.
	for busy[0] < fullShare*busy[len(busy)-1] {
		busy = busy[1:]
	}
	return busy[len(busy)/2]
}

// fullShare of what the busiest member gets through is the least that a full one does.
const fullShare = 0.5

// busyRateOf is what a member consumes if each of its partitions moves and has some seconds
// of traffic waiting beyond what a commit interval shows; zero otherwise.
func (v view) busyRateOf(m Member, of map[string]map[int32]PartitionLag) float64 {
	sum := 0.0
	for topic, numbers := range m.Partitions {
		if of[topic] == nil {
			continue // not a topic of this component
		}
		for _, n := range numbers {
			p, known := of[topic][n]
			if !known || p.Consumption <= 0 || float64(p.Lag) < (busySeconds+p.CommitEvery.Seconds())*p.Consumption {
				return 0
			}
			sum += p.Consumption
		}
	}
	return sum
}

// plannable is the share of its slots that a full worker keeps busy. It fetches and
// commits as well, so that busy time alone over-states what it manages; Flink corrects
// for the same (FLINK-33306).
const plannable = 0.8

// leastBusy is the share of slots in use under which their number says nothing: a few
// messages more or less would change the answer by as much as itself.
const leastBusy = 0.1

// slotCapacity is what one worker manages by Little's law: the messages processed per
// second over the share of the processing slots they keep busy (decision B.8). It needs
// no backlog; zero when not known. Workers seen with a backlog tell the truth by
// construction and come first.
func (v view) slotCapacity(working float64) float64 {
	rate, known := v.s.Signals.Throughput.Get()
	busy := v.busyShare()
	if v.s.Signals.Throughput.AtLeast || v.s.Signals.Busy.AtLeast {
		return 0 // some of the pods do not tell, and what they do would be missing.
	}
	if !known || rate <= 0 || busy < leastBusy {
		return 0
	}
	return rate / working * max(1, plannable/busy)
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
// consumers, so that some are not busy and say nothing about capacity.
func (v view) lopsided() bool {
	few, _ := v.hot()
	return !v.open && few > 0 && few < v.consumers(v.replicas) && 2*few <= len(v.lag.Partitions)
}
