package measure

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func drainOf(w *measuretest.World, count int) ledger.Drain {
	return NewCase(w.Component, w.Policy, w.Now, w.Past).Drain(count)
}

func TestT08DrainTime(t *testing.T) {
	tests := []struct {
		name       string
		lag        int64
		arrival    float64
		now, count int
		least, top time.Duration
	}{
		// 10,000 messages, nothing arrives, 9 workers worth 8: 12.5 s.
		{"no arrivals, no change", 10_000, 0, 9, 9, 12 * time.Second, 13 * time.Second},
		{"the runbook's spare rate of 25 msg/s", 10_000, 775, 8, 8, 390 * time.Second, 410 * time.Second},
		// From 6 to 12 at 900 msg/s: 45 s of pod start pile up 300 msg/s, 22.5 s of
		// rebalance 900 msg/s; then 300 msg/s are spare.
		{"start and rebalance pile up", 15_000, 900, 6, 12, 220 * time.Second, 240 * time.Second},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld().Workers(tt.now).Lag(tt.lag)
		w.Now.Rates.Value = scale.Rates{Arrival: tt.arrival, Consumption: tt.arrival}
		d := drainOf(w, tt.count)
		if !d.Known || d.Never || d.Expected < tt.least || d.Expected > tt.top {
			t.Errorf("%s: got %+v, want %s to %s", tt.name, d, tt.least, tt.top)
		}
		if d.Low > d.Expected || !d.MayNot && d.High < d.Expected {
			t.Errorf("%s: got an interval of %s to %s around %s", tt.name, d.Low, d.High, d.Expected)
		}
	}
}

func TestT08NeverWhenArrivalsReachCapacity(t *testing.T) {
	w := measuretest.CalmWorld().Lag(15_000)
	w.Now.Rates.Value.Arrival = 600
	d := drainOf(w, 6)
	if !d.Known || !d.Never {
		t.Fatalf("got %+v, want never", d)
	}
	scaletest.WantText(t, "sentence", d.Sentence, "never", "600 msg/s", "6 workers")
	w.Now.Rates.Value.Arrival = 850
	scaletest.WantText(t, "T-05 nine are worth eight", drainOf(w, 9).Sentence, "9 workers (worth 8) manage 800 msg/s")
	w.Now.Rates.Value.Arrival = 590
	d = drainOf(w, 6)
	if d.Never || !d.MayNot {
		t.Errorf("10 msg/s spare of 590: got %+v, want that it may not drain", d)
	}
	scaletest.WantText(t, "sentence", d.Sentence, "slow and uncertain", "may not drain")
}

// TestFewerWorkersThanArrivalsNeed: no backlog now is no promise for a count that what
// arrives is too much for.
func TestFewerWorkersThanArrivalsNeed(t *testing.T) {
	w := measuretest.BusyButQuiet(1_500)
	w.Now.Rates.Value.Arrival = 450
	d := drainOf(w, 4)
	if !d.Never {
		t.Errorf("4 workers for 450 msg/s: got %+v, want that it never drains", d)
	}
	scaletest.WantText(t, "a count that is too small", d.Sentence, "lag would grow", "450 msg/s", "4 workers", "400 msg/s")
	if got := drainOf(w, 5); got.Never || got.Sentence != "nothing to drain" {
		t.Errorf("5 workers for 450 msg/s: got %+v", got)
	}
}

func TestDrainSaysRangeOrWhyItIsUnknown(t *testing.T) {
	w := measuretest.CalmWorld().Lag(15_000)
	w.Now.Rates.Value.ArrivalSpread = 10
	scaletest.WantText(t, "range", drainOf(w, 12).Sentence, "about ", " to ")
	if got := drainOf(measuretest.CalmWorld(), 6).Sentence; got != "nothing to drain" {
		t.Errorf("no lag: got %q", got)
	}
	if got := drainOf(measuretest.BusyButQuiet(2_900), 9).Sentence; got != "nothing to drain" {
		t.Errorf("only what waits for the next commit: got %q", got)
	}
	for name, edit := range map[string]func(*measuretest.World){
		"lag": func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", scaletest.Start, "Kafka")
		},
		"arrivals":   func(w *measuretest.World) { w.Now.Rates = scale.Reading[scale.Rates]{} },
		"partitions": func(w *measuretest.World) { w.Now.Partitions = scale.Reading[int]{} },
	} {
		w := measuretest.CalmWorld().Lag(15_000)
		edit(w)
		if d := drainOf(w, 8); d.Known || d.Why == "" || d.Expected != 0 {
			t.Errorf("%s unknown: got %+v", name, d)
		} else {
			scaletest.WantText(t, name, d.Sentence, "not known", name)
		}
	}
}

func TestDrainEndsWithTheSlowestPartition(t *testing.T) {
	w := measuretest.CalmWorld().Lag(0)
	partitions := w.Now.Lag.Value.Partitions
	partitions[7].Lag, partitions[7].Arrival, partitions[7].Consumption = 12_000, 60, 100
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	d := drainOf(w, 24)
	// One worker reads the partition alone with 40 msg/s to spare: 300 s.
	if d.Expected < 300*time.Second {
		t.Errorf("got %s, want at least 300 s", d.Expected)
	}
	partitions[7].Arrival = 360
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	hopeless := drainOf(w, 24)
	scaletest.WantText(t, "hopeless partition", hopeless.Sentence, "never: partition 7 alone gets 360 msg/s, and one worker manages 100 msg/s")
	if !hopeless.Never {
		t.Errorf("got %+v, want never", hopeless)
	}
}

// Where a single partition decides, what its worker manages is as doubtful as in the sum.
func TestTheSlowestPartitionHasAnIntervalToo(t *testing.T) {
	w := measuretest.CalmWorld().Lag(24)
	partitions := w.Now.Lag.Value.Partitions
	partitions[7].Lag, partitions[7].Arrival, partitions[7].Consumption = 12_000, 60, 100
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	if d := drainOf(w, 24); d.MayNot || d.Low >= d.Expected || d.High <= d.Expected {
		t.Errorf("got %s to %s around %s, want ends on both sides", d.Low, d.High, d.Expected)
	}
}

// A forecast for the very count with which lag is seen to rise is no promise.
func TestAForecastBesideARisingLagIsUncertain(t *testing.T) {
	w := measuretest.CalmWorld().Lag(15_000)
	w.Remember(10*time.Minute, func(ago time.Duration, p *scale.Point) {
		p.Lag = 15_000 - 20*ago.Seconds()
		p.Commits = p.Ends - p.Lag
	})
	w.Now.Rates.Value.Arrival = 300 // it has just become less; what was seen until now is a rise
	d := drainOf(w, 6)
	if trend, _ := NewCase(w.Component, w.Policy, w.Now, w.Past).Trend(); trend != scale.Rising {
		t.Fatalf("got %s, want a lag that rises", trend)
	}
	if !d.MayNot || d.High != 0 {
		t.Errorf("got %+v, want that it may not drain", d)
	}
	scaletest.WantText(t, "with the present count", d.Sentence, "uncertain: lag rises now")
	if more := drainOf(w, 12); strings.Contains(more.Sentence, "rises") {
		t.Errorf("got %q, want a forecast for twelve as before", more.Sentence)
	}
}
