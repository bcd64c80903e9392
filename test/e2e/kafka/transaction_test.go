package kafka_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A consumer that reads committed records only does not see what an open transaction has written, and for it that is no lag.
func TestTransactionalTopic(t *testing.T) {
	w := newWorld(t, cluster)
	const group, topic = "readers", "transactional"
	w.topic(topic)
	w.commit(group, topic, 100, 100, 100)
	producer := w.connect(kgo.TransactionalID("writer"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		producer.Produce(t.Context(), &kgo.Record{Topic: topic, Partition: 0, Value: []byte("x")}, nil)
	}
	if err := producer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	reads := func(committed bool) string {
		return picture(w.lag(scale.Component{Name: "worker", Group: group, Topics: []string{topic}, Reset: scale.ResetEarliest, ReadCommitted: committed}))
	}
	if got := reads(true); got != "0 of 3" {
		t.Errorf("open transaction, committed only: got %s, want 0 of 3", got)
	}
	if got := reads(false); got != "50 of 3" {
		t.Errorf("open transaction, everything: got %s, want 50 of 3", got)
	}
	rows, err := cluster.ConsumerGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := toolPicture(rows, group, topic); got != "0=50 1=0 2=0" {
		t.Errorf("kafka-consumer-groups says %q, want what is not yet committed counted", got)
	}
	if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	w.eventually(func(context.Context) error {
		if got := reads(true); got != "51 of 3" {
			return fmt.Errorf("committed: got %s, want 51 of 3 (50 records and the marker)", got)
		}
		return nil
	})
}

// Java's consumer commits past the marker that ends a transaction, so that a drained topic reads as 0; franz-go's stops before it, and 1 per
// partition stays for ever. The bot shows what the group has committed either way.
func TestTheMarkerAtTheEndOfATransaction(t *testing.T) {
	w := newWorld(t, cluster)
	const topic = "marked"
	w.emptyTopic(topic, 1)
	producer := w.connect(kgo.TransactionalID("marker"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err := producer.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	if err := producer.ProduceSync(t.Context(), &kgo.Record{Topic: topic, Value: []byte("x")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
		t.Fatal(err)
	}
	w.drain("of-go", topic)
	w.drainInJava("of-java", topic)
	for group, want := range map[string]string{"of-go": "1 of 1", "of-java": "0 of 1"} {
		got := picture(w.lag(scale.Component{Name: "worker", Group: group, Topics: []string{topic}, Reset: scale.ResetEarliest, ReadCommitted: true}))
		if got != want {
			t.Errorf("%s: got %s, want %s", group, got, want)
		}
	}
}

// drain reads the one record of a topic with franz-go and commits.
func (w *world) drain(group, topic string) {
	w.t.Helper()
	consumer := w.connect(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.DisableAutoCommit())
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for {
		fetched := consumer.PollFetches(ctx)
		if err := fetched.Err(); err != nil {
			w.t.Fatal(err)
		}
		if fetched.NumRecords() > 0 {
			break
		}
	}
	if err := consumer.CommitUncommittedOffsets(ctx); err != nil {
		w.t.Fatal(err)
	}
	consumer.LeaveGroup()
}

// drainInJava reads a topic to its end with Kafka's console consumer, which commits when it ends.
func (w *world) drainInJava(group, topic string) {
	w.t.Helper()
	_, err := w.cluster.Tool(w.t.Context(), "org.apache.kafka.tools.consumer.ConsoleConsumer", "--bootstrap-server", strings.Join(w.cluster.Addresses(), ","),
		"--group", group, "--topic", topic, "--isolation-level", "read_committed", "--from-beginning", "--timeout-ms", "4000")
	if err != nil {
		w.t.Fatal(err)
	}
}
