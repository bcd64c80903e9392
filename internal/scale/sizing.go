package scale

import "slices"

// maxConsidered bounds the partition counts that are compared one by one; Kafka
// clusters stay far below it.
const maxConsidered = 100_000

// Efficient lists the worker counts worth having for the given partitions, in
// ascending order: those that give the busiest worker fewer partitions than any
// smaller count does (decision B.7). For 24 they are 1 2 3 4 5 6 8 12 24.
func Efficient(partitions int) []int {
	var counts []int
	if partitions <= 0 || partitions > maxConsidered {
		return nil
	}
	for each := 1; each <= partitions; each++ {
		counts = append(counts, busiest(partitions, each))
	}
	slices.Sort(counts)
	return slices.Compact(counts)
}

// busiest is how many partitions the busiest of the workers owns when they are
// shared out evenly: ceil(P/N). It is zero when there is no worker.
func busiest(partitions, workers int) int {
	if workers <= 0 || partitions <= 0 {
		return 0
	}
	return (partitions + workers - 1) / workers
}

// idle is how many of the workers own nothing.
func idle(partitions, workers int) int { return max(0, workers-partitions) }

// efficient reports whether one worker less would load the busiest one more.
func efficient(partitions, workers int) bool {
	return workers == 1 || busiest(partitions, workers-1) > busiest(partitions, workers)
}

// effective is how many fully used workers the count amounts to: the whole is as fast
// as its busiest worker lets it be. 9 workers on 24 partitions are worth 8.
func effective(partitions, workers int) float64 {
	most := busiest(partitions, workers)
	if most == 0 {
		return 0
	}
	return float64(partitions) / float64(most)
}

// lowest is the hard floor of a component: its minimum, and never zero (R-055, T-23).
func (c Component) lowest() int { return max(1, c.Min) }

// highest is the hard ceiling of a component: one worker per partition, and the
// team's own maximum.
func (c Component) highest(partitions int) int {
	if c.Single != "" {
		return 1
	}
	top := partitions
	if c.Max > 0 {
		top = min(top, c.Max)
	}
	return max(top, c.lowest())
}

// thumb is the runbook's rule of thumb: 2 to 4 partitions per worker, and at most 3
// under high lag, within the component's hard bounds. Both are zero when
// the number of partitions is unknown.
func (v view) thumb(highLag bool) (low, high int) {
	most := v.p.Sizing.MaxPerWorker
	if highLag {
		most = v.p.Sizing.HighLagPerWorker
	}
	if v.partitions <= 0 || most <= 0 || v.p.Sizing.MinPerWorker <= 0 {
		return 0, 0
	}
	bottom, top := v.c.lowest(), v.c.highest(v.partitions)
	low = (v.partitions + most - 1) / most
	high = (v.partitions + v.p.Sizing.MinPerWorker - 1) / v.p.Sizing.MinPerWorker
	return min(max(low, bottom), top), min(max(high, bottom), top)
}

// below and above are the nearest efficient counts on either side of a count, within
// the component's bounds; zero when there is none.
func (v view) below(count int) int {
	found := 0
	for _, n := range Efficient(v.partitions) {
		if n < count && n >= v.c.lowest() {
			found = n
		}
	}
	return found
}

func (v view) above(count int) int {
	for _, n := range Efficient(v.partitions) {
		if n > count && n <= v.c.highest(v.partitions) {
			return n
		}
	}
	return 0
}

// option describes one count for comparison.
func (v view) option(count int) Option {
	o := Option{
		Replicas:  count,
		Busiest:   busiest(v.partitions, count),
		Efficient: count > 0 && efficient(v.partitions, count),
		Idle:      idle(v.partitions, count),
		Load:      v.load(count),
		Drain:     v.drain(count),
	}
	if v.partitions <= 0 {
		o.Efficient, o.Idle = false, 0
	}
	return o
}

// load is the arrivals of the busiest worker over what it manages; negative when not
// known. No count brings it below the arrivals of the hottest single partition.
func (v view) load(count int) float64 {
	count = v.able(count)
	if !v.ratesKnown || v.capacity.PerWorker <= 0 || count <= 0 || v.partitions <= 0 {
		return -1
	}
	share := v.rates.Arrival / effective(v.partitions, count)
	return max(share, v.hottestArrival()) / v.capacity.PerWorker
}

// hottestArrival is the largest known arrival rate of one partition, 0 when none is
// known.
func (v view) hottestArrival() float64 {
	hottest := 0.0
	for _, p := range v.lag.Partitions {
		hottest = max(hottest, p.Arrival)
	}
	return hottest
}
