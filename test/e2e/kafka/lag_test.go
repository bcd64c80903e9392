package kafka_test

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
)

// lagCase is one of the situations in which lag readers go wrong. The topic has three partitions of 100 records unless arranged otherwise.
type lagCase struct {
	name    string
	arrange func(w *world, group, topic string)
	reset   scale.Reset
	// bot is the picture of the bot's reading, tool what kafka-consumer-groups prints, and other what an independent client computes. Where they
	// differ, the bot's reading takes into account what the plain difference of two offsets does not tell.
	bot, tool, other string
}

var lagCases = []lagCase{
	{"normal", func(w *world, group, topic string) { w.commit(group, topic, 40, 40, 40) },
		scale.ResetEarliest, "180 of 3", "0=60 1=60 2=60", "0=60 1=60 2=60"},
	{"caught up", func(w *world, group, topic string) { w.commit(group, topic, 100, 100, 100) },
		scale.ResetEarliest, "0 of 3", "0=0 1=0 2=0", "0=0 1=0 2=0"},
	{"partition without a commit, earliest (T-32)", func(w *world, group, topic string) { w.commit(group, topic, 100, 100, -1) },
		scale.ResetEarliest, "100 of 3, 2=100 uncommitted, (1 of 3 partitions without a commit, counted from their first message)", "0=0 1=0", "0=0 1=0 2=-"},
	{"partition without a commit, latest (T-32)", func(w *world, group, topic string) { w.commit(group, topic, 40, 100, -1) },
		scale.ResetLatest, "60 of 3, 2=0 uncounted, (1 of 3 partitions without a commit, not counted: consumers start at the end)", "0=60 1=0", "0=60 1=0 2=-"},
	{"partition without a commit, after retention", func(w *world, group, topic string) {
		w.commit(group, topic, 100, 100, -1)
		w.truncate(topic, 2, 60)
	}, scale.ResetEarliest, "40 of 3, 2=40 uncommitted, (1 of 3 partitions without a commit, counted from their first message)", "0=0 1=0", "0=0 1=0 2=-"},
	{"group that never existed", func(*world, string, string) {},
		scale.ResetEarliest, `unknown: group "GROUP": no such consumer group`, "", "0=- 1=- 2=-"},
	{"classic members that never committed", func(w *world, group, topic string) { w.consume(group, topic) },
		scale.ResetEarliest, "300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)", "0=- 1=- 2=-", "0=- 1=- 2=-"},
	{"KIP-848 members that never committed", func(w *world, group, topic string) { w.consumeNext(group, topic) },
		scale.ResetEarliest, "300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)", "0=- 1=- 2=-", "0=- 1=- 2=-"},
	{"KIP-848 group with commits", func(w *world, group, topic string) {
		w.commitAsMember(w.consumeNext(group, topic), topic, 40)
	}, scale.ResetEarliest, "180 of 3", "0=60 1=60 2=60", "0=60 1=60 2=60"},
	{"classic group with commits and members", func(w *world, group, topic string) {
		w.commitAsMember(w.consume(group, topic), topic, 40)
	}, scale.ResetEarliest, "180 of 3", "0=60 1=60 2=60", "0=60 1=60 2=60"},
	{"retention passed the commit", func(w *world, group, topic string) {
		w.commit(group, topic, 10, 100, 100)
		w.truncate(topic, 0, 60)
	}, scale.ResetEarliest, "40 of 3, 0=40 lost 50, (retention removed 50 messages unread)", "0=90 1=0 2=0", "0=90 1=0 2=0"},
	{"emptied partition", func(w *world, group, topic string) {
		w.commit(group, topic, 5, 100, 100)
		w.truncate(topic, 0, 100)
	}, scale.ResetEarliest, "0 of 3, 0=0 lost 95, (retention removed 95 messages unread)", "0=95 1=0 2=0", "0=95 1=0 2=0"},
	{"commit beyond the end", func(w *world, group, topic string) { w.commit(group, topic, 50, 120, 100) },
		scale.ResetEarliest, "50 of 3, 1=0 ahead, (1 of 3 partitions have a commit beyond their end (topic recreated, or offsets set by hand))", "0=50 1=-20 2=0", "0=50 1=-20 2=0"},
	{"group that reads another topic as well", func(w *world, group, topic string) {
		w.commit(group, topic, 100, 100, 100)
		w.topic(topic + "-old")
		w.commit(group, topic+"-old", 10, 10, 10)
	}, scale.ResetEarliest, "0 of 3", "0=0 1=0 2=0", "0=0 1=0 2=0"},
}

// TestLags compares the three readers in every case. Kafka's tool is a program of its own that takes seconds to start, so it is asked once
// about all groups.
func TestLags(t *testing.T) {
	w := newWorld(t, cluster)
	other := newIndependent(t, cluster.Addresses())
	for i, c := range lagCases {
		group, topic := caseNames(i)
		w.topic(topic)
		c.arrange(w, group, topic)
	}
	rows, err := cluster.ConsumerGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range lagCases {
		t.Run(c.name, func(t *testing.T) {
			group, topic := caseNames(i)
			component := scale.Component{Name: "worker", Group: group, Topics: []string{topic}, Reset: c.reset}
			if got, want := picture(w.lag(component)), strings.ReplaceAll(c.bot, "GROUP", group); got != want {
				t.Errorf("the bot reads %s, want %s", got, want)
			}
			if got := toolPicture(rows, group, topic); got != c.tool {
				t.Errorf("kafka-consumer-groups says %q, want %q", got, c.tool)
			}
			if got, err := other.picture(group, topic); err != nil || got != c.other {
				t.Errorf("an independent client says %q, %v, want %q", got, err, c.other)
			}
		})
	}
}

func caseNames(i int) (group, topic string) {
	letter := string(rune('a' + i))
	return "group-" + letter, "topic-" + letter
}
