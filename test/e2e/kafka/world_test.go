package kafka_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	botkafka "github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// cluster is one broker for all tests that need no more.
var cluster *kafka.Cluster

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "scalebot-kafka-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	cluster, err = kafka.Start(context.Background(), dir, 1)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.Stop()
	return m.Run()
}

// world is one cluster, a client that prepares it, and the bot's reader.
type world struct {
	t       *testing.T
	cluster *kafka.Cluster
	client  *kgo.Client
	admin   *kadm.Client
	reader  *botkafka.Reader
}

func newWorld(t *testing.T, cluster *kafka.Cluster) *world {
	t.Helper()
	w := &world{t: t, cluster: cluster}
	w.reconnect()
	w.reader = w.newReader(botkafka.Config{Brokers: cluster.Addresses()})
	return w
}

// reconnect replaces the preparing client by a new one.
func (w *world) reconnect() {
	w.t.Helper()
	w.client = w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	w.admin = kadm.NewClient(w.client)
}

func (w *world) connect(options ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	client, err := w.cluster.Client(options...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(client.Close)
	return client
}

func (w *world) newReader(c botkafka.Config) *botkafka.Reader {
	w.t.Helper()
	reader, err := botkafka.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(reader.Close)
	return reader
}

// topic makes a topic with three partitions of 100 records each and waits until every broker knows it.
func (w *world) topic(name string) {
	w.t.Helper()
	w.emptyTopic(name, 3)
	for p := range int32(3) {
		w.produce(name, p, 100)
	}
}

func (w *world) emptyTopic(name string, partitions int32) {
	w.t.Helper()
	replicas := int16(min(3, len(w.cluster.Addresses())))
	if _, err := w.admin.CreateTopic(w.t.Context(), partitions, replicas, nil, name); err != nil {
		w.t.Fatal(err)
	}
	w.eventually(func(ctx context.Context) error {
		offsets, err := w.admin.ListEndOffsets(ctx, name)
		if err == nil {
			err = offsets.Error()
		}
		return err
	})
}

func (w *world) eventually(check func(ctx context.Context) error) {
	w.t.Helper()
	w.within(30*time.Second, check)
}

func (w *world) within(limit time.Duration, check func(ctx context.Context) error) {
	w.t.Helper()
	if err := process.Until(w.t.Context(), limit, check); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) produce(topic string, partition int32, n int) {
	w.t.Helper()
	records := make([]*kgo.Record, n)
	for i := range records {
		records[i] = &kgo.Record{Topic: topic, Partition: partition, Value: []byte("x")}
	}
	if err := w.client.ProduceSync(w.t.Context(), records...).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// commit commits one offset per partition from outside, as a tool would; a negative one is left out.
func (w *world) commit(group, topic string, at ...int64) {
	w.t.Helper()
	var offsets kadm.Offsets
	for p, offset := range at {
		if offset >= 0 {
			offsets.AddOffset(topic, int32(p), offset, -1)
		}
	}
	w.eventually(func(ctx context.Context) error { return w.admin.CommitAllOffsets(ctx, group, offsets) })
}

// truncate removes the records of a partition below an offset, as retention does.
func (w *world) truncate(topic string, partition int32, below int64) {
	w.t.Helper()
	var offsets kadm.Offsets
	offsets.AddOffset(topic, partition, below, -1)
	answers, err := w.admin.DeleteRecords(w.t.Context(), offsets)
	if err == nil {
		err = answers.Error()
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// lag reads one component with the bot's reader.
func (w *world) lag(c scale.Component) scale.Reading[scale.Lag] {
	w.t.Helper()
	return w.reader.Lags(w.t.Context(), []scale.Component{c})[c.Name]
}

// group reads the membership of one component with the bot's reader.
func (w *world) group(c scale.Component) scale.Reading[scale.Group] {
	w.t.Helper()
	return w.reader.Groups(w.t.Context(), []scale.Component{c})[c.Name]
}

// picture draws a reading on one line: the total, then every partition that is not ordinary, then the note; or why it is unknown.
func picture(r scale.Reading[scale.Lag]) string {
	lag, ok := r.Get()
	if !ok {
		return "unknown: " + r.Why()
	}
	parts := []string{fmt.Sprintf("%d of %d", lag.Total, len(lag.Partitions))}
	for _, p := range lag.Partitions {
		if p.Flag == scale.LagOK {
			continue
		}
		s := fmt.Sprintf("%d=%d %s", p.Partition, p.Lag, p.Flag)
		if p.Lost > 0 {
			s += fmt.Sprintf(" %d", p.Lost)
		}
		parts = append(parts, s)
	}
	if r.Note != "" {
		parts = append(parts, "("+r.Note+")")
	}
	return strings.Join(parts, ", ")
}

// drawn lists a lag per partition, as "0=60 1=60".
func drawn(lags map[int]string) string {
	var parts []string
	for p := range 100 {
		if lag, ok := lags[p]; ok {
			parts = append(parts, strconv.Itoa(p)+"="+lag)
		}
	}
	return strings.Join(parts, " ")
}

// toolPicture draws what Kafka's own tool says of a group on a topic.
func toolPicture(rows []kafka.ToolRow, group, topic string) string {
	lags := make(map[int]string)
	for _, row := range rows {
		if p, err := strconv.Atoi(row.Partition); err == nil && row.Group == group && row.Topic == topic {
			lags[p] = row.Lag
		}
	}
	return drawn(lags)
}

// consume starts a member of a group, waits until it owns partitions, and ends with the test.
func (w *world) consume(group, topic string, options ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	return w.consumeAs(w.t.Context(), group, topic, options...)
}

// consumeNext is consume with the protocol of KIP-848.
func (w *world) consumeNext(group, topic string, options ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	//lint:ignore SA1029 the client library looks for exactly this string
	ctx := context.WithValue(w.t.Context(), "opt_in_kafka_next_gen_balancer_beta", true)
	return w.consumeAs(ctx, group, topic, options...)
}

func (w *world) consumeAs(ctx context.Context, group, topic string, options ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	owned := make(chan struct{}, 100)
	client, err := w.cluster.Client(append([]kgo.Opt{
		kgo.WithContext(ctx), kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.OnPartitionsAssigned(func(context.Context, *kgo.Client, map[string][]int32) { owned <- struct{}{} }),
	}, options...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	w.t.Cleanup(func() {
		client.LeaveGroup()
		cancel()
		<-done
		client.Close()
	})
	select {
	case <-owned:
	case <-time.After(time.Minute):
		w.t.Fatalf("a member of %s owns nothing after a minute", group)
	}
	return client
}

// stable waits until a group has so many members and none of its partitions moves.
func (w *world) stable(c scale.Component, members int) scale.Group {
	w.t.Helper()
	var last scale.Group
	w.eventually(func(context.Context) error {
		reading := w.group(c)
		g, ok := reading.Get()
		if !ok {
			return fmt.Errorf("group %s: %s", c.Group, reading.Why())
		}
		if g.State != "Stable" || len(g.Members) != members || slices.ContainsFunc(g.Members, func(m scale.Member) bool { return m.Owned() == 0 }) {
			return fmt.Errorf("group %s is %s with %d members, want %d that own something", c.Group, g.State, len(g.Members), members)
		}
		last = g
		return nil
	})
	return last
}
