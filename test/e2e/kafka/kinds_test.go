package kafka_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	botkafka "github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// configureGroup sets one of the settings that a group has on the broker.
func (w *world) configureGroup(group, name, value string) {
	w.t.Helper()
	setting := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	setting.Name, setting.Value = name, &value
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = kmsg.ConfigResourceTypeGroupConfig, group
	resource.Configs = append(resource.Configs, setting)
	req := kmsg.NewPtrIncrementalAlterConfigsRequest()
	req.Resources = append(req.Resources, resource)
	if err := kerr.ErrorForCode(answer[*kmsg.IncrementalAlterConfigsResponse](w.t, w, req).Resources[0].ErrorCode); err != nil {
		w.t.Fatal(err)
	}
}

// wantLag waits until the reading says this: a total, or why there is none.
func (w *world) wantLag(c scale.Component, want string) {
	w.t.Helper()
	w.eventually(func(context.Context) error {
		reading := w.lag(c)
		got := reading.Why()
		if lag, known := reading.Get(); known {
			got = fmt.Sprintf("%d, unknown on %d", lag.Total, lag.Unknown)
		}
		if !strings.Contains(got, want) {
			return fmt.Errorf("lag of %s: %s, want %s", c.Group, got, want)
		}
		return nil
	})
}

// TestShareGroup follows a share group from records in hand to the last acknowledgement (KIP-932).
func TestShareGroup(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("shared")
	w.configureGroup("sharers", "share.auto.offset.reset", "earliest")
	c := scale.Component{Name: "worker", Group: "sharers", Topics: []string{"shared"}}
	client := w.connect(kgo.ShareGroup("sharers"), kgo.ConsumeTopics("shared"), kgo.ClientID("pod-a"))
	var held []*kgo.Record
	w.eventually(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if held = append(held, client.PollRecords(ctx, 300).Records()...); len(held) == 0 {
			return fmt.Errorf("nothing was fetched")
		}
		return nil
	})
	w.wantLag(c, "none of 3 partitions could be read: the share group has not acknowledged anything there yet")
	g, known := w.group(c).Get()
	if !known || g.Type != scale.GroupShare || g.State != "Stable" || len(g.Members) != 1 || g.Members[0].Owned() != 3 {
		t.Fatalf("got %+v known %v, want a stable share group of one member", g, known)
	}
	for done := 0; done < 300; {
		client.MarkAcks(kgo.AckAccept, held...)
		if err := client.FlushAcks(t.Context()); err != nil {
			t.Fatal(err)
		}
		if done += len(held); done < 300 {
			held = client.PollRecords(t.Context(), 300).Records()
		}
	}
	w.wantLag(c, "0, unknown on 0")
	w.produce("shared", 0, 50)
	w.eventually(func(context.Context) error { // in hand again, or on the way
		if lag, _ := w.lag(c).Get(); lag.Total != 50 || lag.Type != scale.GroupShare {
			return fmt.Errorf("lag %d of type %q, want 50 of a share group", lag.Total, lag.Type)
		}
		return nil
	})
}

// TestStreamsGroup reads an application of Kafka Streams that speaks its own group protocol (KIP-1071).
func TestStreamsGroup(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic(kafka.WordCountTopic)
	w.emptyTopic(kafka.WordCountOutput, 3)
	for _, client := range []string{"pod-a", "pod-b"} {
		app, err := cluster.WordCount(t.TempDir(), "words", client)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(app.Kill)
	}
	c := scale.Component{Name: "worker", Group: "words", Topics: []string{kafka.WordCountTopic}}
	var g scale.Group
	w.within(2*time.Minute, func(context.Context) error {
		reading := w.group(c)
		g, _ = reading.Get()
		if g.State != "Stable" || len(g.Members) != 2 {
			return fmt.Errorf("group is %s with %d members (%s)", g.State, len(g.Members), reading.Why())
		}
		return nil
	})
	var input, others int
	for _, m := range g.Members {
		input += len(m.Partitions[kafka.WordCountTopic])
		others += m.Owned() - len(m.Partitions[kafka.WordCountTopic])
	}
	if g.Type != scale.GroupStreams || input != 3 || others != 3 {
		t.Errorf("type %s, %d partitions of the input and %d of others, want streams, 3 and 3: %+v", g.Type, input, others, g.Members)
	}
	w.wantLag(c, "0, unknown on 0")
}

