package measure

import (
	"slices"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
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
	// BusySeconds of traffic waiting mean that every worker has something to do.
	BusySeconds = 10
	// leastEvidence is the shortest time to watch; longestEvidence how far back the
	// present still speaks.
	leastEvidence   = 90 * time.Second
	longestEvidence = time.Hour
)

// measuredCapacity is what one worker manages: consumption per worker while every
// worker had a backlog, since the membership last changed; without a backlog, what the
// busy slots say; failing that a worker that handled more than the runbook's rate manages
// at least that. Everything else is the runbook's figure, labelled.
func (v Case) measuredCapacity() scale.Capacity {
	runbook := scale.Capacity{PerWorker: v.Policy.Sizing.TargetRate, Basis: BasisRunbook}
	workers, known := v.Ready()
	if !known || workers <= 0 || workers != v.able(v.Replicas) || v.Unsettled() {
		return runbook
	}
	working := v.Working(workers)
	steady := v.steadyRun()
	busy := v.backlogged(steady)
	rate, over := Slope(busy, Consumptions, v.Policy.Times.Gap)
	each := v.busyMembers(busy) * float64(v.ConsumersEach())
	if over >= leastEvidence && rate > 0 && !v.lopsided() && len(v.Stalled) == 0 {
		// Both are what workers with a backlog did, so that neither manages less.
		each = max(each, rate/working)
	}
	if each > 0 {
		return scale.Capacity{PerWorker: each, Basis: BasisMeasured}
	}
	rate, over = Slope(Recent(steady, v.Policy.Times.RateWindow), Consumptions, v.Policy.Times.Gap)
	atLeast := rate / working
	if over < leastEvidence {
		atLeast = 0
	}
	if each := v.slotCapacity(working); each > 0 {
		// Nobody manages less than what was seen.
		return scale.Capacity{PerWorker: max(each, atLeast), Basis: BasisSlots}
	}
	if atLeast > runbook.PerWorker {
		return scale.Capacity{PerWorker: atLeast, Basis: BasisMeasured}
	}
	return runbook
}

// busyMembers is what those members manage of whose partitions every one has a backlog,
// the median of them: they do all they can, whatever the others do. Nine workers on 24
// partitions are the case in point: six have three partitions each and are busy, while
// three have two and run dry. Zero when no member is busy, or not yet for as long as the
// rates of partitions look back: before the backlog they did what there was to do.
func (v Case) busyMembers(backlogged []scale.Point) float64 {
	consumers, known := v.ConsumersNow.Get()
	if !known || v.Open || !consumers.State.Stable() || len(backlogged) == 0 || v.Now.At.Sub(backlogged[0].At) < StillFor+v.Policy.Times.Sample {
		return 0
	}
	of := map[string]map[int32]scale.PartitionLag{}
	for _, p := range v.Lag.Partitions {
		if of[p.Topic] == nil {
			of[p.Topic] = map[int32]scale.PartitionLag{}
		}
		of[p.Topic][p.Partition] = p
	}
	var busy []float64
	for _, m := range consumers.Readers() {
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
func (v Case) busyRateOf(m scale.Member, of map[string]map[int32]scale.PartitionLag) float64 {
	sum := 0.0
	for topic, numbers := range m.Partitions {
		if of[topic] == nil {
			continue // not a topic of this component
		}
		for _, n := range numbers {
			p, known := of[topic][n]
			if !known || p.Consumption <= 0 || float64(p.Lag) < (BusySeconds+p.CommitEvery.Seconds())*p.Consumption {
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
func (v Case) slotCapacity(working float64) float64 {
	rate, known := v.Now.Signals.Throughput.Get()
	busy := v.BusyShare()
	if v.Now.Signals.Throughput.AtLeast || v.Now.Signals.Busy.AtLeast {
		return 0 // some of the pods do not tell, and what they do would be missing.
	}
	if !known || rate <= 0 || busy < leastBusy {
		return 0
	}
	return rate / working * max(1, plannable/busy)
}

// steadyRun is the newest stretch of history with the present replicas and without a
// rebalance.
func (v Case) steadyRun() []scale.Point {
	past := Recent(v.Past, longestEvidence)
	i := len(past)
	for i > 0 && !past[i-1].Moving {
		if n, known := past[i-1].Wanted(); known && n != v.Replicas {
			break
		}
		i--
	}
	return past[i:]
}

// backlogged is the newest stretch in which lag never fell under some seconds of
// traffic, so that consumption was all the workers could do.
func (v Case) backlogged(past []scale.Point) []scale.Point {
	rate, over := Slope(Recent(past, v.Policy.Times.RateWindow), Consumptions, v.Policy.Times.Gap)
	if over == 0 {
		return nil
	}
	i := len(past)
	for i > 0 && past[i-1].Lag >= BusySeconds*rate && past[i-1].Lag > 0 {
		i--
	}
	return Recent(past[i:], v.Policy.Times.RateWindow)
}

// lopsided reports whether the backlog sits on fewer partitions than there are
// consumers, so that some are not busy and say nothing about capacity.
func (v Case) lopsided() bool {
	few, _ := v.Hot()
	return !v.Open && few > 0 && few < v.Consumers(v.Replicas) && 2*few <= len(v.Lag.Partitions)
}

// BusyEnough is the share of a worker's slots in use from which it counts as busy.
const BusyEnough = 0.7

// BusyShare is the share of all processing slots in use, by the workers' configured
// concurrency; negative when not known.
func (v Case) BusyShare() float64 {
	busy, known := v.Now.Signals.Busy.Get()
	workload, seen := v.Now.Workload.Get()
	slots, err := strconv.Atoi(workload.Env[scale.EnvConcurrency])
	if !known || !seen || err != nil || slots <= 0 || workload.ReadyPods() == 0 {
		return -1
	}
	return busy / float64(slots*workload.ReadyPods())
}
