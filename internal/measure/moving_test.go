package measure

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// What stands still belongs to no forecast: whatever it grows to, the others have nothing to
// drain, and the sentence says what it leaves out.
func TestForecastsLeaveOutWhatDoesNotMove(t *testing.T) {
	for _, stuck := range []int64{1_500, 3_000, 9_000, 20_000, 100_000} {
		w := measuretest.Poisoned(stuck)
		v := NewCase(w.Component, w.Policy, w.Now, w.Past)
		if got := v.Drain(6); got.Never || got.Sentence != "nothing to drain besides partition 7, which does not move" {
			t.Errorf("%d messages behind the record: got %q", stuck, got.Sentence)
		}
		if v.Capacity.PerWorker < 95 {
			t.Errorf("%d messages behind the record: a worker is taken to manage %.0f msg/s (%s), want no less than the runbook's", stuck, v.Capacity.PerWorker, v.Capacity.Basis)
		}
	}
	w := measuretest.Poisoned(20_000)
	for i := range w.Now.Lag.Value.Partitions {
		if p := &w.Now.Lag.Value.Partitions[i]; i != 7 {
			p.Lag, p.End = 1_000, p.Committed+1_000
		}
	}
	w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, nil)
	v := NewCase(w.Component, w.Policy, w.Now, w.Past)
	if got := v.Drain(8).Sentence; !strings.HasSuffix(got, ", without partition 7, which does not move") || strings.Contains(got, "never") {
		t.Errorf("a backlog on the others: got %q", got)
	}
}

// The lag that others of the same member show between two commits holds nobody up: the
// partition behind the record does not wait for its turn among them.
func TestNobodyWaitsForPartitionsThatAreKeptUpWith(t *testing.T) {
	w := measuretest.Poisoned(12_000)
	for i := range w.Now.Lag.Value.Partitions {
		if p := &w.Now.Lag.Value.Partitions[i]; i != 7 {
			p.Lag, p.End = 180, p.Committed+180
		}
	}
	w.Now.Lag.Value.Partitions[7].Still = 3 * time.Minute
	w.Now.Lag.Value = scale.SumLag(w.Now.Lag.Value.Partitions, nil)
	if v := NewCase(w.Component, w.Policy, w.Now, w.Past); len(v.Stalled) != 1 {
		t.Errorf("got %d that stand still after 3 min, want 1", len(v.Stalled))
	}
}

// Samples for which Kafka was too late say nothing about the commits, and those before them do.
func TestASampleWithoutCommitsIsLookedPast(t *testing.T) {
	for missing, want := range map[time.Duration]int{30 * time.Second: 1, 90 * time.Second: 1, 3 * time.Minute: 0} {
		w := measuretest.Poisoned(12_000)
		for i := range w.Past {
			if ago := scaletest.Start.Sub(w.Past[i].At); ago >= 105*time.Second && ago <= 105*time.Second+missing {
				w.Past[i].Commits, w.Past[i].Ends, w.Past[i].Lag = scale.Missing, scale.Missing, scale.Missing
			}
		}
		if v := NewCase(w.Component, w.Policy, w.Now, w.Past); len(v.Stalled) != want {
			t.Errorf("no commits for %s: got %d that stand still, want %d", missing, len(v.Stalled), want)
		}
	}
}
