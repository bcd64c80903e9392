package kafka_test

import (
	"context"
	"fmt"
	"testing"

	botkafka "github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
)

// A topic that is gone takes the group's commits with it, and neither is a lag of zero.
func TestDeletedAndRecreatedTopic(t *testing.T) {
	w := newWorld(t, cluster)
	const group, topic = "mourners", "doomed"
	component := scale.Component{Name: "worker", Group: group, Topics: []string{topic}, Reset: scale.ResetEarliest}
	w.topic(topic)
	w.commit(group, topic, 100, 100, 100)
	if got := picture(w.lag(component)); got != "0 of 3" {
		t.Fatalf("before: got %s, want 0 of 3", got)
	}
	if _, err := w.admin.DeleteTopic(t.Context(), topic); err != nil {
		t.Fatal(err)
	}
	w.becomes(component, `unknown: topic "doomed" does not exist`)
	w.reconnect() // The producer remembers the id of the topic that is gone.
	w.topic(topic)
	w.reader = w.newReader(botkafka.Config{Brokers: cluster.Addresses()}) // A reader looks for new topics once a minute.
	w.becomes(component, "300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)")
}

// Partitions that are added while the bot runs are seen, and counted from their start (T-32).
func TestAddedPartitions(t *testing.T) {
	w := newWorld(t, cluster)
	const group, topic = "growers", "growing"
	component := scale.Component{Name: "worker", Group: group, Topics: []string{topic}, Reset: scale.ResetEarliest}
	w.topic(topic)
	w.commit(group, topic, 100, 100, 100)
	if got := picture(w.lag(component)); got != "0 of 3" {
		t.Fatalf("before: got %s, want 0 of 3", got)
	}
	if _, err := w.admin.CreatePartitions(t.Context(), 1, topic); err != nil {
		t.Fatal(err)
	}
	w.commit(group, topic, 100, 100, 100, 0)
	w.becomes(component, "0 of 4")
}

// becomes waits until the bot's picture of a component is the one that is wanted.
func (w *world) becomes(c scale.Component, want string) {
	w.t.Helper()
	w.eventually(func(context.Context) error {
		if got := picture(w.lag(c)); got != want {
			return fmt.Errorf("the bot reads %s, want %s", got, want)
		}
		return nil
	})
}
