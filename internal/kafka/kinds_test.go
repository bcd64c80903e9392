package kafka_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// assigned is a member of a share group that reads these partitions of jobs.
func assigned(id string, partitions ...int32) kmsg.ShareGroupDescribeResponseGroupMember {
	m := kmsg.NewShareGroupDescribeResponseGroupMember()
	m.MemberID, m.ClientID, m.ClientHost, m.MemberEpoch, m.SubscribedTopicNames = id, id, "/10.0.0.1", 3, []string{"jobs"}
	t := kmsg.NewShareGroupDescribeResponseGroupMemberAssignmentTopicPartition()
	t.Topic, t.Partitions = "jobs", partitions
	m.Assignment.TopicPartitions = append(m.Assignment.TopicPartitions, t)
	return m
}

func shareGroup(members ...kmsg.ShareGroupDescribeResponseGroupMember) kind {
	g := kmsg.NewShareGroupDescribeResponseGroup()
	g.GroupState, g.Assignor, g.GroupEpoch, g.Members = "Stable", "simple", 3, members
	return kind{of: scale.GroupShare, share: &g}
}

// Members of a share group read the same partitions.
func TestShareGroupIsAGroup(t *testing.T) { // KIP-932
	inWorld(t, func(t *testing.T, w *world) {
		w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2), assigned("b", 0, 1, 2), assigned("c", 0, 1, 2), assigned("d", 0, 1, 2))})
		g, known := w.group(component()).Get()
		if !known || g.Type != scale.GroupShare || g.State != "Stable" || len(g.Members) != 4 || g.Members[0].Owned() != 3 || g.Generation != 3 {
			t.Fatalf("got %+v known %v, want a stable share group of four members on three partitions each", g, known)
		}
		if m := g.Members[0]; m.Host != "10.0.0.1" || m.Epoch != 3 || !slices.Equal(m.Subscribed, []string{"jobs"}) {
			t.Errorf("got %+v", m)
		}
	})
}

func TestLagOfAShareGroup(t *testing.T) {
	const waiting = "the share group has not acknowledged anything there yet, and until then Kafka tells no lag"
	for name, tt := range map[string]struct {
		at   map[int32][2]int64 // start and lag
		want string
	}{
		"in hand and none acknowledged is unknown": {map[int32][2]int64{0: {-1, -1}, 1: {-1, -1}, 2: {-1, -1}}, "unknown: none of 3 partitions could be read: " + waiting},
		"the start trails, everything is done":     {map[int32][2]int64{0: {0, 0}, 1: {0, 0}, 2: {20, 0}}, "0 of 3"},
		"in hand counts as lag":                    {map[int32][2]int64{0: {0, 80}, 1: {50, 20}, 2: {100, 0}}, "100 of 3"},
		"one partition not begun":                  {map[int32][2]int64{0: {0, 80}, 1: {0, 5}, 2: {-1, -1}}, "85 of 3, 2=0 unknown, (at least; 1 of 3 partitions unknown: " + waiting + ")"},
		"one partition not mentioned":              {map[int32][2]int64{0: {0, 80}, 1: {0, 5}}, "85 of 3, 2=0 unknown, (at least; 1 of 3 partitions unknown: " + waiting + ")"},
		"never more than there is to read":         {map[int32][2]int64{0: {0, 500}, 1: {100, 0}, 2: {100, 0}}, "100 of 3"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.fill()
				w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2))})
				w.acknowledged(tt.at)
				for sweep := range 2 {
					got := w.lag(component())
					if picture(got) != tt.want {
						t.Errorf("sweep %d\n got %s\nwant %s", sweep+1, picture(got), tt.want)
					}
					if got.Known() && got.Value.Type != scale.GroupShare {
						t.Errorf("type %q, want share", got.Value.Type)
					}
				}
			})
		})
	}
}

