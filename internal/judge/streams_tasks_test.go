package judge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
)

// streams makes the group one of Kafka Streams with a repartition topic of so many
// partitions beside the component's 24.
func streams(w *measuretest.World, kind scale.GroupType, assignor string, repartition int) *measuretest.World {
	w.Now.Group.Value.Type, w.Now.Group.Value.Protocol = kind, assignor
	members := w.Now.Group.Value.Members
	for i := range repartition {
		topic := "app-repartition"
		members[i%len(members)].Partitions[topic] = append(members[i%len(members)].Partitions[topic], int32(i))
	}
	return w
}

// The tasks of Kafka Streams are dealt out, and they are more than the partitions of the
// component's topics where the application has topics of its own, and fewer where topics are
// joined (KIP-1071).
func TestTasksBoundAStreamsGroup(t *testing.T) { // T-13
	group := func(tasks int) *measuretest.World {
		w := streams(measuretest.CalmWorld().Workers(6).Addressed().Consumers(measuretest.Each(6, 1)...), scale.GroupStreams, "sticky", 24)
		w.Now.Group.Value.Tasks = tasks
		return w
	}
	classic := func(assignor string) *measuretest.World {
		return streams(measuretest.CalmWorld().Workers(6).Addressed().Consumers(measuretest.Each(6, 1)...), scale.GroupClassic, assignor, 24)
	}
	for name, c := range map[string]struct {
		w        *measuretest.World
		to       int
		refused  string
		ceilings int
	}{
		"tasks of two parts":              {group(48), 40, "", 48},
		"beyond them":                     {group(48), 49, "only 48 tasks", 48},
		"joined topics":                   {group(12), 13, "only 12 tasks", 12},
		"a broker that does not tell":     {group(0), 25, "only 24 partitions", 24},
		"a classic group of Streams":      {classic("stream"), 40, "", 48},
		"beyond what it owns":             {classic("stream"), 49, "only 48 tasks", 48},
		"two topics, an ordinary group":   {classic("range"), 25, "only 24 partitions", 24},
		"Streams without another topic":   {streams(measuretest.CalmWorld().Addressed().Consumers(measuretest.Each(6, 1)...), scale.GroupClassic, "stream", 0), 25, "only 24 partitions", 24},
		"one more consumer in each pod":   {streams(measuretest.CalmWorld().Workers(6).Addressed().Consumers(measuretest.Each(6, 2)...), scale.GroupClassic, "stream", 24), 25, "only 48 tasks", 24},
		"strangers with topics elsewhere": {classic("stream").Strangers(4, "other"), 49, "only 48 tasks", 48},
	} {
		r := refused(c.w, c.to)
		if (r == nil) != (c.refused == "") || r != nil && !strings.Contains(r.Why, c.refused) {
			t.Errorf("%s, %d: got %v, want %q", name, c.to, r, c.refused)
		}
		if top, known := measure.MostUseful(c.w.Now); !known || top != c.ceilings {
			t.Errorf("%s: %d pods are of use, %v; want %d", name, top, known, c.ceilings)
		}
	}
}

// Workers without a partition of the component's topics have tasks: nobody is told to take
// them away.
func TestWorkersWithTasksAreNoSurplus(t *testing.T) { // R-014, T-12
	w := streams(measuretest.CalmWorld().Workers(30).Addressed().Consumers(measuretest.Each(30, 1)...), scale.GroupStreams, "sticky", 24)
	w.Now.Group.Value.Tasks = 48
	if f := outcomeOf(w, t, "R-014"); f.Outcome == scale.Fires {
		t.Errorf("R-014 of 30 workers with 48 tasks: %s", f.Sentence)
	}
	plan := planned(w, 40, "")
	if got := fmt.Sprint(plan.After.Idle, plan.After.Busiest); got != "0 2" || plan.Part != "task" {
		t.Errorf("idle and busiest of 40: %s, want 0 2", got)
	}
	w.Now.Group.Value.Tasks = 24
	if f := outcomeOf(w, t, "R-014"); f.Outcome != scale.Fires || !strings.Contains(f.Sentence, "24 tasks") {
		t.Errorf("R-014 of 30 workers with 24 tasks: %v %s", f.Outcome, f.Sentence)
	}
}
