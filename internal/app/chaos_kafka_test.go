package app_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// chaosBroker is the address of the one broker.
const chaosBroker = "localhost:9092"

// chaosTopics are the topics of the components, with their partitions.
var chaosTopics = map[string]struct {
	topic, group string
	partitions   int32
}{
	"download-worker": {"xact.downloads.pending", "xact-download-worker", 12},
	"event-ingester":  {"xact.events.raw", "xact-event-ingester", 8},
}

// stream is the Kafka of a chaos run: a broker with real logs and offsets. The workers
// themselves are left out: a group's description is made of as many members as its
// deployment has working pods, and commits come from outside.
type stream struct {
	network *kfake.VirtualNetwork
	cluster *kfake.Cluster
	client  *kgo.Client
	admin   *kadm.Client
	fleet   *fleet

	mu   sync.Mutex
	ends map[string]int64 // messages per partition, by component.
}

func newStream(f *fleet) (*stream, error) {
	s := &stream{network: new(kfake.VirtualNetwork), fleet: f, ends: map[string]int64{}}
	options := []kfake.Opt{kfake.NumBrokers(1), kfake.Ports(9092), kfake.ListenFn(s.network.Listen)}
	for _, c := range chaosTopics {
		options = append(options, kfake.SeedTopics(c.partitions, c.topic))
	}
	var err error
	if s.cluster, err = kfake.NewCluster(options...); err != nil {
		return nil, err
	}
	s.cluster.ControlKey(int16(kmsg.DescribeGroups), s.describe)
	s.client, err = kgo.NewClient(kgo.SeedBrokers(chaosBroker), kgo.Dialer(s.network.DialContext), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.DisableClientMetrics())
	if err != nil {
		s.cluster.Close()
		return nil, err
	}
	s.admin = kadm.NewClient(s.client)
	return s, nil
}

func (s *stream) close() {
	s.client.Close()
	s.cluster.Close()
}

// describe answers for the workers, which are not there.
func (s *stream) describe(r kmsg.Request) (kmsg.Response, error, bool) {
	s.cluster.KeepControl()
	asked := r.(*kmsg.DescribeGroupsRequest)
	answer := asked.ResponseKind().(*kmsg.DescribeGroupsResponse)
	for _, group := range asked.Groups {
		for component, c := range chaosTopics {
			if c.group == group {
				answer.Groups = append(answer.Groups, described(c.group, c.topic, c.partitions, component, s.fleet.consuming(component)))
			}
		}
	}
	return answer, nil, true
}

func described(group, topic string, partitions int32, component string, members int) kmsg.DescribeGroupsResponseGroup {
	g := kmsg.NewDescribeGroupsResponseGroup()
	g.Group, g.State, g.ProtocolType, g.Protocol = group, "Stable", "consumer", "range"
	for i := range members {
		assigned := kmsg.NewConsumerMemberAssignment()
		own := kmsg.NewConsumerMemberAssignmentTopic()
		own.Topic = topic
		for p := int32(i); p < partitions; p += int32(members) {
			own.Partitions = append(own.Partitions, p)
		}
		assigned.Topics = append(assigned.Topics, own)
		m := kmsg.NewDescribeGroupsResponseGroupMember()
		m.MemberID, m.ClientID = fmt.Sprintf("%s-%d", component, i), component
		m.MemberAssignment = assigned.AppendTo(nil)
		g.Members = append(g.Members, m)
	}
	return g
}

// backlog brings a component's lag to about n messages: it appends what is missing, or
// commits what is too much.
func (s *stream) backlog(ctx context.Context, component string, n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := chaosTopics[component]
	each := n / int64(c.partitions)
	if more := each - s.ends[component]; more > 0 {
		var records []*kgo.Record
		for p := range c.partitions {
			for range more {
				records = append(records, &kgo.Record{Topic: c.topic, Partition: p, Value: []byte("x")})
			}
		}
		if err := s.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return err
		}
		s.ends[component] += more
	}
	offsets := kadm.Offsets{}
	for p := range c.partitions {
		offsets.AddOffset(c.topic, p, s.ends[component]-each, -1)
	}
	return s.admin.CommitAllOffsets(ctx, c.group, offsets)
}
