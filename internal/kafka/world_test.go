package kafka_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// world is a cluster of three brokers in memory, and a client that prepares it.
type world struct {
	t       *testing.T
	network *kfake.VirtualNetwork
	cluster *kfake.Cluster
	client  *kgo.Client
	admin   *kadm.Client
	reader  *kafka.Reader
}

// brokers are the addresses of the world's cluster.
var brokers = []string{"localhost:9092", "localhost:9093", "localhost:9094"}

// inWorld runs a test in a bubble of virtual time beside a cluster with the topics
// "jobs" (3 partitions) and "other" (1 partition).
func inWorld(t *testing.T, test func(t *testing.T, w *world), opts ...kfake.Opt) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, network: new(kfake.VirtualNetwork)}
		opts = append([]kfake.Opt{
			kfake.Ports(9092, 9093, 9094),
			kfake.ListenFn(w.network.Listen),
			kfake.SeedTopics(3, "jobs"),
			kfake.SeedTopics(1, "other"),
		}, opts...)
		cluster, err := kfake.NewCluster(opts...)
		if err != nil {
			t.Fatal(err)
		}
		defer cluster.Close()
		w.cluster = cluster
		w.reconnect()
		defer func() { w.client.Close() }()
		w.reader = w.newReader(kafka.Config{})
		defer w.reader.Close()
		test(t, w)
	})
}

// reconnect replaces the preparing client by a new one.
func (w *world) reconnect() {
	w.t.Helper()
	if w.client != nil {
		w.client.Close()
	}
	w.client = w.connect(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	w.admin = kadm.NewClient(w.client)
}

func (w *world) connect(opts ...kgo.Opt) *kgo.Client {
	w.t.Helper()
	client, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(brokers...), kgo.Dialer(w.network.DialContext), kgo.MetadataMinAge(10 * time.Millisecond),
	}, opts...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

// newReader completes a configuration with the world's addresses and network.
func (w *world) newReader(c kafka.Config) *kafka.Reader {
	w.t.Helper()
	if c.Brokers == nil {
		c.Brokers = brokers
	}
	if c.Dialer == nil {
		c.Dialer = w.network.DialContext
	}
	reader, err := kafka.New(c)
	if err != nil {
		w.t.Fatal(err)
	}
	return reader
}

// produce appends n records to a partition.
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

// commit commits an offset from outside, as a tool would.
func (w *world) commit(group, topic string, partition int32, at int64) {
	w.t.Helper()
	var offsets kadm.Offsets
	offsets.AddOffset(topic, partition, at, -1)
	if err := w.admin.CommitAllOffsets(w.t.Context(), group, offsets); err != nil {
		w.t.Fatal(err)
	}
}

// commitAll commits the same offset on every partition of jobs.
func (w *world) commitAll(group string, at int64) {
	w.t.Helper()
	for p := range int32(3) {
		w.commit(group, "jobs", p, at)
	}
}

// fill puts 100 records on every partition of jobs.
func (w *world) fill() {
	w.t.Helper()
	for p := range int32(3) {
		w.produce("jobs", p, 100)
	}
}

// truncate removes the records of a partition below an offset, as retention does.
func (w *world) truncate(topic string, partition int32, below int64) {
	w.t.Helper()
	if err := w.cluster.DeleteRecords(topic, partition, below); err != nil {
		w.t.Fatal(err)
	}
}

// consume starts a member of a group and lets it join.
func (w *world) consume(group, topic string, opts ...kgo.Opt) (stop func()) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	client := w.connect(append([]kgo.Opt{
		kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.WithContext(ctx), kgo.DisableAutoCommit(),
	}, opts...)...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	return func() { cancel(); <-done; client.Close() }
}

// fault makes brokers answer with an error for as long as the test runs.
func (w *world) fault(f kfake.Fault) {
	f.Count = -1
	w.cluster.Fault(f)
}

// likeKafka4 makes the cluster answer what a lag reader asks the way Kafka 4 does: a
// group that never existed has no commits and no error, and a KIP-848 group is no
// group at all to the classic request.
func (w *world) likeKafka4(nextGen ...string) {
	w.cluster.ControlKey(kmsg.DescribeGroups.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		req := kreq.(*kmsg.DescribeGroupsRequest)
		resp := req.ResponseKind().(*kmsg.DescribeGroupsResponse)
		for _, group := range req.Groups {
			for _, name := range nextGen {
				if group != name {
					continue
				}
				g := kmsg.NewDescribeGroupsResponseGroup()
				g.Group, g.State, g.ErrorCode = group, "Dead", kerr.GroupIDNotFound.Code
				resp.Groups = append(resp.Groups, g)
			}
		}
		return resp, nil, len(resp.Groups) == len(req.Groups)
	})
	w.silentWithoutCommits(func(group string) bool { return strings.HasPrefix(group, "never") })
}

