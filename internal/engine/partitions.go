package engine

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// partitionKey names one partition of one topic.
type partitionKey struct {
	topic     string
	partition int32
}

// positions are the offsets of all partitions at one moment.
type positions struct {
	at      time.Time
	offsets map[partitionKey][2]int64
}

// partitionRates keeps a few past sweeps of one component to tell the rate of each partition.
type partitionRates struct {
	sweeps []positions
}

const (
	// ratesEvery is the least time between two kept sweeps, ratesKept their number.
	ratesEvery = 15 * time.Second
	ratesKept  = 9
)

// fill sets arrival and consumption of every partition from the oldest kept sweep, and
// keeps this one. A partition without an earlier position stays unknown: -1.
func (r *partitionRates) fill(lag *scale.Lag, at time.Time) {
	for i := range lag.Partitions {
		p := &lag.Partitions[i]
		p.Arrival, p.Consumption = -1, -1
		r.rate(p, at)
	}
	if n := len(r.sweeps); n > 0 && at.Sub(r.sweeps[n-1].at) < ratesEvery {
		return
	}
	r.sweeps = append(r.sweeps, positionsOf(*lag, at))
	if len(r.sweeps) > ratesKept {
		r.sweeps = append(r.sweeps[:0:0], r.sweeps[1:]...)
	}
}

// rate measures one partition against the oldest sweep that knows it.
func (r *partitionRates) rate(p *scale.PartitionLag, at time.Time) {
	if p.Flag == scale.LagUnknown {
		return
	}
	for _, sweep := range r.sweeps {
		before, ok := sweep.offsets[partitionKey{p.Topic, p.Partition}]
		span := at.Sub(sweep.at).Seconds()
		if !ok || span < 1 {
			continue
		}
		if p.End >= before[0] {
			p.Arrival = float64(p.End-before[0]) / span
		}
		if p.Committed >= before[1] && before[1] >= 0 {
			p.Consumption = float64(p.Committed-before[1]) / span
		}
		return
	}
}

func positionsOf(lag scale.Lag, at time.Time) positions {
	p := positions{at: at, offsets: make(map[partitionKey][2]int64, len(lag.Partitions))}
	for _, one := range lag.Partitions {
		if one.Flag != scale.LagUnknown {
			p.offsets[partitionKey{one.Topic, one.Partition}] = [2]int64{one.End, one.Committed}
		}
	}
	return p
}
