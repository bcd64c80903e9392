package demo

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/scalebot/scalebot/internal/pace"
)

// KafkaNetwork is where the simulated Kafka listens, and how its own producers and workers reach
// it. The zero value is real loopback TCP with ports that the system chooses.
type KafkaNetwork struct {
	// Listen opens the brokers' listeners; nil means net.Listen.
	Listen func(network, address string) (net.Listener, error)
	// Dial connects to them; nil means the client's own dialer.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Ports are the brokers' ports, one broker for each; nil means three brokers on any
	// free ones. A network in memory has no free ports to choose and needs them.
	Ports []int
}

const (
	brokers = 3
	// segmentBytes is small because memory is only freed by whole segments.
	segmentBytes = "262144"
	// mostRecords bounds one partition: older records are deleted even if nobody
	// has read them, as a topic's retention would.
	mostRecords = 400_000
	// mostHandled is how many records remain readable before a group's commit, so that the time
	// at which a record was written can still be read.
	mostHandled = 2_000
	// trimEvery is wall time: memory fills in wall time.
	trimEvery = 2 * time.Second
)

// broker is the Kafka cluster with the runbook's topics.
type broker struct {
	cluster *kfake.Cluster
	network KafkaNetwork
	// components are those whose topics it has.
	components []component
}

func startBroker(network KafkaNetwork, components []component) (*broker, error) {
	options := []kfake.Opt{kfake.ClusterID("scalebot-demo")}
	if network.Listen != nil {
		options = append(options, kfake.ListenFn(network.Listen))
	}
	if network.Ports != nil {
		options = append(options, kfake.Ports(network.Ports...), kfake.NumBrokers(len(network.Ports)))
	} else {
		options = append(options, kfake.NumBrokers(brokers))
	}
	cluster, err := kfake.NewCluster(options...)
	if err != nil {
		return nil, fmt.Errorf("starting the pretend kafka: %w", err)
	}
	for _, c := range components {
		for _, t := range c.topics {
			if err := cluster.CreateTopic(t.name, t.partitions, map[string]string{"segment.bytes": segmentBytes}); err != nil {
				cluster.Close()
				return nil, fmt.Errorf("creating topic %s: %w", t.name, err)
			}
		}
	}
	return &broker{cluster: cluster, network: network, components: components}, nil
}

// client connects to the cluster with the options every client here shares.
func (b *broker) client(options ...kgo.Opt) (*kgo.Client, error) {
	options = append(options, kgo.SeedBrokers(b.cluster.ListenAddrs()...), kgo.DisableClientMetrics())
	if b.network.Dial != nil {
		options = append(options, kgo.Dialer(b.network.Dial))
	}
	return kgo.NewClient(options...)
}

// marks are the offsets of one partition from the view of its consumer group.
type marks struct{ start, committed, end int64 }

// lag is what the group has yet to read.
func (m marks) lag() int64 { return max(0, m.end-max(m.committed, m.start)) }

// read returns the offsets of every partition of a component.
func (b *broker) read(c component) map[string][]marks {
	// Read commits before ends, so that a race can only overstate the lag.
	group := b.cluster.GroupInfo(c.group)
	read := map[string][]marks{}
	for _, t := range c.topics {
		for _, p := range b.cluster.PartitionInfos(t.name) {
			m := marks{start: p.LogStartOffset, end: p.HighWatermark}
			if group != nil {
				m.committed = group.Commits[t.name][p.Partition].Offset
			}
			read[t.name] = append(read[t.name], m)
		}
	}
	return read
}

// trim deletes records that nobody needs any more, until the context ends.
func (b *broker) trim(ctx context.Context) {
	ticker := pace.Clock{}.NewTicker(trimEvery, 0)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			for _, c := range b.components {
				b.trimComponent(c)
			}
		}
	}
}

func (b *broker) trimComponent(c component) {
	for name, partitions := range b.read(c) {
		for p, m := range partitions {
			if to := max(m.committed-mostHandled, m.end-mostRecords); to > m.start {
				// A refusal means that the partition has advanced; the next round handles it.
				_ = b.cluster.DeleteRecords(name, int32(p), to)
			}
		}
	}
}
