package kafka_test

import (
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// kind is a group of some type as Kafka 4 describes it. Without an answer of its own the
// in-memory cluster describes it.
type kind struct {
	of      scale.GroupType
	share   *kmsg.ShareGroupDescribeResponseGroup
	streams *kmsg.StreamsGroupDescribeResponseGroup
	// refused is what describing it in its own way is refused with.
	refused *kerr.Error
}

// kinds makes the cluster tell groups of all four types apart as Kafka 4.3 and 4.4 do: asked
// for another type than its own, a group is not found, and only the message says why. A
// group that is not in the map was never there. Streams groups, which the in-memory cluster
// has none of, are described as given.
func (w *world) kinds(groups map[string]kind) {
	w.offer(nil)
	code := func(group string, asked scale.GroupType) (int16, *string) {
		g, exists := groups[group]
		message := fmt.Sprintf("Group %s not found.", group)
		switch {
		case exists && g.of == asked && g.refused != nil:
			return g.refused.Code, nil
		case exists && g.of == asked:
			return 0, nil
		case exists:
			message = fmt.Sprintf("Group %s is not a %s group.", group, asked)
		}
		return kerr.GroupIDNotFound.Code, &message
	}
	answer(w, kmsg.DescribeGroups, func(req *kmsg.DescribeGroupsRequest, resp *kmsg.DescribeGroupsResponse) bool {
		for _, name := range req.Groups {
			g := kmsg.NewDescribeGroupsResponseGroup()
			g.Group, g.State = name, "Dead"
			if g.ErrorCode, g.ErrorMessage = code(name, scale.GroupClassic); g.ErrorCode != 0 {
				resp.Groups = append(resp.Groups, g)
			}
		}
		return len(resp.Groups) == len(req.Groups)
	})
	answer(w, kmsg.ConsumerGroupDescribe, func(req *kmsg.ConsumerGroupDescribeRequest, resp *kmsg.ConsumerGroupDescribeResponse) bool {
		for _, name := range req.Groups {
			g := kmsg.NewConsumerGroupDescribeResponseGroup()
			g.Group = name
			if g.ErrorCode, g.ErrorMessage = code(name, scale.GroupConsumer); g.ErrorCode != 0 {
				resp.Groups = append(resp.Groups, g)
			}
		}
		return len(resp.Groups) == len(req.Groups)
	})
	answer(w, kmsg.ShareGroupDescribe, func(req *kmsg.ShareGroupDescribeRequest, resp *kmsg.ShareGroupDescribeResponse) bool {
		for _, name := range req.GroupIDs {
			g := kmsg.NewShareGroupDescribeResponseGroup()
			if given := groups[name].share; given != nil {
				g = *given
			}
			g.GroupID = name
			if g.ErrorCode, g.ErrorMessage = code(name, scale.GroupShare); g.ErrorCode != 0 || groups[name].share != nil {
				resp.Groups = append(resp.Groups, g)
			}
		}
		return len(resp.Groups) == len(req.GroupIDs)
	})
	answer(w, kmsg.StreamsGroupDescribe, func(req *kmsg.StreamsGroupDescribeRequest, resp *kmsg.StreamsGroupDescribeResponse) bool {
		for _, name := range req.Groups {
			g := kmsg.NewStreamsGroupDescribeResponseGroup()
			if given := groups[name].streams; given != nil {
				g = *given
			}
			g.Group = name
			g.ErrorCode, g.ErrorMessage = code(name, scale.GroupStreams)
			resp.Groups = append(resp.Groups, g)
		}
		return true
	})
	w.silentWithoutCommits(func(group string) bool { return groups[group].of == scale.GroupShare || groups[group].of == "" })
}

// offer makes the cluster say that it knows streams groups as well, and some requests up to
// another version only; below 0 it does not know them at all.
func (w *world) offer(up map[kmsg.Key]int16) {
	w.t.Helper()
	own, err := kmsg.NewPtrApiVersionsRequest().RequestWith(w.t.Context(), w.client)
	if err != nil {
		w.t.Fatal(err)
	}
	keys := append(own.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: kmsg.StreamsGroupDescribe.Int16(), MaxVersion: 1})
	for i, k := range keys {
		if limit, limited := up[kmsg.Key(k.ApiKey)]; limited {
			keys[i].MaxVersion = limit
		}
	}
	keys = slices.DeleteFunc(keys, func(k kmsg.ApiVersionsResponseApiKey) bool { return k.MaxVersion < 0 })
	answer(w, kmsg.ApiVersions, func(_ *kmsg.ApiVersionsRequest, resp *kmsg.ApiVersionsResponse) bool {
		resp.ApiKeys = keys
		return true
	})
}

// acknowledged makes the cluster answer how far its share groups have got: start and lag by
// partition of jobs. The map may change while the cluster runs.
func (w *world) acknowledged(at map[int32][2]int64) {
	answer(w, kmsg.DescribeShareGroupOffsets, func(req *kmsg.DescribeShareGroupOffsetsRequest, resp *kmsg.DescribeShareGroupOffsetsResponse) bool {
		for _, asked := range req.Groups {
			topic := kmsg.NewDescribeShareGroupOffsetsResponseGroupTopic()
			topic.Topic = "jobs"
			for p, of := range at {
				one := kmsg.NewDescribeShareGroupOffsetsResponseGroupTopicPartition()
				one.Partition, one.StartOffset, one.Lag = p, of[0], of[1]
				topic.Partitions = append(topic.Partitions, one)
			}
			g := kmsg.NewDescribeShareGroupOffsetsResponseGroup()
			g.GroupID, g.Topics = asked.GroupID, []kmsg.DescribeShareGroupOffsetsResponseGroupTopic{topic}
			resp.Groups = append(resp.Groups, g)
		}
		return true
	})
}

// answer makes the cluster answer every request of a kind that the function answers; the
// others it answers itself.
func answer[Q kmsg.Request, R kmsg.Response](w *world, key kmsg.Key, with func(Q, R) bool) {
	w.cluster.ControlKey(key.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		resp := kreq.ResponseKind().(R)
		return resp, nil, with(kreq.(Q), resp)
	})
}
