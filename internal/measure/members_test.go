package measure

import (
	"fmt"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// reads is a member elsewhere that owns one partition of a topic.
func reads(topic string) scale.Member {
	return scale.Member{ID: "m", Host: "10.9.9.9", Partitions: map[string][]int32{topic: {0}}}
}

// R-028, T-18: which members of a group are the component's own, which read its topics
// elsewhere and which have nothing to do with it, by its patterns and by what its lag was
// read from. A pattern never stands for Kafka's own topics.
func TestMembersAreToldApartByTheirTopics(t *testing.T) {
	lag := func(topics []string, partitions ...string) scale.Reading[scale.Lag] {
		l := scale.Lag{Topics: topics}
		for _, topic := range partitions {
			l.Partitions = append(l.Partitions, scale.PartitionLag{Topic: topic})
		}
		return scale.Known(l, scaletest.Start, scale.Broker)
	}
	unread := scale.Unknown[scale.Lag]("no answer", scaletest.Start, scale.Broker)
	on := func(pod int, m scale.Member) scale.Member { m.Host = measuretest.IPOf(pod); return m }
	for name, c := range map[string]struct {
		topics []string
		lag    scale.Reading[scale.Lag]
		member scale.Member
		want   string
	}{
		"the topic":                     {[]string{"orders"}, unread, reads("orders"), "elsewhere"},
		"one that begins like it":       {[]string{"orders"}, unread, reads("orders.eu"), "other"},
		"one of a pattern":              {[]string{"orders.*"}, unread, reads("orders.eu"), "elsewhere"},
		"none of a pattern":             {[]string{"orders.*"}, unread, reads("payments"), "other"},
		"Kafka's own, for every topic":  {[]string{"*"}, unread, reads("__consumer_offsets"), "other"},
		"Kafka's own, by name":          {[]string{"__audit"}, unread, reads("__audit"), "elsewhere"},
		"no topics are known":           {nil, unread, reads("payments"), "elsewhere"},
		"a topic the lag was read from": {[]string{"orders"}, lag([]string{"payments"}), reads("payments"), "elsewhere"},
		"only a partition says so":      {[]string{"orders"}, lag(nil, "a", "a", "b"), reads("b"), "elsewhere"},
		"the first partition says so":   {[]string{"orders"}, lag(nil, "a", "a", "b"), reads("a"), "elsewhere"},
		"neither":                       {[]string{"orders"}, lag([]string{"payments"}, "a", "b"), reads("c"), "other"},
		"on one of its pods":            {[]string{"orders"}, unread, on(0, reads("orders")), "own"},
		"on a pod, with others' topics": {[]string{"orders"}, unread, on(0, reads("payments")), "own"},
		"on a pod that goes":            {[]string{"orders"}, unread, on(2, reads("orders")), "leaving"},
		"elsewhere, and owns nothing":   {[]string{"orders"}, unread, scale.Member{ID: "m", Host: "10.9.9.9"}, "other"},
		"away, with a partition":        {[]string{"orders"}, unread, scale.Member{ID: "m", Epoch: -2, Partitions: map[string][]int32{"orders": {0}}}, "leaving"},
		"away, on a pod, with none":     {[]string{"orders"}, unread, scale.Member{ID: "m", Epoch: -2, Host: measuretest.IPOf(0)}, "leaving"},
		"away, and nobody knows whose":  {[]string{"orders"}, unread, scale.Member{ID: "m", Epoch: -2}, "other"},
		"away, with others' topics":     {[]string{"orders"}, unread, scale.Member{ID: "m", Epoch: -2, Partitions: map[string][]int32{"payments": {0}}}, "other"},
		"about to leave, on a pod":      {[]string{"orders"}, unread, scale.Member{ID: "m", Epoch: -1, Host: measuretest.IPOf(0)}, "own"},
	} {
		w := measuretest.CalmWorld().Workers(3).Addressed().Change(func(l *scale.Workload) { l.Pods[2].Terminating = true })
		w.Topics, w.Now.Lag = c.topics, c.lag
		w.Now.Group.Value = scale.Group{State: "Stable", Members: []scale.Member{{ID: "ours", Host: measuretest.IPOf(1)}, c.member}}
		got, known := ConsumersOf(w.Component, w.Now).Get()
		if where := placeOf(got, "m"); !known || where != c.want {
			t.Errorf("%s: got %q, want %q", name, where, c.want)
		}
	}
}

// placeOf is where a member was put.
func placeOf(c Consumers, id string) string {
	for where, members := range map[string][]Consumer{"own": c.Own, "leaving": c.Leaving, "elsewhere": c.Elsewhere} {
		for _, m := range members {
			if m.ID == id {
				return where
			}
		}
	}
	if c.Others > 0 {
		return "other"
	}
	return "nowhere"
}

// Where members cannot be matched with pods, who asks for other topics is not counted, and
// who has not said what it asks for, or asks by a pattern of its own, is.
func TestWhoAsksForOtherTopicsIsNotCounted(t *testing.T) {
	for name, c := range map[string]struct {
		member scale.Member
		want   string
	}{
		"owns nothing and says nothing":       {scale.Member{ID: "m"}, "own"},
		"asks for ours":                       {scale.Member{ID: "m", Subscribed: []string{"payments", "orders"}}, "own"},
		"asks for others":                     {scale.Member{ID: "m", Subscribed: []string{"payments"}}, "other"},
		"asks for others and by a pattern":    {scale.Member{ID: "m", Subscribed: []string{"payments"}, Pattern: "ord.*"}, "own"},
		"owns others":                         {scale.Member{ID: "m", Partitions: map[string][]int32{"payments": {1}}}, "other"},
		"owns others, and asks for ours":      {scale.Member{ID: "m", Subscribed: []string{"orders"}, Partitions: map[string][]int32{"payments": {1}}}, "other"},
		"owns ours and others":                {scale.Member{ID: "m", Partitions: map[string][]int32{"orders": {0}, "payments": {1}}}, "own"},
		"owns ours, and asks for others only": {scale.Member{ID: "m", Subscribed: []string{"payments"}, Partitions: map[string][]int32{"orders": {0}}}, "own"},
	} {
		w := measuretest.CalmWorld().Workers(3)
		w.Topics, w.Now.Lag = []string{"orders"}, scale.Reading[scale.Lag]{}
		w.Now.Group.Value = scale.Group{State: "Stable", Members: []scale.Member{c.member}}
		got, _ := ConsumersOf(w.Component, w.Now).Get()
		if where := placeOf(got, "m"); where != c.want || got.Matched {
			t.Errorf("%s: got %q, matched %v, want %q", name, where, got.Matched, c.want)
		}
	}
}

// owning is a member that owns so many of the component's partitions, on a pod.
func owning(n int, pod string) Consumer { return Consumer{Owns: n, Pod: pod} }

// the spread counts whoever has part in the component's partitions, wherever
// it runs, and leaves out whose share could not be read.
func TestTheSpreadCountsWhoeverReads(t *testing.T) {
	opaque := Consumer{Member: scale.Member{Opaque: true}}
	busyElse := Consumer{Member: scale.Member{Partitions: map[string][]int32{"other": {1}}}}
	for name, c := range map[string]struct {
		c    Consumers
		want Spread
	}{
		"even":                             {Consumers{Own: []Consumer{owning(2, ""), owning(2, "")}}, Spread{Readers: 2, Least: 2, Most: 2, Owned: 4}},
		"one with none":                    {Consumers{Own: []Consumer{owning(2, ""), owning(0, "")}}, Spread{Readers: 2, Most: 2, Idle: 1, Owned: 2}},
		"least is not first":               {Consumers{Own: []Consumer{owning(3, ""), owning(1, ""), owning(2, "")}}, Spread{Readers: 3, Least: 1, Most: 3, Owned: 6}},
		"one that reads other topics only": {Consumers{Own: []Consumer{owning(2, ""), busyElse}}, Spread{Readers: 1, Least: 2, Most: 2, Owned: 2}},
		"elsewhere":                        {Consumers{Own: []Consumer{owning(2, "")}, Elsewhere: []Consumer{owning(5, "")}}, Spread{Readers: 2, Least: 2, Most: 5, Owned: 7}},
		"leaving with some":                {Consumers{Own: []Consumer{owning(2, "")}, Leaving: []Consumer{owning(3, "")}}, Spread{Readers: 2, Least: 2, Most: 3, Owned: 5}},
		"leaving with none":                {Consumers{Own: []Consumer{owning(2, "")}, Leaving: []Consumer{owning(0, "")}}, Spread{Readers: 1, Least: 2, Most: 2, Owned: 2}},
		"one that cannot be read, first":   {Consumers{Own: []Consumer{opaque, owning(3, ""), owning(4, "")}}, Spread{Readers: 3, Least: 3, Most: 4, Owned: 7, Opaque: 1}},
		"one that cannot be read, last":    {Consumers{Own: []Consumer{owning(3, ""), owning(4, ""), opaque}}, Spread{Readers: 3, Least: 3, Most: 4, Owned: 7, Opaque: 1}},
		"nobody":                           {},
	} {
		if got := c.c.Spread(); got != c.want {
			t.Errorf("%s: got %+v, want %+v", name, got, c.want)
		}
	}
}

// Pods that work are those with a partition, or with a member whose share cannot be read;
// where members cannot be matched, as many as they fill.
func TestPodsThatWorkAreCounted(t *testing.T) {
	opaque := Consumer{Member: scale.Member{Opaque: true}, Pod: "c"}
	for name, c := range map[string]struct {
		c      Consumers
		perPod int
		want   int
	}{
		"two on one pod":          {Consumers{Matched: true, Own: []Consumer{owning(1, "a"), owning(1, "a"), owning(1, "b")}}, 2, 2},
		"one without a partition": {Consumers{Matched: true, Own: []Consumer{owning(1, "a"), owning(0, "b")}}, 1, 1},
		"one that cannot be read": {Consumers{Matched: true, Own: []Consumer{owning(1, "a"), opaque}}, 1, 2},
		"not matched":             {Consumers{Own: []Consumer{owning(1, ""), owning(1, ""), owning(1, ""), owning(0, "")}}, 2, 2},
		"not matched, one each":   {Consumers{Own: []Consumer{owning(1, ""), owning(1, ""), owning(0, "")}}, 1, 2},
		"nobody knows how many":   {Consumers{Own: []Consumer{owning(1, ""), owning(1, "")}}, 0, 2},
	} {
		if got := c.c.WorkingPods(c.perPod); got != c.want {
			t.Errorf("%s: got %d, want %d", name, got, c.want)
		}
	}
}

// T-36: members that cannot be matched are there when they are as many as the pods run, or
// more on exactly as many addresses.
func TestUnmatchedMembersAreThereByCountOrAddress(t *testing.T) {
	at := func(hosts ...string) Consumers {
		c := Consumers{}
		for _, host := range hosts {
			c.Own = append(c.Own, Consumer{Member: scale.Member{Host: host}})
		}
		return c
	}
	for name, c := range map[string]struct {
		c            Consumers
		pods, perPod int
		want         bool
	}{
		"as many, without addresses":            {at("", "", "", ""), 2, 2, true},
		"fewer":                                 {at("a", "b", "b"), 2, 2, true},
		"as many as pods, and each runs two":    {at("a", "b"), 2, 2, false},
		"more, on as many addresses":            {at("a", "a", "b"), 2, 1, true},
		"more, on as many addresses with ports": {at("10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1"), 2, 1, true},
		"more, on more addresses":               {at("a", "b", "c"), 2, 1, false},
		"more, on fewer":                        {at("a", "a", "a"), 2, 1, false},
		"more, one without an address":          {at("a", "b", ""), 2, 1, false},
		"nobody":                                {at(), 2, 1, false},
	} {
		if got := c.c.Present(c.pods, c.perPod); got != c.want {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

// Who else is in the group, and who is about to leave it, in words for people.
func TestOthersInTheGroupAreNamed(t *testing.T) {
	gone := Consumer{Owns: 2, Gone: true}
	wait := "the session time-out ends, 45 s unless"
	c := Consumers{Session: session{length: 45 * time.Second, source: "unless"}}
	for name, x := range map[string]struct {
		elsewhere, others int
		leaving           []Consumer
		want              string
	}{
		"nobody":                {0, 0, nil, ""},
		"one elsewhere":         {1, 0, nil, "; 1 member that runs elsewhere reads its topics too"},
		"two elsewhere":         {2, 0, nil, "; 2 members that run elsewhere read its topics too"},
		"one of no concern":     {0, 1, nil, "; 1 member of the group has no part in them"},
		"two of no concern":     {0, 2, nil, "; 2 members of the group have no part in them"},
		"both":                  {2, 3, nil, "; 2 members that run elsewhere read its topics too and 3 members of the group have no part in them"},
		"one that is gone":      {0, 0, []Consumer{gone}, "; 2 partitions of 1 member that is gone wait until " + wait},
		"two that are gone":     {0, 0, []Consumer{gone, {Owns: 1, Gone: true}}, "; 3 partitions of 2 members that are gone wait until " + wait},
		"its one partition":     {0, 0, []Consumer{{Owns: 1, Gone: true}}, "; 1 partition of 1 member that is gone waits until " + wait},
		"gone, and owned none":  {0, 0, []Consumer{{Gone: true}}, "; 1 member of pods that go"},
		"still there, on a pod": {0, 0, []Consumer{{Owns: 2}}, "; 1 member of pods that go"},
		"gone and going":        {0, 0, []Consumer{gone, {Owns: 2}, {}}, "; 2 partitions of 1 member that is gone wait until " + wait + "; 2 members of pods that go"},
	} {
		c.Elsewhere, c.Others, c.Leaving = make([]Consumer, x.elsewhere), x.others, x.leaving
		if got := c.OthersClause() + c.LeavingClause(); got != x.want {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
}

// KIP-345: members with a fixed name that are too many after a scale-down are those that
// went, as long as they are no more than went and no more than have such a name.
func TestStaticMembersTooManyAreThoseThatWent(t *testing.T) {
	for name, x := range map[string]struct {
		matched          bool
		from, to, perPod int
		own, static      int
		want             int
	}{
		"two went":                    {false, 11, 9, 1, 11, 11, 2},
		"one of them is still listed": {false, 11, 9, 1, 10, 10, 1},
		"just as many static":         {false, 11, 9, 1, 11, 2, 2},
		"fewer are static":            {false, 11, 9, 1, 11, 1, 0},
		"more than went":              {false, 11, 9, 1, 12, 12, 0},
		"none too many":               {false, 11, 9, 1, 9, 9, 0},
		"too few":                     {false, 11, 9, 1, 8, 8, 0},
		"two in each pod":             {false, 11, 9, 2, 22, 22, 4},
		"two in each pod, none is":    {false, 11, 9, 2, 18, 18, 0},
		"matched":                     {true, 11, 9, 1, 11, 11, 0},
		"a scale-up":                  {false, 9, 11, 1, 12, 12, 0},
	} {
		c := Consumers{Matched: x.matched}
		for i := range x.own {
			m := Consumer{}
			if i < x.static {
				m.Instance = fmt.Sprint("name-", i)
			}
			c.Own = append(c.Own, m)
		}
		if got := c.staticSurplus(x.from, x.to, x.perPod); got != x.want {
			t.Errorf("%s: got %d, want %d", name, got, x.want)
		}
		if said := c.ForTheGone(x.from, x.to, x.perPod) != ""; said != (x.want > 0) {
			t.Errorf("%s: told %v", name, said)
		}
	}
}

// Until when partitions wait is told while there is a second of it left, counted from when
// their members were last known to be there.
func TestTheRestOfASessionIsTold(t *testing.T) {
	for name, x := range map[string]struct {
		alive time.Duration
		want  string
	}{
		"from now":        {0, "the session time-out ends, 30 s by X, in at least 30 s"},
		"one second left": {29 * time.Second, "the session time-out ends, 30 s by X, in at least 1 s"},
		"less":            {29*time.Second + 1, "the session time-out ends, 30 s by X"},
		"over":            {time.Minute, "the session time-out ends, 30 s by X"},
	} {
		s := session{length: 30 * time.Second, source: "by X"}
		if got := s.Since(scaletest.Start.Add(-x.alive), scaletest.Start).String(); got != x.want {
			t.Errorf("%s: got %q, want %q", name, got, x.want)
		}
	}
	if got := (session{length: 30 * time.Second, source: "by X"}).Since(time.Time{}, scaletest.Start).String(); got != "the session time-out ends, 30 s by X" {
		t.Errorf("nobody knows since when: got %q", got)
	}
}
