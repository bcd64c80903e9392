package kafka_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestAPartitionWithoutALeader: a broker is gone and with it the only copy of one partition. That partition is unknown, not zero; the others are
// read as they are, and when the broker is back all of them are.
func TestAPartitionWithoutALeader(t *testing.T) {
	three, err := kafka.Start(t.Context(), t.TempDir(), 3)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = three.Stop() }()
	w := newWorld(t, three)
	w.single("single")
	component := scale.Component{Name: "worker", Group: "single", Topics: []string{"single"}, Reset: scale.ResetEarliest}
	w.commit("single", "single", 40, 40, 40)
	w.reads(component, "180 of 3")
	lost := w.without("single")
	three.Kill(lost)
	w.reads(component, fmt.Sprintf("120 of 3, %d=0 unknown", lost))
	w.eventually(func(context.Context) error {
		if why := w.lag(component).Value.Partitions[lost].Err; !strings.Contains(strings.ToLower(why), "leader") {
			return fmt.Errorf("partition %d is unknown because %q, want that it has no leader", lost, why)
		}
		return nil
	})
	if err := three.Restart(t.Context(), lost); err != nil {
		t.Fatal(err)
	}
	w.reads(component, "180 of 3")
}

// single makes a topic whose partition i has its only copy on broker i.
func (w *world) single(name string) {
	w.t.Helper()
	req := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, -1, -1
	for i := range w.cluster.Addresses() {
		copies := kmsg.NewCreateTopicsRequestTopicReplicaAssignment()
		copies.Partition, copies.Replicas = int32(i), []int32{w.cluster.Broker(i)}
		topic.ReplicaAssignment = append(topic.ReplicaAssignment, copies)
	}
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(w.t.Context(), w.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	for p := range int32(3) {
		w.produce(name, p, 100)
	}
}

// without is a broker whose end does not move the coordinator of the group.
func (w *world) without(group string) int {
	w.t.Helper()
	at := w.admin.FindGroupCoordinators(w.t.Context(), group)[group]
	if at.Err != nil {
		w.t.Fatal(at.Err)
	}
	for i := range w.cluster.Addresses() {
		if w.cluster.Broker(i) != at.NodeID {
			return i
		}
	}
	panic("one broker is all of them")
}

// reads waits until the bot reads the lag as drawn.
func (w *world) reads(c scale.Component, want string) {
	w.t.Helper()
	w.eventually(func(context.Context) error {
		if got := picture(w.lag(c)); !strings.HasPrefix(got, want) {
			return fmt.Errorf("the bot reads %s, want %s", got, want)
		}
		return nil
	})
}
