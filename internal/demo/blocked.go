package demo

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// blocked is the partition on which a worker is stuck: it tries the same message again and again,
// and commits nothing after it.
type blocked struct {
	at    bool
	topic string
	// offset is the message that cannot be handled.
	offset kgo.EpochOffset
	// retry is when it is tried again, on the world's clock.
	retry time.Time
}

// retryPoison is how long a worker waits before it tries the message again.
const retryPoison = time.Second

// beforeBlock returns the records that can be handled. The first message on the poisoned
// partition since the scenario began blocks it: whichever worker owns the partition stops there,
// because no commit goes past that message.
func (w *worker) beforeBlock(records []*kgo.Record, weather weather) []*kgo.Record {
	if !weather.poison || !w.component.downloads {
		return records
	}
	for i, r := range records {
		if r.Partition != poisonPartition || r.Timestamp.Before(weather.sinceWall) {
			continue
		}
		if !w.blocked.at {
			w.blocked = blocked{at: true, topic: r.Topic, offset: kgo.EpochOffset{Epoch: r.LeaderEpoch, Offset: r.Offset}}
			w.client.PauseFetchPartitions(map[string][]int32{r.Topic: {r.Partition}})
		}
		return records[:i]
	}
	return records
}

// retryBlocked counts a failed attempt when one is due. If the message is no longer poisoned, it
// continues after the message.
func (w *worker) retryBlocked(weather weather, now time.Time) {
	switch {
	case !w.blocked.at:
	case weather.poison:
		if !now.Before(w.blocked.retry) && w.owns(w.blocked.topic) {
			w.blocked.retry = now.Add(retryPoison)
			w.meters.failed(kindDecode)
		}
	default:
		at := w.blocked
		w.blocked = blocked{}
		if w.owns(at.topic) {
			w.client.SetOffsets(map[string]map[int32]kgo.EpochOffset{at.topic: {poisonPartition: at.offset}})
		}
		w.client.ResumeFetchPartitions(map[string][]int32{at.topic: {poisonPartition}})
	}
}

// owns reports whether the worker owns the poisoned partition at present.
func (w *worker) owns(topic string) bool {
	_, ok := w.client.UncommittedOffsets()[topic][poisonPartition]
	if !ok {
		_, ok = w.client.CommittedOffsets()[topic][poisonPartition]
	}
	return ok
}
