package kafka_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
	"github.com/twmb/franz-go/pkg/kversion"
)

func reset(to scale.Reset) func(*scale.Component) {
	return func(c *scale.Component) { c.Reset = to }
}

func topics(names ...string) func(*scale.Component) {
	return func(c *scale.Component) { c.Topics = names }
}

func group(name string) func(*scale.Component) {
	return func(c *scale.Component) { c.Group = name }
}

func committedOnly(c *scale.Component) { c.ReadCommitted = true }

// TestLags is the table of the cases in which lag readers go wrong. jobs has three
// partitions of 100 records unless a case says otherwise.
func TestLags(t *testing.T) {
	for _, tt := range []struct {
		name  string
		world func(w *world)
		of    scale.Component
		want  string
	}{
		{"normal", func(w *world) { w.commitAll("workers", 40) }, component(), "180 of 3"},
		{"caught up is a known zero", func(w *world) { w.commitAll("workers", 100) }, component(), "0 of 3"},
		{"uncommitted partition, earliest (T-32)", func(w *world) {
			w.commit("workers", "jobs", 0, 100)
			w.commit("workers", "jobs", 1, 100)
		}, component(), "100 of 3, 2=100 uncommitted, (1 of 3 partitions without a commit, counted from their first message)"},
		{"uncommitted partition, earliest, after retention", func(w *world) {
			w.commit("workers", "jobs", 0, 100)
			w.commit("workers", "jobs", 1, 100)
			w.truncate("jobs", 2, 60)
		}, component(), "40 of 3, 2=40 uncommitted, (1 of 3 partitions without a commit, counted from their first message)"},
		{"uncommitted partition, latest (T-32)", func(w *world) {
			w.commit("workers", "jobs", 0, 40)
			w.commit("workers", "jobs", 1, 100)
		}, component(reset(scale.ResetLatest)), "60 of 3, 2=0 uncounted, (1 of 3 partitions without a commit, not counted: consumers start at the end)"},
		{"uncommitted partition, policy unknown (T-32)", func(w *world) {
			w.commit("workers", "jobs", 0, 40)
			w.commit("workers", "jobs", 1, 100)
		}, component(reset(scale.ResetUnknown)), "60 of 3, 2=0 uncounted, (1 of 3 partitions without a commit, not counted: the runbook file does not say where consumers start)"},
		{"nothing committed, policy unknown is not zero", func(w *world) { w.commit("workers", "other", 0, 0) },
			component(reset(scale.ResetUnknown)), `unknown: group "workers" has not committed anything yet, and the runbook file does not say where its consumers start (reset)`},
		{"nothing committed, earliest", func(w *world) { w.commit("workers", "other", 0, 0) }, component(),
			"300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)"},
		{"live consumer that has not committed, latest", func(w *world) {
			w.t.Cleanup(w.consume("workers", "jobs", kgo.ConsumeResetOffset(kgo.NewOffset().AtEnd())))
			w.stable("workers", 1)
		}, component(reset(scale.ResetLatest)),
			"0 of 3, 0=0 uncounted, 1=0 uncounted, 2=0 uncounted, (3 of 3 partitions without a commit, not counted: consumers start at the end)"},
		{"live consumer that has not committed, earliest", func(w *world) {
			w.t.Cleanup(w.consume("workers", "jobs"))
			w.stable("workers", 1)
		}, component(),
			"300 of 3, 0=100 uncommitted, 1=100 uncommitted, 2=100 uncommitted, (3 of 3 partitions without a commit, counted from their first message)"},
		{"retention passed the commit", func(w *world) {
			w.commitAll("workers", 10)
			w.truncate("jobs", 0, 60)
		}, component(), "220 of 3, 0=40 lost 50, (retention removed 50 messages unread)"},
		{"emptied topic", func(w *world) {
			w.commitAll("workers", 100)
			w.commit("workers", "jobs", 0, 5)
			w.truncate("jobs", 0, 100)
		}, component(), "0 of 3, 0=0 lost 95, (retention removed 95 messages unread)"},
		{"commit beyond the end", func(w *world) {
			w.commitAll("workers", 50)
			w.commit("workers", "jobs", 1, 120)
		}, component(), "100 of 3, 1=0 ahead, (1 of 3 partitions have a commit beyond their end (topic recreated, or offsets set by hand))"},
		{"empty group keeps its lag", func(w *world) { w.commitAll("workers", 70) }, component(), "90 of 3"},
		{"group that never existed", func(w *world) {}, component(group("nobody")), `unknown: group "nobody": no such consumer group`},
		{"group that never existed, as Kafka 4 answers", func(w *world) { w.likeKafka4() },
			component(group("never-was")), `unknown: group "never-was": no such consumer group`},
		{"topic does not exist", func(w *world) { w.commitAll("workers", 40) }, component(topics("jbos")), `unknown: topic "jbos" does not exist`},
		{"one of two topics does not exist", func(w *world) { w.commitAll("workers", 40) },
			component(topics("jobs", "gone")), `unknown: topic "gone" does not exist`},
		{"pattern without a match", func(w *world) { w.commitAll("workers", 40) }, component(topics("retry.*")), `unknown: no topic matches "retry.*"`},
		{"the group reads another topic too, which is another component's (T-18)", func(w *world) {
			w.commitAll("workers", 40)
			w.produce("other", 0, 90)
			w.commit("workers", "other", 0, 0)
		}, component(topics("other")), "90 of 1"},
		{"group moved to another topic (T-18)", func(w *world) {
			w.commitAll("workers", 100)
			w.produce("other", 0, 90)
			w.commit("workers", "other", 0, 0)
		}, component(), "0 of 3"},
		{"partition without a leader", func(w *world) {
			w.commitAll("workers", 40)
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "jobs", Partitions: []int32{1}, Err: kerr.LeaderNotAvailable})
		}, component(), "120 of 3, 1=0 unknown, (at least; 1 of 3 partitions unknown: the partition has no leader)"},
		{"partition without a leader, as metadata tells", func(w *world) {
			w.commitAll("workers", 40)
			w.leaderless(1)
		}, component(), "120 of 3, 1=0 unknown, (at least; 1 of 3 partitions unknown: the partition has no leader)"},
		{"no partition can be read", func(w *world) {
			w.commitAll("workers", 40)
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "jobs", Err: kerr.LeaderNotAvailable})
		}, component(), "unknown: none of 3 partitions could be read: the partition has no leader"},
		{"end forbidden for one topic", func(w *world) {
			w.commitAll("workers", 40)
			w.fault(kfake.Fault{Keys: []kmsg.Key{kmsg.ListOffsets}, Topic: "jobs", Err: kerr.TopicAuthorizationFailed})
		}, component(), "unknown: none of 3 partitions could be read: Kafka does not allow describing the topic"},
		{"commit of one partition unreadable", func(w *world) {
			w.commitAll("workers", 40)
			w.answerCommits("workers", map[int32]int64{0: 40, 1: 40}, 2, kerr.UnstableOffsetCommit)
		}, component(), "120 of 3, 2=0 unknown, (at least; 1 of 3 partitions unknown: Kafka answered UNSTABLE_OFFSET_COMMIT)"},
		{"no group configured (T-29)", func(w *world) {}, component(group("")), "unknown: the runbook file names no consumer group for worker"},
		{"no topic configured", func(w *world) {}, component(topics()), "unknown: the runbook file names no topic for worker"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.fill()
				tt.world(w)
				for sweep := range 2 { // the first sweep learns what the second one knows
					if got := picture(w.lag(tt.of)); got != tt.want {
						t.Errorf("sweep %d\n got %s\nwant %s", sweep+1, got, tt.want)
					}
				}
			})
		})
	}
}

