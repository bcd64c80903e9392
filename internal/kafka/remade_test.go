package kafka_test

import (
	"context"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// remake deletes jobs and makes it again with records on partition 0.
func (w *world) remake(partitions int32, records int) {
	w.t.Helper()
	if _, err := w.admin.DeleteTopic(w.t.Context(), "jobs"); err != nil {
		w.t.Fatal(err)
	}
	w.createTopic("jobs", partitions)
	w.reconnect()
	w.produce("jobs", 0, records)
}

// A topic that is deleted and made again between two sweeps has nothing of the old one's:
// neither its starts, nor its partitions.
func TestRemadeTopic(t *testing.T) {
	for name, tt := range map[string]struct {
		partitions int32
		records    int
		commit     int64
		want       string
	}{
		"shorter than the old start":        {1, 500, 10, "490 of 1"},
		"exactly as long as the old start":  {1, 900, 10, "890 of 1"},
		"longer than the old start":         {1, 950, 10, "940 of 1"},
		"longer than the old end":           {1, 1200, 10, "1190 of 1"},
		"more partitions than before":       {4, 500, 10, "490 of 4, 1=0 uncommitted, 2=0 uncommitted, 3=0 uncommitted, (3 of 4 partitions without a commit, counted from their first message)"},
		"nobody has committed on it":        {1, 500, -1, "500 of 1, 0=500 uncommitted, (1 of 1 partitions without a commit, counted from their first message)"},
		"a commit of before, set by a tool": {1, 500, 950, "0 of 1, 0=0 ahead, (1 of 1 partitions have a commit beyond their end (topic recreated, or offsets set by hand))"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				w.remake(1, 1000) // one partition
				w.truncate("jobs", 0, 900)
				w.commit("workers", "jobs", 0, 950)
				if got := picture(w.lag(component())); got != "50 of 1" {
					t.Fatalf("before: %s, want 50 of 1", got)
				}
				w.commit("workers", "other", 0, 0) // the group stays when its commits on jobs go
				w.remake(tt.partitions, tt.records)
				if tt.commit >= 0 {
					w.commit("workers", "jobs", 0, tt.commit)
				}
				for sweep := range 2 {
					got := w.lag(component())
					if picture(got) != tt.want {
						t.Errorf("sweep %d: got %s\nwant %s", sweep+1, picture(got), tt.want)
					}
					if _, noticed := got.Value.Remade["jobs"]; !noticed && got.Known() {
						t.Errorf("sweep %d: the reading does not say that the topic was made anew", sweep+1)
					}
				}
			})
		})
	}
}

// The lag of a share group is not cut down to what was left of the deleted topic.
func TestRemadeTopicOfAShareGroup(t *testing.T) { // KIP-932
	for name, tt := range map[string]struct {
		records int
		now     [2]int64 // start and lag
		want    string
	}{
		"shorter than the old start": {500, [2]int64{10, 490}, "490 of 1"},
		"longer than the old end":    {1200, [2]int64{10, 1190}, "1190 of 1"},
		"the start is beyond, too":   {1200, [2]int64{910, 800}, "800 of 1"},
	} {
		t.Run(name, func(t *testing.T) {
			inWorld(t, func(t *testing.T, w *world) {
				stay := func() { // another leader would give it away.
					if err := w.cluster.MoveTopicPartition("jobs", 0, 0); err != nil {
						t.Fatal(err)
					}
				}
				w.remake(1, 1000) // one partition
				stay()
				w.truncate("jobs", 0, 900)
				w.kinds(map[string]kind{"workers": shareGroup(assigned("a", 0))})
				at := map[int32][2]int64{0: {950, 50}}
				w.acknowledged(at)
				if got := picture(w.lag(component())); got != "50 of 1" {
					t.Fatalf("before: %s, want 50 of 1", got)
				}
				w.remake(1, tt.records)
				stay()
				at[0] = tt.now
				for sweep := range 2 {
					if got := w.lag(component()); picture(got) != tt.want {
						t.Errorf("sweep %d: got %s\nwant %s", sweep+1, picture(got), tt.want)
					}
				}
			})
		})
	}
}

// Records that retention removed are no remade topic.
func TestRetentionRemakesNothing(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 10)
		w.lag(component())
		w.truncate("jobs", 0, 60)
		time.Sleep(2 * time.Minute) // virtual: the starts are read again
		got := w.lag(component())
		if picture(got) != "220 of 3, 0=40 lost 50, (retention removed 50 messages unread)" || len(got.Value.Remade) > 0 {
			t.Errorf("got %s, remade %v", picture(got), got.Value.Remade)
		}
	})
}

// A topic that is gone for a while and comes back is another one too, and one that stays
// the same is not.
func TestTopicThatWasGoneForAWhile(t *testing.T) {
	inWorld(t, func(t *testing.T, w *world) {
		w.fill()
		w.commitAll("workers", 40)
		w.commit("workers", "other", 0, 0)
		c := component(func(c *scale.Component) { c.Topics = []string{"jobs", "other"} })
		w.lag(c)
		if _, err := w.admin.DeleteTopic(context.Background(), "jobs"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if got := picture(w.lag(c)); got != `unknown: topic "jobs" does not exist` {
			t.Fatalf("while it is gone: %s", got)
		}
		w.createTopic("jobs", 3)
		time.Sleep(2 * time.Minute)
		got, _ := w.lag(c).Get()
		if len(got.Remade) != 1 || got.Remade["jobs"].IsZero() {
			t.Errorf("remade %v, want jobs", got.Remade)
		}
	})
}
