package kafka_test

import (
	"context"

	"github.com/twmb/franz-go/pkg/kgo"
)

// commitAsMember commits the same offset on all three partitions of a topic, as their owner.
func (w *world) commitAsMember(client *kgo.Client, topic string, at int64) {
	w.t.Helper()
	for p := range int32(3) {
		record := &kgo.Record{Topic: topic, Partition: p, Offset: at - 1, LeaderEpoch: -1}
		w.eventually(func(ctx context.Context) error { return client.CommitRecords(ctx, record) })
	}
}
