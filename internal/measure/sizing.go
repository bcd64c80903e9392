package measure

import (
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Highest is the hard ceiling of a component: one consumer per partition, and the
// team's own maximum.
func Highest(c scale.Component, s Sharing) int {
	if c.Single != "" {
		return 1
	}
	top := s.Ceiling()
	if c.Max > 0 {
		top = min(top, c.Max)
	}
	return max(top, c.Lowest())
}

// Thumb is the runbook's rule of thumb: 2 to 4 partitions per consumer, and at most 3
// under high lag, within the component's hard bounds. Both are zero when
// the number of partitions is unknown.
func (v Case) Thumb(highLag bool) (low, high int) {
	most := v.Policy.Sizing.MaxPerWorker
	if highLag {
		most = v.Policy.Sizing.HighLagPerWorker
	}
	if v.Partitions <= 0 || v.Open || most <= 0 || v.Policy.Sizing.MinPerWorker <= 0 {
		return 0, 0
	}
	bottom, top := v.Component.Lowest(), Highest(v.Component, v.Sharing)
	low = v.pods(scale.CeilDiv(v.Partitions, most))
	high = v.pods(scale.CeilDiv(v.Partitions, v.Policy.Sizing.MinPerWorker))
	return min(max(low, bottom), top), min(max(high, bottom), top)
}

// Below and Above are the nearest efficient counts on either side of a count, within the
// component's bounds; zero when there is none.
func (v Case) Below(count int) int {
	found := 0
	for _, n := range v.Counts() {
		if n < count && n >= v.Component.Lowest() {
			found = n
		}
	}
	return found
}

// Above is the next count that loads the busiest consumer less, within the component's bounds; zero when there is none.
func (v Case) Above(count int) int {
	for _, n := range v.Counts() {
		if n > count && n <= Highest(v.Component, v.Sharing) {
			return n
		}
	}
	return 0
}

// Option describes one count for comparison.
func (v Case) Option(count int) ledger.Option {
	o := ledger.Option{
		Replicas:  count,
		Busiest:   v.Busiest(v.able(count)),
		Efficient: count > 0 && v.Efficient(count),
		Idle:      v.idle(count),
		Consumers: v.Consumers(count),
		Load:      v.load(count),
		Drain:     v.Drain(count),
	}
	if v.Unsettled() {
		o.Efficient, o.Idle = false, 0
	}
	return o
}

// load is the arrivals of the busiest consumer divided by what one manages; negative when not
// known. It is never below that of the hottest partition, because one consumer has to read it
// alone.
func (v Case) load(count int) float64 {
	count = v.able(count)
	if !v.RatesKnown || v.Capacity.PerWorker <= 0 || count <= 0 || v.Unsettled() {
		return -1
	}
	share := v.Rates.Arrival / v.Effective(count)
	return max(share/v.Capacity.PerWorker, v.hottestArrival()/v.EachManages())
}

// hottestArrival is the largest known arrival rate of one partition, 0 when none is
// known.
func (v Case) hottestArrival() float64 {
	hottest := 0.0
	if v.Open {
		return hottest // many workers read it
	}
	for _, p := range v.Lag.Partitions {
		hottest = max(hottest, p.Arrival)
	}
	return hottest
}

// EachManages is what one consumer manages: the capacity of a worker divided by its consumers.
func (v Case) EachManages() float64 { return v.Capacity.PerWorker / float64(v.ConsumersEach()) }
