package kafka

import (
	"context"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kmsg"
)

func (r *Reader) describeStreams(ctx context.Context, node int32, groups []string) (map[string]found[description], error) {
	req := kmsg.NewPtrStreamsGroupDescribeRequest()
	req.Groups = groups
	resp, err := r.asked(ctx, node, req)
	if err != nil {
		return nil, err
	}
	out := make(map[string]found[description], len(groups))
	for _, g := range resp.(*kmsg.StreamsGroupDescribeResponse).Groups {
		d, err := fromStreams(g)
		out[g.Group] = found[description]{d, err}
	}
	return out, nil
}

// fromStreams reads a group of Kafka Streams (KIP-1071), whose members are the stream
// threads of the application.
func fromStreams(g kmsg.StreamsGroupDescribeResponseGroup) (description, error) {
	if err := groupError(g.Group, g.ErrorCode, g.ErrorMessage); err != nil {
		return of(scale.GroupStreams), err
	}
	if g.State == "Dead" {
		return description{}, errNoGroup
	}
	d := description{group: scale.Group{
		Name: g.Group, State: scale.GroupState(g.State), Type: scale.GroupStreams,
		Protocol: orEmpty(g.AssignorName), Generation: g.Epoch,
	}}
	sources := sourcesOf(g.Topology)
	for _, m := range g.Members {
		member := newMember(m.MemberID, m.ClientID, m.ClientHost, streamsAssignment(m.Assignment, sources))
		member.Instance, member.Rack, member.Epoch = orEmpty(m.InstanceID), orEmpty(m.RackID), m.MemberEpoch
		d.group.Members = append(d.group.Members, member)
	}
	d.group.Tasks = tasksOf(g.Members)
	d.sort()
	return d, nil
}

// tasksOf counts the tasks of the application. A sub-topology has as many tasks, numbered from 0,
// as its largest topic has partitions, and in a stable group every task has an owner. Standby
// tasks are counted too, because during a rebalance a task may have no other owner.
func tasksOf(members []kmsg.StreamsGroupDescribeResponseGroupMember) int {
	parts := map[string]int{}
	for _, m := range members {
		for _, tasks := range [][]kmsg.TaskIDs{m.Assignment.ActiveTasks, m.Assignment.StandbyTasks, m.Assignment.WarmupTasks} {
			for _, t := range tasks {
				for _, number := range t.Partitions {
					parts[t.SubtopologyID] = max(parts[t.SubtopologyID], int(number)+1)
				}
			}
		}
	}
	n := 0
	for _, tasks := range parts {
		n += tasks
	}
	return n
}

// sourcesOf lists the source topics of each sub-topology: its topics, and the repartition topics
// that the application made for itself. A topology that is not initialized has none.
func sourcesOf(t *kmsg.StreamsGroupDescribeResponseGroupTopology) map[string][]string {
	if t == nil {
		return nil
	}
	out := make(map[string][]string, len(t.Subtopologies))
	for _, part := range t.Subtopologies {
		topics := append([]string(nil), part.SourceTopics...)
		for _, made := range part.RepartitionSourceTopics {
			topics = append(topics, made.Topic)
		}
		out[part.SubtopologyID] = topics
	}
	return out
}

// streamsAssignment turns tasks into partitions: task n of a sub-topology reads partition n of
// each of its source topics. Standby tasks read no input.
func streamsAssignment(a kmsg.StreamsAssignment, sources map[string][]string) map[string][]int32 {
	owned := make(map[string][]int32)
	for _, task := range a.ActiveTasks {
		for _, topic := range sources[task.SubtopologyID] {
			owned[topic] = append(owned[topic], task.Partitions...)
		}
	}
	return owned
}
