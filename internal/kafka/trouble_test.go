package kafka_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// healthy is a component beside the troubled one, which must not notice.
func healthy() scale.Component {
	return scale.Component{Name: "healthy", Group: "healthy", Topics: []string{"other"}, Reset: scale.ResetEarliest}
}

// settled gives both components something to read: the troubled one 180 messages of
// lag, the healthy one 7.
func (w *world) settled() {
	w.t.Helper()
	w.fill()
	w.commitAll("workers", 40)
	w.produce("other", 0, 10)
	w.commit("healthy", "other", 0, 3)
}

// both reads the troubled and the healthy component in one sweep.
func (w *world) both(r *kafka.Reader) (troubled, other string) {
	w.t.Helper()
	got := r.Lags(w.t.Context(), []scale.Component{component(), healthy()})
	return picture(got["worker"]), picture(got["healthy"])
}

func TestTroubleStaysWhereItIs(t *testing.T) {
	forbidden := []kmsg.Key{kmsg.OffsetFetch, kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe}
	for _, tt := range []struct {
		name    string
		trouble func(w *world)
		want    string
	}{
		{"group not allowed", func(w *world) {
			w.fault(kfake.Fault{Keys: forbidden, Group: "workers", Err: kerr.GroupAuthorizationFailed})
		}, `unknown: group "workers": Kafka does not allow describing the group`},
		{"topic not allowed", func(w *world) {
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata}, Topic: "jobs", Err: kerr.TopicAuthorizationFailed})
		}, `unknown: topic "jobs": Kafka does not allow describing the topic`},
		{"coordinator down", func(w *world) {
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch}, Group: "workers", Err: kerr.CoordinatorNotAvailable})
		}, `unknown: group "workers": the group's coordinator is not available`},
		{"coordinator cannot be found", func(w *world) {
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.FindCoordinator}, Group: "workers", Err: kerr.CoordinatorNotAvailable})
		}, `unknown: group "workers": the group's coordinator is not available`},
		{"partition errors", func(w *world) {
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "jobs", Err: kerr.UnknownServerError})
		}, "unknown: none of 3 partitions could be read: Kafka answered UNKNOWN_SERVER_ERROR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settled()
				tt.trouble(w)
				start := time.Now()
				troubled, other := w.both(w.reader)
				if troubled != tt.want {
					t.Errorf("troubled:\n got %s\nwant %s", troubled, tt.want)
				}
				if other != "7 of 1" {
					t.Errorf("healthy: got %s, want 7 of 1", other)
				}
				if took := time.Since(start); took > 6*time.Second {
					t.Errorf("the sweep took %v, want at most two deadlines", took)
				}
			})
		})
	}
}

func TestLeadersMoveBetweenSweeps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.both(w.reader)
		for p := range int32(3) {
			to := (w.cluster.LeaderFor("jobs", p) + 1) % 3
			if err := w.cluster.MoveTopicPartition("jobs", p, to); err != nil {
				t.Fatal(err)
			}
		}
		start := time.Now()
		if troubled, other := w.both(w.reader); troubled != "180 of 3" || other != "7 of 1" {
			t.Errorf("after the move: got %s and %s, want 180 of 3 and 7 of 1", troubled, other)
		}
		if took := time.Since(start); took > time.Second {
			t.Errorf("following the leaders took %v, want no waiting", took)
		}
	})
}

func TestCoordinatorsMoveBetweenSweeps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.both(w.reader)
		w.cluster.RehashCoordinators()
		if troubled, other := w.both(w.reader); troubled != "180 of 3" || other != "7 of 1" {
			t.Errorf("after the move: got %s and %s, want 180 of 3 and 7 of 1", troubled, other)
		}
	})
}

func TestBrokerRemovedBetweenSweeps(t *testing.T) {
	for node := range int32(3) {
		t.Run(fmt.Sprint(node), func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.settled()
				w.both(w.reader)
				if err := w.cluster.RemoveNode(node); err != nil {
					t.Fatal(err)
				}
				if troubled, other := w.both(w.reader); troubled != "180 of 3" || other != "7 of 1" {
					t.Errorf("got %s and %s, want 180 of 3 and 7 of 1", troubled, other)
				}
			})
		})
	}
}

func TestPartitionsAreSeenToGrow(t *testing.T) { // R-025, T-31
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.both(w.reader)
		w.grow("jobs", 5)
		if got, _ := w.both(w.reader); got != "180 of 3" {
			t.Errorf("at once: got %s, want the three partitions known", got)
		}
		time.Sleep(time.Minute)
		w.produce("jobs", 4, 1)
		want := "181 of 5, 3=0 uncommitted, 4=1 uncommitted, (2 of 5 partitions without a commit, counted from their first message)"
		if got, _ := w.both(w.reader); got != want {
			t.Errorf("a minute later:\n got %s\nwant %s", got, want)
		}
	})
}

