package scale

// lowest is the hard floor of a component: its minimum, and never zero (R-055, T-23).
func (c Component) lowest() int { return max(1, c.Min) }

// highest is the hard ceiling of a component: one consumer per partition, and the
// team's own maximum.
func (c Component) highest(s sharing) int {
	if c.Single != "" {
		return 1
	}
	top := s.ceiling()
	if c.Max > 0 {
		top = min(top, c.Max)
	}
	return max(top, c.lowest())
}

// thumb is the runbook's rule of thumb: 2 to 4 partitions per consumer, and at most 3
// under high lag, within the component's hard bounds. Both are zero when
// the number of partitions is unknown.
func (v view) thumb(highLag bool) (low, high int) {
	most := v.p.Sizing.MaxPerWorker
	if highLag {
		most = v.p.Sizing.HighLagPerWorker
	}
	if v.partitions <= 0 || v.open || most <= 0 || v.p.Sizing.MinPerWorker <= 0 {
		return 0, 0
	}
	bottom, top := v.c.lowest(), v.c.highest(v.sharing)
	low = v.pods(ceilDiv(v.partitions, most))
	high = v.pods(ceilDiv(v.partitions, v.p.Sizing.MinPerWorker))
	return min(max(low, bottom), top), min(max(high, bottom), top)
}

// below and above are the nearest efficient counts on either side of a count, within
// the component's bounds; zero when there is none.
func (v view) below(count int) int {
	found := 0
	for _, n := range v.counts() {
		if n < count && n >= v.c.lowest() {
			found = n
		}
	}
	return found
}

func (v view) above(count int) int {
	for _, n := range v.counts() {
		if n > count && n <= v.c.highest(v.sharing) {
			return n
		}
	}
	return 0
}

// option describes one count for comparison.
func (v view) option(count int) Option {
	o := Option{
		Replicas:  count,
		Busiest:   v.busiest(v.able(count)),
		Efficient: count > 0 && v.efficient(count),
		Idle:      v.idle(count),
		Consumers: v.consumers(count),
		Load:      v.load(count),
		Drain:     v.drain(count),
	}
	if v.unsettled() {
		o.Efficient, o.Idle = false, 0
	}
	return o
}

// load is the arrivals of the busiest consumer over what it manages; negative when not
// known. No count brings it below the arrivals of the hottest single partition, which one
// consumer reads.
func (v view) load(count int) float64 {
	count = v.able(count)
	if !v.ratesKnown || v.capacity.PerWorker <= 0 || count <= 0 || v.unsettled() {
		return -1
	}
	share := v.rates.Arrival / v.effective(count)
	return max(share/v.capacity.PerWorker, v.hottestArrival()/v.eachManages())
}

// hottestArrival is the largest known arrival rate of one partition, 0 when none is
// known.
func (v view) hottestArrival() float64 {
	hottest := 0.0
	if v.open {
		return hottest // many workers read it
	}
	for _, p := range v.lag.Partitions {
		hottest = max(hottest, p.Arrival)
	}
	return hottest
}

// eachManages is what one consumer manages: the capacity is that of a worker, which may
// run several.
func (v view) eachManages() float64 { return v.capacity.PerWorker / float64(v.consumersEach()) }
