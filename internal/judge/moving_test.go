package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// a backlog that grows behind one record alone is no demand.
func TestWhatDoesNotMoveIsNoDemand(t *testing.T) {
	w := measuretest.Poisoned(20_000)
	f := outcomeOf(w, t, "R-006")
	if f.Outcome != scale.Silent || f.Sentence != "throughput 72 msg/s per worker is low because there is little to do besides partition 7, which does not move" {
		t.Errorf("got %s, %q", f.Outcome, f.Sentence)
	}
}

// A mean of all workers is called one, because what a busy one manages is another number.
func TestThroughputIsCalledAMean(t *testing.T) {
	w := measuretest.Spike(20_000)
	w.Now.Signals.Throughput.Value = 534
	w.Now.Rates.Value.Consumption = 534
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		p.Lag = 20_000 - min(20, 20_000/ago.Seconds())*ago.Seconds()
		if ago < 10*time.Minute {
			p.Lag = 20_000 - 20*ago.Seconds()
		}
		p.Commits = p.Ends - p.Lag
	})
	scaletest.WantText(t, "the finding", outcomeOf(w, t, "R-006").Sentence, "throughput 89 msg/s < 100 msg/s per worker on average of 6 in 5 min → Info")
	if got := outcomeOf(w, t, "R-006").Limit; got != "< 100 msg/s per worker" {
		t.Errorf("the limit: got %q", got)
	}
}

// B.8: one partition gets most of the traffic and one member is full. Another one whose
// commit is late looks busy for a moment, and is no measure of what a worker manages.
func TestALateCommitMakesNobodyBusy(t *testing.T) {
	w := measuretest.CalmWorld().Lag(1_200)
	for i := range w.Now.Lag.Value.Partitions {
		p := &w.Now.Lag.Value.Partitions[i]
		p.Arrival, p.Consumption, p.Lag = 6, 6, 30
		if i%6 == 2 {
			p.Lag = 90 // half a minute of its traffic.
		}
	}
	hot := w.Now.Lag.Value.Partitions
	hot[7].Lag, hot[7].Arrival, hot[7].Consumption = 300_000, 300, 82
	for _, i := range []int{1, 13, 19} {
		hot[i].Lag = 600
	}
	w.Now.Lag.Value = scale.SumLag(hot, nil)
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Lag = 300_000 })
	if got := recommended(w).Capacity; got.Basis != measure.BasisMeasured || got.PerWorker < 95 || got.PerWorker > 105 {
		t.Errorf("got %.0f msg/s (%s), want the 100 of the member that is full", got.PerWorker, got.Basis)
	}
}

// a count that does not fit is named with the pods it lacks, because another count
// may stand beside it.
func TestRoomSaysForWhichCount(t *testing.T) {
	w := measuretest.Spike(14_200)
	w.Now.Room.Value.NodePods = 0
	for to, want := range map[int]string{12: "12 do not fit: the nodes have room for no more pods of this size, 6 are needed", 20: "20 do not fit: the nodes have room for no more pods of this size, 14 are needed"} {
		if got := view(w).RoomVeto(to); got != want {
			t.Errorf("to %d: got %q, want %q", to, got, want)
		}
	}
}
