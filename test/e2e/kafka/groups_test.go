package kafka_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestMembers reads who owns what in both kinds of group (R-037, T-36).
func TestMembers(t *testing.T) {
	w := newWorld(t, cluster)
	for _, tt := range []struct {
		name     string
		kind     scale.GroupType
		protocol string
		join     func(group, topic string, options ...kgo.Opt) *kgo.Client
	}{
		{"classic", scale.GroupClassic, "range", w.consume},
		{"next", scale.GroupConsumer, "uniform", w.consumeNext},
	} {
		t.Run(tt.name, func(t *testing.T) {
			topic := "members-" + tt.name
			w.topic(topic)
			component := scale.Component{Name: "worker", Group: "crew-" + tt.name, Topics: []string{topic}}
			for _, id := range []string{"pod-a", "pod-b"} {
				options := []kgo.Opt{kgo.ClientID(id)}
				if tt.kind == scale.GroupClassic {
					options = append(options, kgo.Balancers(kgo.RangeBalancer()))
				}
				tt.join(component.Group, topic, options...)
			}
			g := w.stable(component, 2)
			if g.Type != tt.kind || g.Protocol != tt.protocol {
				t.Errorf("type %q with protocol %q, want %q with %q", g.Type, g.Protocol, tt.kind, tt.protocol)
			}
			checkMembers(t, g, topic)
		})
	}
}

func checkMembers(t *testing.T, g scale.Group, topic string) {
	t.Helper()
	var clients []string
	var owned []int32
	for _, m := range g.Members {
		clients = append(clients, m.Client)
		owned = append(owned, m.Partitions[topic]...)
		if m.Host != "127.0.0.1" {
			t.Errorf("member %s is on %q, want 127.0.0.1", m.Client, m.Host)
		}
	}
	slices.Sort(clients)
	slices.Sort(owned)
	if !slices.Equal(clients, []string{"pod-a", "pod-b"}) || !slices.Equal(owned, []int32{0, 1, 2}) {
		t.Errorf("clients %v own %v, want pod-a and pod-b to own 0, 1 and 2", clients, owned)
	}
}

func TestGroupsThatAreNotThere(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("not-there")
	if got, want := w.group(scale.Component{Name: "worker", Group: "typo"}).Why(), `group "typo": no such consumer group`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	w.commit("left-over", "not-there", 1, 1, 1)
	if g, ok := w.group(scale.Component{Name: "worker", Group: "left-over"}).Get(); !ok || g.State != "Empty" || len(g.Members) != 0 {
		t.Errorf("got %+v, known %v, want an empty group", g, ok)
	}
}

// TestAnswersTheHermeticTestsImitate holds the real broker to what the in-memory cluster of package kafka's own tests answers in its place
// (likeKafka4 there): if a new Kafka answers otherwise, that double has to follow.
func TestAnswersTheHermeticTestsImitate(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("imitated")
	w.consumeNext("imitated", "imitated")
	t.Run("a KIP-848 group is no classic group", func(t *testing.T) {
		req := kmsg.NewPtrDescribeGroupsRequest()
		req.Groups = []string{"imitated"}
		g := answer[*kmsg.DescribeGroupsResponse](t, w, req).Groups[0]
		if err := kerr.ErrorForCode(g.ErrorCode); g.State != "Dead" || !errors.Is(err, kerr.GroupIDNotFound) {
			t.Errorf("state %q, error %v, want Dead and GROUP_ID_NOT_FOUND", g.State, err)
		}
	})
	t.Run("a group that never existed has no commits and no error", func(t *testing.T) {
		req := kmsg.NewPtrOffsetFetchRequest()
		group := kmsg.NewOffsetFetchRequestGroup()
		group.Group = "never-was"
		req.Groups = append(req.Groups, group)
		g := answer[*kmsg.OffsetFetchResponse](t, w, req).Groups[0]
		if g.ErrorCode != 0 || len(g.Topics) != 0 {
			t.Errorf("error %v with %d topics, want neither", kerr.ErrorForCode(g.ErrorCode), len(g.Topics))
		}
	})
	t.Run("a KIP-848 description names topics and has their ids", func(t *testing.T) {
		req := kmsg.NewPtrConsumerGroupDescribeRequest()
		req.Groups = []string{"imitated"}
		for _, m := range answer[*kmsg.ConsumerGroupDescribeResponse](t, w, req).Groups[0].Members {
			for _, a := range m.Assignment.TopicPartitions {
				if a.Topic != "imitated" || a.TopicID == [16]byte{} {
					t.Errorf("topic %q with id %x, want both", a.Topic, a.TopicID)
				}
			}
		}
	})
}

func answer[R kmsg.Response](t *testing.T, w *world, req kmsg.Request) R {
	t.Helper()
	resp, err := w.client.Request(context.WithoutCancel(t.Context()), req)
	if err != nil {
		t.Fatal(err)
	}
	return resp.(R)
}