// stable waits until the group has that many members and nothing moves.
func (w *world) stable(group string, members int) {
	w.t.Helper()
	if _, err := w.cluster.WaitGroupStable(w.t.Context(), group, members); err != nil {
		w.t.Fatal(err)
	}
}

func TestPatternFindsEveryRetryTopic(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		for i, name := range []string{"retry.a", "retry.b", "retry.c", "retries"} {
			w.createTopic(name, 1)
			w.produce(name, 0, 10*(i+1))
			w.commit("workers", name, 0, 0)
		}
		got := w.lag(component(topics("retry.*"))).Value
		if want := "[retry.a retry.b retry.c]"; fmt.Sprint(got.Topics) != want {
			t.Errorf("topics %v, want %s", got.Topics, want)
		}
		if got.Total != 60 {
			t.Errorf("total %d, want 60", got.Total)
		}
	})
}

func (w *world) createTopic(name string, partitions int32) {
	w.t.Helper()
	if err := w.cluster.CreateTopic(name, partitions, nil); err != nil {
		w.t.Fatal(err)
	}
}

func TestTopicDeletedBetweenSweeps(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 40)
		w.commit("workers", "other", 0, 0)
		if got, want := picture(w.lag(component())), "180 of 3"; got != want {
			t.Fatalf("got %s, want %s", got, want)
		}
		if err := w.cluster.DeleteTopic("jobs"); err != nil {
			t.Fatal(err)
		}
		if got, want := picture(w.lag(component())), `unknown: topic "jobs" does not exist`; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}

func TestReadCommittedEndsAtTheLastStableOffset(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 100)
		producer := w.connect(kgo.TransactionalID("txn"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		defer producer.Close()
		if err := producer.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for range 500 {
			producer.Produce(t.Context(), &kgo.Record{Topic: "jobs", Partition: 0, Value: []byte("x")}, nil)
		}
		if err := producer.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		both := []scale.Component{component(), component(committedOnly, func(c *scale.Component) { c.Name = "careful" })}
		got := w.reader.Lags(t.Context(), both)
		if got, want := picture(got["worker"]), "500 of 3"; got != want {
			t.Errorf("reading everything: got %s, want %s", got, want)
		}
		if got, want := picture(got["careful"]), "0 of 3"; got != want {
			t.Errorf("reading committed only: got %s, want %s", got, want)
		}
		if err := producer.EndTransaction(t.Context(), kgo.TryCommit); err != nil {
			t.Fatal(err)
		}
		if got, want := picture(w.reader.Lags(t.Context(), both)["careful"]), "501 of 3"; got != want {
			t.Errorf("after the transaction: got %s, want %s (500 records and the marker)", got, want)
		}
	})
}

