package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// group reads the membership of one component.
func (w *world) group(c scale.Component) scale.Reading[scale.Group] {
	return w.reader.Groups(w.t.Context(), []scale.Component{c})[c.Name]
}

// shares lists how many partitions of jobs each member owns, fewest first, and checks
// that every partition has one owner.
func shares(t *testing.T, g scale.Group) []int {
	t.Helper()
	owners := make(map[int32]int)
	var out []int
	for _, m := range g.Members {
		for _, p := range m.Partitions["jobs"] {
			owners[p]++
		}
		out = append(out, m.Owned())
	}
	for p, n := range owners {
		if n != 1 {
			t.Errorf("partition %d has %d owners, want 1", p, n)
		}
	}
	slices.Sort(out)
	return out
}

func TestClassicGroup(t *testing.T) { // R-037, T-36
	inWorld(t, func(t *testing.T, w *world) {
		for i := range 2 {
			defer w.consume("workers", "jobs", kgo.ClientID(fmt.Sprintf("pod-%d", i)), kgo.Balancers(kgo.RangeBalancer()))()
		}
		w.stable("workers", 2)
		g, ok := w.group(component()).Get()
		if !ok || g.State != "Stable" || g.Type != "classic" || g.Protocol != "range" || g.Generation != -1 {
			t.Errorf("got %+v known %v, want a stable classic group with the range assignor and no generation", g, ok)
		}
		if got := shares(t, g); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("partitions per member %v, want [1 2]", got)
		}
		for _, m := range g.Members {
			if m.ID == "" || !strings.HasPrefix(m.Client, "pod-") {
				t.Errorf("member %+v lacks id or client", m)
			}
		}
	})
}

func TestNextGenerationGroup(t *testing.T) { // KIP-848
	inWorld(t, func(t *testing.T, w *world) {
		w.likeKafka4("workers")
		for range 2 {
			defer w.consumeNext("workers").stop()
		}
		w.stable("workers", 2)
		g, ok := w.group(component()).Get()
		if !ok || g.State != "Stable" || g.Type != "consumer" || g.Generation < 1 {
			t.Errorf("got %+v known %v, want a stable consumer group with its epoch", g, ok)
		}
		if got := shares(t, g); !slices.Equal(got, []int{1, 2}) {
			t.Errorf("partitions per member %v, want [1 2]", got)
		}
	}, kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "200"}))
}

// Kafka 4 tells the classic describe request that a KIP-848 group is none; its lag has
// to be read all the same.
func TestLagOfANextGenerationGroup(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.likeKafka4("workers")
		w.fill()
		m := w.consumeNext("workers")
		defer m.stop()
		w.stable("workers", 1)
		for p := range int32(3) {
			if err := m.client.CommitRecords(t.Context(), &kgo.Record{Topic: "jobs", Partition: p, Offset: 39, LeaderEpoch: -1}); err != nil {
				t.Fatal(err)
			}
		}
		if got := picture(w.lag(component())); got != "180 of 3" {
			t.Errorf("got %s, want 180 of 3", got)
		}
	}, kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "200"}))
}

func TestNextGenerationGroupWithoutCommits(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.likeKafka4("workers")
		w.fill()
		defer w.consumeNext("workers").stop()
		w.stable("workers", 1)
		want := "300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)"
		if got := picture(w.lag(component())); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}, kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "200"}))
}

func TestGroupThatIsNotThere(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		if got, want := w.group(component(group("typo"))).Why(), `group "typo": no such consumer group`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got, want := w.group(component(group(""))).Why(), "the runbook file names no consumer group for worker"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

func TestEmptyGroupIsKnownToBeEmpty(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.commit("workers", "jobs", 0, 0)
		g, ok := w.group(component()).Get()
		if !ok || g.State != "Empty" || len(g.Members) != 0 {
			t.Errorf("got %+v known %v, want an empty group", g, ok)
		}
	})
}

func TestGroupTroubleStaysWhereItIs(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.fault(kfake.Fault{
			Keys:  []kmsg.Key{kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe},
			Group: "workers", Err: kerr.GroupAuthorizationFailed,
		})
		got := w.reader.Groups(t.Context(), []scale.Component{component(), healthy()})
		if got, want := got["worker"].Why(), `group "workers": Kafka does not allow describing the group`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if !got["healthy"].Known() {
			t.Errorf("healthy: %s, want known", got["healthy"].Why())
		}
	})
}

// Members of groups that are no consumers own no partitions, and an assignment nobody
// can read is not one of zero partitions.
func TestAssignmentsOfOthers(t *testing.T) {
	for name, tt := range map[string]struct{ protocolType, note string }{
		"Kafka Connect": {"connect", ""},
		"unreadable":    {"consumer", "the assignment of 1 of 1 members could not be read"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.cluster.ControlKey(kmsg.DescribeGroups.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
					w.cluster.KeepControl()
					resp := kreq.ResponseKind().(*kmsg.DescribeGroupsResponse)
					resp.Groups = []kmsg.DescribeGroupsResponseGroup{{
						Group: "workers", State: "Stable", ProtocolType: tt.protocolType,
						Members: []kmsg.DescribeGroupsResponseGroupMember{{MemberID: "m", ClientHost: "/10.0.0.1", MemberAssignment: []byte{0, 1, 2}}},
					}}
					return resp, nil, true
				})
				got := w.group(component())
				if g, ok := got.Get(); !ok || len(g.Members) != 1 || g.Members[0].Owned() != 0 || g.Members[0].Host != "10.0.0.1" || g.Members[0].Opaque != (tt.note != "") || got.Note != tt.note {
					t.Errorf("got %+v, note %q, want one member without partitions and note %q", g, got.Note, tt.note)
				}
			})
		})
	}
}

func TestRebalanceIsVisible(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		defer w.consume("workers", "jobs")()
		w.stable("workers", 1)
		if g, _ := w.group(component()).Get(); g.State.Rebalancing() {
			t.Errorf("state %s, want stable", g.State)
		}
		defer w.consume("workers", "jobs")()
		_, err := w.cluster.WaitGroupInfo(t.Context(), "workers", func(g *kfake.GroupInfo) bool {
			return g != nil && g.State != "Stable"
		})
		if err != nil {
			t.Fatal(err)
		}
		if g, ok := w.group(component()).Get(); !ok || !g.State.Rebalancing() {
			t.Errorf("state %q known %v, want rebalancing", g.State, ok)
		}
	})
}

// nextMember is a member that speaks KIP-848.
type nextMember struct {
	client *kgo.Client
	stop   func()
}

func (w *world) consumeNext(group string, opts ...kgo.Opt) nextMember {
	w.t.Helper()
	//nolint:staticcheck // SA1029: the client library looks for exactly this string
	ctx, cancel := context.WithCancel(context.WithValue(w.t.Context(), "opt_in_kafka_next_gen_balancer_beta", true))
	client := w.connect(append([]kgo.Opt{kgo.WithContext(ctx), kgo.ConsumerGroup(group), kgo.ConsumeTopics("jobs"), kgo.DisableAutoCommit()}, opts...)...)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			client.PollFetches(ctx)
		}
	}()
	return nextMember{client, func() { cancel(); <-done; client.Close() }}
}