// A commit on a partition nobody has heard of tells of the growth before the minute
// is over.
func TestACommitTellsThatTheTopicGrew(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.both(w.reader)
		w.grow("jobs", 4)
		w.produce("jobs", 3, 5)
		w.commit("workers", "jobs", 3, 1)
		w.both(w.reader)
		if got, _ := w.both(w.reader); got != "184 of 4" {
			t.Errorf("got %s, want 184 of 4", got)
		}
	})
}

func (w *world) grow(topic string, partitions int) {
	w.t.Helper()
	if _, err := w.admin.UpdatePartitions(w.t.Context(), partitions, topic); err != nil {
		w.t.Fatal(err)
	}
	w.reconnect() // the old client has not heard of them
}

// One silent broker costs its own partitions and groups, and one deadline.
func TestSilentBroker(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		for p := range int32(3) {
			if err := w.cluster.MoveTopicPartition("jobs", p, p); err != nil {
				t.Fatal(err)
			}
		}
		silent := w.cluster.LeaderFor("jobs", 0)
		line := &muted{network: w.network, address: fmt.Sprintf("localhost:%d", 9092+silent)}
		r := w.newReader(kafka.Config{Timeout: 2 * time.Second, Dialer: line.dial})
		defer r.Close()
		r.Lags(t.Context(), []scale.Component{component(), healthy()})
		line.silent.Store(true)
		start := time.Now()
		got := r.Lags(t.Context(), []scale.Component{component(), healthy()})
		if took := time.Since(start); took > 4*time.Second {
			t.Errorf("the sweep took %v, want at most two deadlines", took)
		}
		if w.cluster.CoordinatorFor("workers") != silent {
			lag, _ := got["worker"].Get()
			if lag.Unknown == 0 || lag.Unknown == 3 || !strings.Contains(got["worker"].Note, "at least") {
				t.Errorf("got %s, want some partitions unknown and the others counted", picture(got["worker"]))
			}
		} else if got["worker"].Known() {
			t.Errorf("got %s, want unknown: its coordinator is silent", picture(got["worker"]))
		}
		want := fmt.Sprintf("no answer from broker %d (localhost:%d) within 2 s", silent, 9092+silent)
		if why := got["worker"].Why() + got["worker"].Note; !strings.Contains(why, want) {
			t.Errorf("the reason is %q, want it to say %q", why, want)
		}
	})
}

func TestNoBrokerReachable(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		hole := blackhole{w.network, map[string]bool{"localhost:9092": true}}
		r := w.newReader(kafka.Config{Brokers: []string{"localhost:9092"}, Dialer: hole.dial})
		defer r.Close()
		start := time.Now()
		troubled, other := w.both(r)
		if took := time.Since(start); took > 6*time.Second {
			t.Errorf("giving up took %v, want at most two deadlines", took)
		}
		want := "unknown: reading topics from Kafka: localhost:9092 does not answer"
		if troubled != want || other != want {
			t.Errorf("got %s and %s, want %s", troubled, other, want)
		}
		if got := r.Groups(t.Context(), []scale.Component{component()})["worker"].Why(); !strings.Contains(got, "localhost:9092 does not answer") {
			t.Errorf("group: got %q, want no answer", got)
		}
	})
}

func TestOneOfThreeSeedsIsDown(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		r := w.newReader(kafka.Config{Brokers: []string{"localhost:1", "localhost:2", "localhost:9093"}})
		defer r.Close()
		if troubled, other := w.both(r); troubled != "180 of 3" || other != "7 of 1" {
			t.Errorf("got %s and %s, want 180 of 3 and 7 of 1", troubled, other)
		}
	})
}

// Kafka may go away while leaders are known; the answer has to be unknown, not the
// last number.
func TestKafkaGoesAway(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		w.both(w.reader)
		w.cluster.Close()
		troubled, _ := w.both(w.reader)
		if !strings.HasPrefix(troubled, "unknown: ") {
			t.Errorf("got %s, want unknown", troubled)
		}
	})
}

func TestReadingIsCalledOff(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.settled()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		got := w.reader.Lags(ctx, []scale.Component{component()})["worker"]
		if want := "reading topics from Kafka: reading was called off"; got.Why() != want {
			t.Errorf("got %s, want %s", picture(got), want)
		}
	})
}
