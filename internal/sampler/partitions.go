package sampler

import (
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// partitionKey names one partition of one topic.
type partitionKey struct {
	topic     string
	partition int32
}

// positions are the offsets of all partitions at one moment, in the order of their keys. Sweeps
// share the slice of keys while the partitions stay the same, because a fleet has hundreds of
// thousands of offsets.
type positions struct {
	at      time.Time
	keys    []partitionKey
	offsets []position
}

// position holds the offsets of a partition; end is negative when not known.
type position struct{ end, committed int64 }

// of finds the position of a partition, which is nearly always at the same index.
func (p positions) of(index int, key partitionKey) (position, bool) {
	if index >= len(p.keys) || p.keys[index] != key {
		index = slices.Index(p.keys, key)
	}
	if index < 0 || p.offsets[index].end < 0 {
		return position{}, false
	}
	return p.offsets[index], true
}

// partitionRates keeps a few past sweeps of one component, to compute the rate of each partition
// and the age of its oldest unread message.
type partitionRates struct {
	sweeps []positions
	ages   partitionAges
}

const (
	// ratesEvery is the least time between two kept sweeps, ratesKept their number.
	ratesEvery = 15 * time.Second
	sweepsMost = 9
)

// fill sets arrival, consumption and age of every partition from the kept sweeps, and
// keeps this one. A partition without an earlier position stays unknown: -1.
func (r *partitionRates) fill(lag *scale.Lag, at time.Time) {
	for i := range lag.Partitions {
		p := &lag.Partitions[i]
		p.Arrival, p.Consumption = -1, -1
		r.rate(i, p, at)
	}
	r.ages.fill(lag, at)
	if n := len(r.sweeps); n > 0 && at.Sub(r.sweeps[n-1].at) < ratesEvery {
		return
	}
	r.sweeps = append(r.sweeps, r.positionsOf(lag.Partitions, at))
	if len(r.sweeps) > sweepsMost {
		r.sweeps = append(r.sweeps[:0:0], r.sweeps[1:]...)
	}
}

// rate compares one partition with the oldest sweep that has it. Consumption is measured against
// the oldest sweep whose commit is still in the log: what retention removed since an older commit
// may have been skipped and not processed.
func (r *partitionRates) rate(index int, p *scale.PartitionLag, at time.Time) {
	if p.Flag == scale.LagUnknown {
		return
	}
	first := true
	for _, sweep := range r.sweeps {
		before, ok := sweep.of(index, partitionKey{p.Topic, p.Partition})
		span := at.Sub(sweep.at).Seconds()
		if !ok || span < 1 {
			continue
		}
		if first && p.End >= before.end {
			p.Arrival = float64(p.End-before.end) / span
		}
		switch {
		case before.committed < 0 || p.Committed < before.committed:
			return
		case before.committed >= p.Start:
			// A commit that advanced since an older sweep, but not since this one, is not
			// stalled: its rate stays unknown instead of zero.
			if first || p.Committed > before.committed {
				p.Consumption = float64(p.Committed-before.committed) / span
			}
			return
		}
		first = false
	}
}

func (r *partitionRates) positionsOf(partitions []scale.PartitionLag, at time.Time) positions {
	p := positions{at: at, keys: r.keysOf(partitions), offsets: make([]position, len(partitions))}
	for i, one := range partitions {
		p.offsets[i] = position{one.End, one.Committed}
		if one.Flag == scale.LagUnknown {
			p.offsets[i] = position{-1, -1}
		}
	}
	return p
}

// keysOf are the keys of the newest sweep when they are the same.
func (r *partitionRates) keysOf(partitions []scale.PartitionLag) []partitionKey {
	key := func(p scale.PartitionLag) partitionKey { return partitionKey{p.Topic, p.Partition} }
	if n := len(r.sweeps); n > 0 && slices.EqualFunc(r.sweeps[n-1].keys, partitions, func(k partitionKey, p scale.PartitionLag) bool { return k == key(p) }) {
		return r.sweeps[n-1].keys
	}
	keys := make([]partitionKey, len(partitions))
	for i, p := range partitions {
		keys[i] = key(p)
	}
	return keys
}
