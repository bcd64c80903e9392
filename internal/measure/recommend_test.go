package measure

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A consumer hands out what it fetched of one partition after the other's: with a backlog on
// four of them each stands still for a while, and no record is to blame.
func TestAPartitionAwaitsItsTurn(t *testing.T) {
	for _, c := range []struct {
		behind []int
		still  time.Duration
		want   int
	}{
		{[]int{1, 7, 13, 19}, 3 * time.Minute, 0},
		{[]int{1, 7, 13, 19}, 8 * time.Minute, 1},
		{[]int{7, 13}, 3 * time.Minute, 0},
		{[]int{7, 13}, 4 * time.Minute, 1},
		{[]int{7}, 2 * time.Minute, 1},
		{[]int{2, 7, 8}, 2 * time.Minute, 1}, // the others are another member's.
		{[]int{1, 7, 13, 19}, 0, 1},          // records of older versions do not say.
	} {
		w := measuretest.Spike(0).OnPartitions(28_800, c.behind...).Moving(30)
		w.Still(7)
		w.Now.Lag.Value.Partitions[7].Still = c.still
		if v := NewCase(w.Component, w.Policy, w.Now, w.Past); len(v.Stalled) != c.want {
			t.Errorf("%d behind, still for %s: got %d that stand still, want %d", c.behind, c.still, len(v.Stalled), c.want)
		}
	}
	crowd := measuretest.Spike(0).Workers(2).OnPartitions(28_800, 1, 3, 5, 7, 9, 11, 13, 15).Moving(10)
	crowd.Still(7)
	crowd.Now.Lag.Value.Partitions[7].Still = longestTurn
	if v := NewCase(crowd.Component, crowd.Policy, crowd.Now, crowd.Past); len(v.Stalled) != 1 {
		t.Errorf("eight behind, still for %s: got %d, want no longer patience", longestTurn, len(v.Stalled))
	}
	// Workers that wait for something slow take turns of many minutes.
	slow := measuretest.Spike(0).OnPartitions(28_800, 1, 7, 13, 19).Moving(3)
	slow.Still(7)
	slow.Now.Lag.Value.Partitions[7].Still = 20 * time.Minute
	if v := NewCase(slow.Component, slow.Policy, slow.Now, slow.Past); len(v.Stalled) != 0 {
		t.Errorf("9 msg/s on three others: got %d that stand still for 20 min, want none yet", len(v.Stalled))
	}
}

func TestStalledPartitionIsReportedAndNotSized(t *testing.T) {
	w := measuretest.Spike(0).OnPartitions(40_000, 7).Moving(30)
	w.Still(7)
	partitions := w.Now.Lag.Value.Partitions
	for i := range partitions {
		if i != 7 {
			partitions[i].Lag = 600
		}
	}
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	v := NewCase(w.Component, w.Policy, w.Now, w.Past)
	if len(v.Stalled) != 1 || v.Stalled[0].Partition != 7 || v.Backlog() != 13_800 {
		t.Errorf("got %d stalled and a backlog of %v, want 1 and 13,800", len(v.Stalled), v.Backlog())
	}
	scaletest.WantText(t, "the forecast", v.Drain(12).Sentence, ", without partition 7, which does not move")
	w.Now.Group.Value.State = "PreparingRebalance"
	if v = NewCase(w.Component, w.Policy, w.Now, w.Past); len(v.Stalled) != 0 {
		t.Errorf("during a rebalance every commit stands still: got %d stalled", len(v.Stalled))
	}
}

func TestStandingStillNeedsTwoQuietMinutes(t *testing.T) {
	poison := func(edit func(ago time.Duration, p *scale.Point)) int {
		w := measuretest.Spike(0).OnPartitions(14_200, 7).Moving(10)
		w.Still(7)
		w.Remember(10*time.Minute, edit)
		return len(NewCase(w.Component, w.Policy, w.Now, w.Past).Stalled)
	}
	if got := poison(func(time.Duration, *scale.Point) {}); got != 1 {
		t.Errorf("watched for ten minutes: got %d, want 1", got)
	}
	if got := poison(func(ago time.Duration, p *scale.Point) { p.Moving = ago == time.Minute }); got != 0 {
		t.Errorf("a rebalance a minute ago: got %d, want 0", got)
	}
	if got := poison(func(ago time.Duration, p *scale.Point) {
		if ago >= 90*time.Second {
			p.Commits = scale.Missing
		}
	}); got != 0 {
		t.Errorf("commits known for a minute and a half: got %d, want 0", got)
	}
}