// silentWithoutCommits makes the cluster answer with success and nothing when it is asked
// for the commits of groups that cannot have any, as Kafka does.
func (w *world) silentWithoutCommits(of func(group string) bool) {
	w.cluster.ControlKey(kmsg.OffsetFetch.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		req := kreq.(*kmsg.OffsetFetchRequest)
		resp := req.ResponseKind().(*kmsg.OffsetFetchResponse)
		for _, rg := range req.Groups {
			if of(rg.Group) {
				g := kmsg.NewOffsetFetchResponseGroup()
				g.Group = rg.Group
				resp.Groups = append(resp.Groups, g)
			}
		}
		return resp, nil, len(resp.Groups) == len(req.Groups)
	})
}

// answerCommits makes the cluster answer with these commits on jobs, and an error for
// one more partition.
func (w *world) answerCommits(group string, at map[int32]int64, bad int32, err *kerr.Error) {
	w.cluster.ControlKey(kmsg.OffsetFetch.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		topic := kmsg.NewOffsetFetchResponseGroupTopic()
		topic.Topic = "jobs"
		for p, offset := range at {
			topic.Partitions = append(topic.Partitions, kmsg.OffsetFetchResponseGroupTopicPartition{Partition: p, Offset: offset})
		}
		topic.Partitions = append(topic.Partitions, kmsg.OffsetFetchResponseGroupTopicPartition{Partition: bad, Offset: -1, ErrorCode: err.Code})
		resp := kreq.ResponseKind().(*kmsg.OffsetFetchResponse)
		resp.Groups = []kmsg.OffsetFetchResponseGroup{{Group: group, Topics: []kmsg.OffsetFetchResponseGroupTopic{topic}}}
		return resp, nil, true
	})
}

// component reads jobs with the group "workers" from the earliest offset.
func component(change ...func(*scale.Component)) scale.Component {
	c := scale.Component{Name: "worker", Group: "workers", Topics: []string{"jobs"}, Reset: scale.ResetEarliest}
	for _, f := range change {
		f(&c)
	}
	return c
}

// lag reads one component.
func (w *world) lag(c scale.Component) scale.Reading[scale.Lag] {
	return w.reader.Lags(w.t.Context(), []scale.Component{c})[c.Name]
}

// picture draws a reading on one line: the total, then every partition that is not
// ordinary, then the note; or why it is unknown.
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

// blackhole is a network on which some addresses never answer.
type blackhole struct {
	network *kfake.VirtualNetwork
	silent  map[string]bool
}

func (b blackhole) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if b.silent[address] {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return b.network.DialContext(ctx, network, address)
}

// muted is a network on which one address can fall silent: what is sent to it is lost
// on the way.
type muted struct {
	network *kfake.VirtualNetwork
	address string
	silent  atomic.Bool
}

func (m *muted) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := m.network.DialContext(ctx, network, address)
	if err != nil || address != m.address {
		return conn, err
	}
	return mutedConn{conn, m}, nil
}

type mutedConn struct {
	net.Conn
	line *muted
}

func (c mutedConn) Write(p []byte) (int, error) {
	if c.line.silent.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}
