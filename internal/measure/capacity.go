package measure

import (
	"slices"
	"strconv"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// How the capacity of a worker is known.
const (
	// BasisMeasured: measured on workers that had a backlog.
	BasisMeasured = "measured"
	// BasisSlots: the rate of the workers, divided by the share of their processing slots in use.
	BasisSlots = "by busy slots"
	// BasisRunbook: the runbook's target rate, until there is a measurement.
	BasisRunbook = "runbook"
)

// The evidence that a measured capacity needs (decision B.8).
const (
	// BusySeconds is the backlog, in seconds of traffic, from which every worker counts as busy.
	BusySeconds = 10
	// leastEvidence is the shortest time to measure over; longestEvidence how far back
	// measurements count.
	leastEvidence   = 90 * time.Second
	longestEvidence = time.Hour
)

// measuredCapacity is what one worker manages. With a backlog it is the consumption per worker
// while all had one, since the membership last changed. Without a backlog it follows from the
// share of busy slots. Without that, a worker that has handled more than the runbook's rate
// manages at least as much. Otherwise it is the runbook's figure, and labelled as such.
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
		// Both rates were measured on workers with a backlog, so the higher one is a lower bound
		// too.
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
		// A worker manages at least what it was seen to do.
		return scale.Capacity{PerWorker: max(each, atLeast), Basis: BasisSlots}
	}
	if atLeast > runbook.PerWorker {
		return scale.Capacity{PerWorker: atLeast, Basis: BasisMeasured}
	}
	return runbook
}

// busyMembers is the median rate of the members that have a backlog on every one of their
// partitions: they work at full capacity, whatever the others do. For example, of nine workers on
// 24 partitions six have three partitions each and are busy, while three have two and run dry. It
// is zero when no member is busy, or when none has been for as long as the partition rates look
// back: rates from before the backlog show demand, not capacity.
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
	// A member far slower than the fastest one waits for messages: a late commit made it look
	// busy.
	for busy[0] < fullShare*busy[len(busy)-1] {
		busy = busy[1:]
	}
	return busy[len(busy)/2]
}

// fullShare is the least share of the fastest member's rate that a busy member reaches.
const fullShare = 0.5

// busyRateOf is what a member consumes if each of its partitions advances and has some seconds of
// traffic waiting, beyond the lag of one commit interval; zero otherwise.
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

// plannable is the share of its slots that a fully loaded worker keeps busy. It also fetches and
// commits, so that the busy time alone over-states its capacity; Flink corrects for the same
// (FLINK-33306).
const plannable = 0.8

// leastBusy is the share of slots in use below which it does not show the capacity: a few
// messages more or less would change the result by as much as itself.
const leastBusy = 0.1

// slotCapacity is what one worker manages by Little's law: the messages processed per second,
// divided by the share of the processing slots they keep busy (decision B.8). It needs no
// backlog; zero when not known. A measurement with a backlog takes precedence, because it is
// direct.
func (v Case) slotCapacity(working float64) float64 {
	rate, known := v.Now.Signals.Throughput.Get()
	busy := v.BusyShare()
	if v.Now.Signals.Throughput.AtLeast || v.Now.Signals.Busy.AtLeast {
		return 0 // without the pods that do not report, the rate is too low.
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

// backlogged is the newest stretch in which lag never fell below some seconds of traffic, so that
// the workers consumed all they could.
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

// lopsided reports whether the backlog is on fewer partitions than there are consumers. Some
// consumers are then idle and show nothing about capacity.
func (v Case) lopsided() bool {
	few, _ := v.Hot()
	return !v.Open && few > 0 && few < v.Consumers(v.Replicas) && 2*few <= len(v.Lag.Partitions)
}

// BusyEnough is the share of its slots in use from which a worker counts as busy.
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