// leaderless makes a partition of jobs lose its leader, as metadata tells it.
func (w *world) leaderless(partition int32) {
	w.t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr("jobs")
	req.Topics = append(req.Topics, topic)
	resp, err := req.RequestWith(w.t.Context(), w.client)
	if err != nil {
		w.t.Fatal(err)
	}
	for i := range resp.Topics[0].Partitions {
		if p := &resp.Topics[0].Partitions[i]; p.Partition == partition {
			p.Leader, p.ErrorCode = -1, kerr.LeaderNotAvailable.Code
		}
	}
	w.cluster.ControlKey(kmsg.Metadata.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		answer := *resp
		answer.Version = kreq.GetVersion()
		return &answer, nil, true
	})
}

// Commits and ends are read at the same time, so a busy consumer's commit may be newer
// than the end. That is no commit beyond the end.
func TestACommitNewerThanTheEndIsARace(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 100)
		w.staleEnds(90)
		if got := picture(w.lag(component())); got != "0 of 3" {
			t.Errorf("got %s, want 0 of 3", got)
		}
	})
}

// staleEnds makes the first answer about every partition's end an old one.
func (w *world) staleEnds(end int64) {
	seen := make(map[int32]bool)
	w.cluster.ControlKey(kmsg.ListOffsets.Int16(), func(kreq kmsg.Request) (kmsg.Response, error, bool) {
		w.cluster.KeepControl()
		req := kreq.(*kmsg.ListOffsetsRequest)
		resp := req.ResponseKind().(*kmsg.ListOffsetsResponse)
		for _, rt := range req.Topics {
			t := kmsg.NewListOffsetsResponseTopic()
			t.Topic = rt.Topic
			for _, rp := range rt.Partitions {
				if rp.Timestamp != -1 || seen[rp.Partition] {
					return nil, nil, false
				}
				seen[rp.Partition] = true
				p := kmsg.NewListOffsetsResponseTopicPartition()
				p.Partition, p.Offset = rp.Partition, end
				t.Partitions = append(t.Partitions, p)
			}
			resp.Topics = append(resp.Topics, t)
		}
		return resp, nil, true
	})
}

// Brokers before 3.0 answer for one group at a time, and before 4.0 nothing about
// KIP-848 groups.
func TestOldBrokers(t *testing.T) {
	for name, version := range map[string]*kversion.Versions{"1.0": kversion.V1_0_0(), "2.8": kversion.V2_8_0(), "3.7": kversion.V3_7_0()} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.fill()
				var components []scale.Component
				for i := range 20 {
					c := component(group(fmt.Sprintf("workers-%d", i)), func(c *scale.Component) { c.Name = c.Group })
					w.commitAll(c.Group, int64(i))
					components = append(components, c)
				}
				got, groups := w.reader.Lags(t.Context(), components), w.reader.Groups(t.Context(), components)
				for i, c := range components {
					if got, want := picture(got[c.Name]), fmt.Sprintf("%d of 3", 300-3*i); got != want {
						t.Errorf("%s: got %s, want %s", c.Name, got, want)
					}
					if g, ok := groups[c.Name].Get(); !ok || g.State != "Empty" {
						t.Errorf("%s: state %q (%s), want Empty", c.Name, g.State, groups[c.Name].Why())
					}
				}
				if got, want := picture(w.lag(component(group("nobody")))), `unknown: group "nobody": no such consumer group`; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
			}, kfake.MaxVersions(version))
		})
	}
}

// The sampler and a person who looks may read at the same time.
func TestReadingsAtTheSameTime(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 40)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 5 {
					if got := picture(w.lag(component())); got != "180 of 3" {
						t.Errorf("got %s, want 180 of 3", got)
					}
					if got := w.group(component()); !got.Known() {
						t.Errorf("group: %s, want known", got.Why())
					}
				}
			})
		}
		all.Wait()
	})
}

// A warm sweep is one request per coordinator and one per leader; starts and leaders
// are looked at once a minute.
func TestRequestsOfAWarmSweep(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		var components []scale.Component
		for i := range 30 {
			c := component(group(fmt.Sprintf("workers-%d", i)), func(c *scale.Component) { c.Name = c.Group })
			w.commitAll(c.Group, 40)
			components = append(components, c)
		}
		w.reader.Lags(t.Context(), components)
		seen := w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.OffsetFetch, kmsg.ListOffsets}, Observe: true, Count: -1, When: func(kmsg.Request) bool { return true }})
		other := w.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Metadata, kmsg.FindCoordinator, kmsg.DescribeGroups, kmsg.ConsumerGroupDescribe}, Observe: true, Count: -1})
		w.reader.Lags(t.Context(), components)
		if got := seen.Hits(); got < 2 || got > 6 {
			t.Errorf("a warm sweep of 30 groups over 3 brokers took %d requests, want at most 6", got)
		}
		if got := other.Hits(); got != 0 {
			t.Errorf("and %d requests for what is known, want none", got)
		}
	})
}