// An empty partition has nothing to read, whatever the broker knows of the group there.
func TestShareGroupOnAnEmptyTopic(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.produce("jobs", 0, 7)
		w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2))})
		w.acknowledged(map[int32][2]int64{0: {0, 7}, 1: {-1, -1}, 2: {-1, -1}})
		if got := picture(w.lag(component())); got != "7 of 3" {
			t.Errorf("got %s, want 7 of 3", got)
		}
	})
}

// Consumption shows in the commits of the readings although a share group commits nothing.
func TestShareGroupMovesAsItAcknowledges(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2))})
		at := map[int32][2]int64{0: {0, 80}, 1: {0, 80}, 2: {0, 80}}
		w.acknowledged(at)
		before, _ := w.lag(component()).Get()
		at[0] = [2]int64{0, 30} // out of order: the start did not move
		after, _ := w.lag(component()).Get()
		if b, a := before.Partitions[0], after.Partitions[0]; b.Committed != 20 || a.Committed != 70 || a.End != 100 {
			t.Errorf("from %+v to %+v, want 20 and then 70 of 100 done", b, a)
		}
	})
}

// Kafka before 4.2 tells the start only. It is no lag, except where everything is done.
func TestShareLagOfAnOldBroker(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.offer(map[kmsg.Key]int16{kmsg.DescribeShareGroupOffsets: 0})
		w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2))})
		w.acknowledged(map[int32][2]int64{0: {100, -1}, 1: {100, -1}, 2: {40, -1}})
		want := "0 of 3, 2=0 unknown, (at least; 1 of 3 partitions unknown: the broker does not tell the lag of share groups (Kafka does from 4.2 on))"
		if got := picture(w.lag(component())); got != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}

// A group may be deleted and made again under its name as one of another type.
func TestShareGroupThatBecameAnother(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		groups := map[string]kind{"workers": shareGroup(assigned("a", 0, 1, 2))}
		w.kinds(groups)
		at := map[int32][2]int64{0: {0, 80}, 1: {0, 80}, 2: {0, 80}}
		w.acknowledged(at)
		if got := picture(w.lag(component())); got != "240 of 3" {
			t.Fatalf("as a share group: %s", got)
		}
		groups["workers"] = kind{of: scale.GroupClassic}
		w.commitAll("workers", 40)
		for p := range at {
			at[p] = [2]int64{-1, -1}
		}
		if got := picture(w.lag(component())); got != "180 of 3" {
			t.Errorf("as a classic group: %s, want 180 of 3", got)
		}
		groups["workers"] = shareGroup(assigned("a", 0, 1, 2))
		for p := range at {
			at[p] = [2]int64{0, 10}
		}
		if got := picture(w.lag(component())); got != "30 of 3" {
			t.Errorf("as a share group again: %s, want 30 of 3", got)
		}
	})
}

func tasks(id string, of map[string][]int32) kmsg.StreamsGroupDescribeResponseGroupMember {
	m := kmsg.NewStreamsGroupDescribeResponseGroupMember()
	m.MemberID, m.ClientID, m.ClientHost, m.MemberEpoch = id, id, "/10.0.0.2", 4
	for _, part := range slices.Sorted(maps.Keys(of)) {
		m.Assignment.ActiveTasks = append(m.Assignment.ActiveTasks, kmsg.TaskIDs{SubtopologyID: part, Partitions: of[part]})
	}
	m.Assignment.StandbyTasks = []kmsg.TaskIDs{{SubtopologyID: "0", Partitions: []int32{0}}}
	return m
}

