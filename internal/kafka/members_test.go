package kafka_test

import (
	"slices"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// A member tells its instance id and what it asks for, in both protocols.
func TestWhatMembersTellOfThemselves(t *testing.T) {
	for _, kind := range []scale.GroupType{scale.GroupClassic, scale.GroupConsumer} {
		t.Run(string(kind), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				if kind == scale.GroupConsumer {
					w.likeKafka4("workers")
					defer w.consumeNext("workers", kgo.InstanceID("pod-0"), kgo.Rack("zone-a")).stop()
				} else {
					defer w.consume("workers", "jobs", kgo.InstanceID("pod-0"))()
				}
				w.stable("workers", 1)
				g, _ := w.group(component()).Get()
				if g.Type != kind || len(g.Members) != 1 {
					t.Fatalf("got %+v, want one member of a %s group", g, kind)
				}
				m := g.Members[0]
				if m.Instance != "pod-0" || !slices.Equal(m.Subscribed, []string{"jobs"}) || m.Away() {
					t.Errorf("got %+v, want instance pod-0, subscribed to jobs, and present", m)
				}
				if kind == scale.GroupConsumer && (m.Epoch < 1 || m.Rack != "zone-a") {
					t.Errorf("epoch %d in rack %q, want the group's epoch and zone-a", m.Epoch, m.Rack)
				}
			}, kfake.BrokerConfigs(map[string]string{"group.consumer.heartbeat.interval.ms": "200"}))
		})
	}
}