// TestStaticMembersThatLeave reads the epoch under which a broker keeps partitions for a member that said it would be back (KIP-345, KIP-848).
func TestStaticMembersThatLeave(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("static")
	c := scale.Component{Name: "worker", Group: "static", Topics: []string{"static"}}
	for i := range 2 {
		w.consumeNext("static", "static", kgo.InstanceID(fmt.Sprint("pod-", i)))
	}
	//lint:ignore SA1029 the client library looks for exactly this string
	next := context.WithValue(t.Context(), "opt_in_kafka_next_gen_balancer_beta", true)
	leaver := w.connect(kgo.WithContext(next), kgo.ConsumerGroup("static"), kgo.ConsumeTopics("static"), kgo.InstanceID("pod-2"))
	g := w.stable(c, 3)
	id := g.Members[slices.IndexFunc(g.Members, func(m scale.Member) bool { return m.Instance == "pod-2" })].ID
	leaver.Close() // which says nothing; the Java client says that it will be back
	goodbye := kmsg.NewPtrConsumerGroupHeartbeatRequest()
	goodbye.Group, goodbye.MemberID, goodbye.MemberEpoch, goodbye.InstanceID = "static", id, -2, kmsg.StringPtr("pod-2")
	if err := kerr.ErrorForCode(answer[*kmsg.ConsumerGroupHeartbeatResponse](t, w, goodbye).ErrorCode); err != nil {
		t.Fatal(err)
	}
	w.eventually(func(context.Context) error {
		g, _ := w.group(c).Get()
		away := slices.IndexFunc(g.Members, scale.Member.Away)
		if away < 0 || g.Members[away].Instance != "pod-2" || g.Members[away].Owned() != 1 || len(g.Members) != 3 {
			return fmt.Errorf("got %+v, want pod-2 away with its partition among three members", g)
		}
		return nil
	})
}

// TestOneForbiddenTopic: what the bot may not see hides the members of a KIP-848 group, and no commit of what it may see.
func TestOneForbiddenTopic(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("allowed")
	w.topic("forbidden")
	w.commit("both", "allowed", 40, 40, 40)
	w.consumeNext("both", "allowed", kgo.ConsumeTopics("allowed", "forbidden"))
	w.addUser("half", "secret")
	w.allow("half", []string{"both"}, []string{"allowed"})
	w.reader = w.newReader(w.as(botkafka.ScramSHA512, "half", "secret"))
	c := scale.Component{Name: "worker", Group: "both", Topics: []string{"allowed"}}
	w.eventually(func(context.Context) error {
		want := `group "both": the group also reads a topic that may not be described, and Kafka then tells nothing of its members`
		if got := w.group(c).Why(); got != want {
			return fmt.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
	w.wantLag(c, "180, unknown on 0")
	c.Topics = []string{"allow*"}
	if lag, _ := w.lag(c).Get(); lag.Complete() || lag.Unseen == "" {
		t.Errorf("a pattern: got %+v, want an incomplete lag", lag)
	}
}

// TestClassicProtocolOnly: a broker that offers the classic protocol alone still tells the commits of a KIP-848 group, and nothing else of it.
func TestClassicProtocolOnly(t *testing.T) {
	one, err := kafka.Start(t.Context(), t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer one.Stop()
	w := newWorld(t, one)
	w.topic("older")
	w.consumeNext("newer", "older")
	c := scale.Component{Name: "worker", Group: "newer", Topics: []string{"older"}}
	w.stable(c, 1)
	if err := one.Configure("group.coordinator.rebalance.protocols=classic"); err != nil {
		t.Fatal(err)
	}
	one.Kill(0)
	if err := one.Restart(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.eventually(func(context.Context) error {
		want := `group "newer": the group exists, but the broker does not describe groups of its type; it may offer the classic protocol only`
		if got := w.group(c).Why(); got != want {
			return fmt.Errorf("got %q, want %q", got, want)
		}
		return nil
	})
}

// TestRemadeTopic: a topic that is deleted and made again between two sweeps has nothing of the old one's.
func TestRemadeTopic(t *testing.T) {
	w := newWorld(t, cluster)
	w.emptyTopic("remade", 1)
	w.produce("remade", 0, 1000)
	if _, err := w.client.Request(t.Context(), deleteBefore("remade", 900)); err != nil {
		t.Fatal(err)
	}
	w.commit("rereaders", "remade", 950)
	c := scale.Component{Name: "worker", Group: "rereaders", Topics: []string{"remade"}, Reset: scale.ResetEarliest}
	w.wantLag(c, "50, unknown on 0")
	if _, err := w.admin.DeleteTopic(t.Context(), "remade"); err != nil {
		t.Fatal(err)
	}
	w.eventually(func(ctx context.Context) error { _, err := w.admin.CreateTopic(ctx, 1, 1, nil, "remade"); return err })
	w.reconnect()
	w.eventually(func(ctx context.Context) error {
		offsets, err := w.admin.ListEndOffsets(ctx, "remade")
		if err == nil {
			err = offsets.Error()
		}
		return err
	})
	w.produce("remade", 0, 500)
	w.commit("rereaders", "remade", 10)
	lag, known := w.lag(c).Get()
	if !known || lag.Total != 490 || lag.Lost != 0 || lag.Remade["remade"].IsZero() {
		t.Errorf("got %+v known %v, want 490, nothing lost, and that it was made anew", lag, known)
	}
}

func deleteBefore(topic string, offset int64) kmsg.Request {
	p := kmsg.NewDeleteRecordsRequestTopicPartition()
	p.Offset = offset
	t := kmsg.NewDeleteRecordsRequestTopic()
	t.Topic, t.Partitions = topic, append(t.Partitions, p)
	req := kmsg.NewPtrDeleteRecordsRequest()
	req.Topics = append(req.Topics, t)
	return req
}