// A streams group owns partitions by the tasks of its topology, of its input and of the
// topics it made for itself; its lag is in its commits, as any group's.
func TestStreamsGroup(t *testing.T) { // KIP-1071
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 40)
		g := kmsg.NewStreamsGroupDescribeResponseGroup()
		g.State, g.Epoch, g.AssignorName = "Stable", 4, kmsg.StringPtr("sticky")
		g.Topology = &kmsg.StreamsGroupDescribeResponseGroupTopology{Subtopologies: []kmsg.StreamsGroupDescribeResponseGroupTopologySubtopology{
			{SubtopologyID: "0", SourceTopics: []string{"jobs"}},
			{SubtopologyID: "1", RepartitionSourceTopics: []kmsg.TopicInfo{{Topic: "workers-repartition"}}},
		}}
		g.Members = []kmsg.StreamsGroupDescribeResponseGroupMember{
			tasks("a", map[string][]int32{"0": {2, 0}, "1": {1}}), tasks("b", map[string][]int32{"0": {1}, "1": {0, 2}}),
		}
		w.kinds(map[string]kind{"workers": {of: scale.GroupStreams, streams: &g}})
		got, known := w.group(component()).Get()
		if !known || got.Type != scale.GroupStreams || got.State != "Stable" || got.Protocol != "sticky" || len(got.Members) != 2 {
			t.Fatalf("got %+v known %v, want a stable streams group of two members", got, known)
		}
		if owned := shares(t, got); !slices.Equal(owned, []int{3, 3}) || !slices.Equal(got.Members[0].Partitions["jobs"], []int32{0, 2}) {
			t.Errorf("owned %v, a's part of jobs %v, want three each and 0 and 2 of jobs", owned, got.Members[0].Partitions["jobs"])
		}
		if got := picture(w.lag(component())); got != "180 of 3" {
			t.Errorf("lag %s, want 180 of 3", got)
		}
		if got.Tasks != 6 {
			t.Errorf("%d tasks, want 6: three of each part of the topology", got.Tasks)
		}
	})
}

// A task that moves, and of which only a copy stands by, is a task all the same.
func TestTasksOfAStreamsGroup(t *testing.T) { // KIP-1071
	moving := tasks("a", map[string][]int32{"0": {0}})
	moving.Assignment.StandbyTasks = []kmsg.TaskIDs{{SubtopologyID: "0", Partitions: []int32{3}}}
	second := tasks("b", map[string][]int32{"1": {1}})
	for name, tt := range map[string]struct {
		members []kmsg.StreamsGroupDescribeResponseGroupMember
		want    int
	}{
		"nobody yet":                    {nil, 0},
		"a copy that stands by":         {[]kmsg.StreamsGroupDescribeResponseGroupMember{moving}, 4},
		"two parts of the topology":     {[]kmsg.StreamsGroupDescribeResponseGroupMember{moving, second}, 6},
		"a task that nobody has at all": {[]kmsg.StreamsGroupDescribeResponseGroupMember{second}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.fill()
				g := kmsg.NewStreamsGroupDescribeResponseGroup()
				g.State, g.Members = "Stable", tt.members
				w.kinds(map[string]kind{"workers": {of: scale.GroupStreams, streams: &g}})
				if got, _ := w.group(component()).Get(); got.Tasks != tt.want {
					t.Errorf("%d tasks, want %d", got.Tasks, tt.want)
				}
			})
		})
	}
}

