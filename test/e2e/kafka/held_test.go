package kafka_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestAGroupHeldInARebalance: a member that does not come back to the group holds up everybody for the rebalance timeout. All that while the lag
// is known from what was committed, and the group is known to be rebalancing.
func TestAGroupHeldInARebalance(t *testing.T) {
	w := newWorld(t, cluster)
	w.topic("held")
	w.commit("held", "held", 40, 100, 100)
	component := scale.Component{Name: "worker", Group: "held", Topics: []string{"held"}, Reset: scale.ResetEarliest}
	first := w.joined("held", "held")
	if g, ok := w.group(component).Get(); !ok || g.State != "CompletingRebalance" {
		t.Errorf("a group whose leader has not handed out partitions: got %+v, known %v, want it completing a rebalance", g, ok)
	}
	w.synced("held", first)
	if g := w.stable(component, 1); g.Members[0].Owned() != 3 {
		t.Errorf("the first member owns %d partitions, want 3", g.Members[0].Owned())
	}
	// The second one waits for its answer until the first has come back, which it never does.
	second, stop := context.WithCancel(t.Context())
	joining := make(chan error, 1)
	other := w.connect()
	go func() { _, err := join(second, other, "held", "held", ""); joining <- err }()
	w.eventually(func(context.Context) error {
		if g, ok := w.group(component).Get(); !ok || g.State != "PreparingRebalance" {
			return fmt.Errorf("the group is %q, known %v, want it preparing a rebalance", g.State, ok)
		}
		return nil
	})
	if got, want := picture(w.lag(component)), "60 of 3"; got != want {
		t.Errorf("the lag is %s during the rebalance, want %s", got, want)
	}
	stop()
	if err := <-joining; !errors.Is(err, context.Canceled) {
		t.Errorf("the second member got %v, want to have waited until the end", err)
	}
}

// joined makes a member that has joined a classic group and does nothing else.
func (w *world) joined(group, topic string) *kmsg.JoinGroupResponse {
	w.t.Helper()
	resp, err := join(w.t.Context(), w.client, group, topic, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return resp
}

// join joins a classic group; the broker first hands out an id to join with.
func join(ctx context.Context, client *kgo.Client, group, topic, member string) (*kmsg.JoinGroupResponse, error) {
	req := kmsg.NewPtrJoinGroupRequest()
	req.Group, req.MemberID, req.ProtocolType = group, member, "consumer"
	req.SessionTimeoutMillis, req.RebalanceTimeoutMillis = 60_000, 60_000
	subscription := kmsg.NewConsumerMemberMetadata()
	subscription.Topics = []string{topic}
	protocol := kmsg.NewJoinGroupRequestProtocol()
	protocol.Name, protocol.Metadata = "range", subscription.AppendTo(nil)
	req.Protocols = append(req.Protocols, protocol)
	resp, err := req.RequestWith(ctx, client)
	if err != nil {
		return nil, err
	}
	switch err := kerr.ErrorForCode(resp.ErrorCode); {
	case errors.Is(err, kerr.MemberIDRequired) && member == "":
		return join(ctx, client, group, topic, resp.MemberID)
	case err != nil:
		return nil, err
	}
	return resp, nil
}

// synced hands all three partitions to the only member of a group.
func (w *world) synced(group string, joined *kmsg.JoinGroupResponse) {
	w.t.Helper()
	assignment := kmsg.NewConsumerMemberAssignment()
	topic := kmsg.NewConsumerMemberAssignmentTopic()
	topic.Topic, topic.Partitions = group, []int32{0, 1, 2}
	assignment.Topics = append(assignment.Topics, topic)
	req := kmsg.NewPtrSyncGroupRequest()
	req.Group, req.MemberID, req.Generation = group, joined.MemberID, joined.Generation
	kind, protocol := "consumer", "range"
	req.ProtocolType, req.Protocol = &kind, &protocol
	one := kmsg.NewSyncGroupRequestGroupAssignment()
	one.MemberID, one.MemberAssignment = joined.MemberID, assignment.AppendTo(nil)
	req.GroupAssignment = append(req.GroupAssignment, one)
	resp, err := req.RequestWith(w.t.Context(), w.client)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}
