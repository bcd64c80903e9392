package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	// every partition gets a record each pulse, so that a partition which nobody reads shows as a gap between two readings of it.
	pulse = 50 * time.Millisecond
	// calm is how long the group is left alone before members join, and watched afterwards.
	calm = 8 * time.Second
)

// BenchmarkRebalance lets a group of 6 grow to 9 and to 12 members on 24 partitions and reports how long partitions were not read: the longest
// and the median over all partitions, and the sum.
func BenchmarkRebalance(b *testing.B) {
	for _, way := range []struct {
		name    string
		options []kgo.Opt
		next    bool
	}{
		{"eager", []kgo.Opt{kgo.Balancers(kgo.RangeBalancer())}, false},
		{"cooperative", []kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer())}, false},
		{"KIP-848", nil, true},
	} {
		b.Run(way.name, func(b *testing.B) {
			for b.Loop() {
				c := newCrowd(b, cluster, "rebalance-"+way.name, way.options, way.next)
				c.join(6)
				c.settle(0)
				for _, step := range []string{"6→9", "9→12"} {
					c.join(3)
					began := time.Now()
					c.settle(calm)
					c.report(b, step, began)
				}
				c.leave()
			}
		})
	}
}

// crowd is a group whose members note when each partition was read.
type crowd struct {
	b       *testing.B
	cluster *kafka.Cluster
	name    string
	options []kgo.Opt
	life    context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
	clients []*kgo.Client

	mu    sync.Mutex
	reads map[int32][]time.Time
}

func newCrowd(b *testing.B, cluster *kafka.Cluster, name string, options []kgo.Opt, next bool) *crowd {
	b.Helper()
	base := context.Background()
	if next {
		//lint:ignore SA1029 the client library looks for exactly this string
		base = context.WithValue(base, "opt_in_kafka_next_gen_balancer_beta", true)
	}
	life, stop := context.WithCancel(base)
	c := &crowd{b: b, cluster: cluster, name: fmt.Sprintf("%s-%d", name, time.Now().UnixNano()), options: options, life: life, stop: stop, reads: make(map[int32][]time.Time)}
	producer, err := cluster.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		b.Fatal(err)
	}
	if _, err := kadm.NewClient(producer).CreateTopic(b.Context(), 24, 1, nil, c.name); err != nil {
		b.Fatal(err)
	}
	c.running.Go(func() {
		defer producer.Close()
		c.beat(producer)
	})
	return c
}

func (c *crowd) beat(producer *kgo.Client) {
	ticker := time.NewTicker(pulse)
	defer ticker.Stop()
	for {
		select {
		case <-c.life.Done():
			return
		case <-ticker.C:
			for p := range int32(24) {
				producer.Produce(c.life, &kgo.Record{Topic: c.name, Partition: p}, nil)
			}
		}
	}
}

// join adds members at the same time.
func (c *crowd) join(n int) {
	for range n {
		client, err := c.cluster.Client(append([]kgo.Opt{
			kgo.WithContext(c.life), kgo.ConsumerGroup(c.name), kgo.ConsumeTopics(c.name), kgo.FetchMaxWait(pulse), kgo.AutoCommitInterval(time.Second),
		}, c.options...)...)
		if err != nil {
			c.b.Fatal(err)
		}
		c.clients = append(c.clients, client)
		c.running.Go(func() { c.read(client) })
	}
}

func (c *crowd) read(client *kgo.Client) {
	for c.life.Err() == nil {
		fetched := client.PollFetches(c.life)
		now := time.Now()
		c.mu.Lock()
		fetched.EachPartition(func(p kgo.FetchTopicPartition) { c.reads[p.Partition] = append(c.reads[p.Partition], now) })
		c.mu.Unlock()
	}
}

// settle waits until every partition has been read for a while, at least the given time.
func (c *crowd) settle(least time.Duration) {
	c.b.Helper()
	select {
	case <-time.After(max(least, calm)):
	case <-c.b.Context().Done():
		c.b.Fatal(c.b.Context().Err())
	}
}

// report tells the longest gap of each partition since a moment.
func (c *crowd) report(b *testing.B, step string, began time.Time) {
	b.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	var gaps []time.Duration
	var sum time.Duration
	for p := range int32(24) {
		longest, last := time.Duration(0), began
		for _, at := range c.reads[p] {
			if at.After(began) {
				longest, last = max(longest, at.Sub(last)), at
			}
		}
		if last.Equal(began) {
			b.Fatalf("partition %d was not read at all", p)
		}
		gaps = append(gaps, longest)
		sum += longest
	}
	slices.Sort(gaps)
	b.ReportMetric(float64(gaps[len(gaps)-1].Milliseconds()), step+"-longest-ms")
	b.ReportMetric(float64(gaps[len(gaps)/2].Milliseconds()), step+"-median-ms")
	b.ReportMetric(sum.Seconds(), step+"-sum-s")
}

func (c *crowd) leave() {
	for _, client := range c.clients {
		client.LeaveGroup()
	}
	c.stop()
	c.running.Wait()
	for _, client := range c.clients {
		client.Close()
	}
}