// What a broker answers for a group it does not describe is told apart from "no such group".
func TestGroupThatCannotBeDescribed(t *testing.T) {
	for name, tt := range map[string]struct {
		groups map[string]kind
		up     map[kmsg.Key]int16
		want   string
	}{
		"never was":                        {nil, nil, `group "workers": no such consumer group`},
		"a name that reads like a message": {map[string]kind{"x": {}}, nil, `group "workers": no such consumer group`},
		"a KIP-848 group on a broker that offers only the classic protocol": {map[string]kind{"workers": {of: scale.GroupConsumer, refused: kerr.UnsupportedVersion}}, nil,
			`group "workers": the group exists, but the broker does not describe groups of its type; it may offer the classic protocol only`},
		"a share group on a broker that has lost the request": {map[string]kind{"workers": {of: scale.GroupShare}}, map[kmsg.Key]int16{kmsg.ShareGroupDescribe: -1},
			`group "workers": the group exists, but the broker does not describe groups of its type; it may offer the classic protocol only`},
		"a type that nobody knows yet": {map[string]kind{"workers": {of: "queue"}}, nil, `group "workers": the group is of a type that cannot be read`},
		"another topic of a KIP-848 group is forbidden": {map[string]kind{"workers": {of: scale.GroupConsumer, refused: kerr.TopicAuthorizationFailed}}, nil,
			`group "workers": the group also reads a topic that may not be described, and Kafka then tells nothing of its members`},
		"another topic of a share group is forbidden": {map[string]kind{"workers": {of: scale.GroupShare, refused: kerr.TopicAuthorizationFailed}}, nil,
			`group "workers": the group also reads a topic that may not be described, and Kafka then tells nothing of its members`},
		"the group itself is forbidden": {map[string]kind{"workers": {of: scale.GroupStreams, refused: kerr.GroupAuthorizationFailed}}, nil,
			`group "workers": Kafka does not allow describing the group`},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.offer(tt.up)
				w.kinds(tt.groups)
				if got := w.group(component()).Why(); got != tt.want {
					t.Errorf("got  %q\nwant %q", got, tt.want)
				}
			})
		})
	}
}

// The message names the group, and a group may be named like a message.
func TestGroupNamedLikeAMessage(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.kinds(nil)
		odd := "this is not a classic group"
		if got, want := w.group(component(group(odd))).Why(), fmt.Sprintf("group %q: no such consumer group", odd); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// The commits of the topics that may be described stand, although the group cannot be
// described; a pattern may have missed a topic, and says so.
func TestForbiddenTopicBesideTheComponents(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 40)
		w.kinds(map[string]kind{"workers": {of: scale.GroupConsumer, refused: kerr.TopicAuthorizationFailed}})
		if got := picture(w.lag(component())); got != "180 of 3" {
			t.Errorf("named topic: %s, want 180 of 3", got)
		}
		want := `180 of 3, (the group also reads a topic that may not be described; if "job*" matches it, its lag is missing)`
		got := w.lag(component(topics("job*")))
		if picture(got) != want || got.Value.Complete() {
			t.Errorf("pattern: %s, complete %v, want %s and incomplete", picture(got), got.Value.Complete(), want)
		}
	})
}

// A broker leaves topics that may not be described out of its list. What members own of
// them shows that a pattern has missed some.
func TestPatternThatMissesWhatMembersOwn(t *testing.T) { // R-028, T-30
	inWorld(t, func(t *testing.T, w *world) {
		w.createTopic("jobs.secret", 2)
		w.commitAll("workers", 0)
		defer w.consume("workers", "jobs", kgo.ConsumeTopics("jobs", "jobs.secret", "other"))()
		w.stable("workers", 1)
		hide(w, "jobs.secret")
		c := component(topics("jobs*"))
		want := `0 of 3, (the members also own partitions of "jobs.secret", which the broker does not list: their lag is missing)`
		for look := range 2 {
			got := w.lag(c)
			if picture(got) != want || got.Value.Complete() {
				t.Errorf("look %d: got %s, complete %v\nwant %s", look+1, picture(got), got.Value.Complete(), want)
			}
			w.group(c)
		}
		if got := w.lag(component()); !got.Value.Complete() {
			t.Errorf("a topic named in full: %s, want complete", picture(got))
		}
	})
}

// hide leaves a topic out of every list of topics, as for a user who may not describe it.
func hide(w *world, name string) {
	w.cluster.ControlKey(kmsg.Metadata.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		req := kreq.(*kmsg.MetadataRequest)
		if req.Topics != nil {
			return nil, nil, false
		}
		for _, t := range []string{"jobs", "other"} {
			asked := kmsg.NewMetadataRequestTopic()
			asked.Topic = kmsg.StringPtr(t)
			req.Topics = append(req.Topics, asked)
		}
		return nil, nil, false
	})
}
