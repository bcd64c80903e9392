package scale

import (
	"strings"
	"testing"
	"time"
)

func drainOf(w *world, count int) Drain {
	return look(w.Component, w.Policy, w.s, w.past).drain(count)
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
		w := calmWorld().workers(tt.now).lag(tt.lag)
		w.s.Rates.Value = Rates{Arrival: tt.arrival, Consumption: tt.arrival}
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
	w := calmWorld().lag(15_000)
	w.s.Rates.Value.Arrival = 600
	d := drainOf(w, 6)
	if !d.Known || !d.Never {
		t.Fatalf("got %+v, want never", d)
	}
	wantText(t, "sentence", d.Sentence, "never", "600 msg/s", "6 workers")
	w.s.Rates.Value.Arrival = 850
	wantText(t, "T-05 nine are worth eight", drainOf(w, 9).Sentence, "9 workers (worth 8) manage 800 msg/s")
	w.s.Rates.Value.Arrival = 590
	d = drainOf(w, 6)
	if d.Never || !d.MayNot {
		t.Errorf("10 msg/s spare of 590: got %+v, want that it may not drain", d)
	}
	wantText(t, "sentence", d.Sentence, "slow and uncertain", "may not drain")
}

func TestDrainSaysRangeOrWhyItIsUnknown(t *testing.T) {
	w := calmWorld().lag(15_000)
	w.s.Rates.Value.ArrivalSpread = 10
	wantText(t, "range", drainOf(w, 12).Sentence, "about ", " to ")
	if got := drainOf(calmWorld(), 6).Sentence; got != "nothing to drain" {
		t.Errorf("no lag: got %q", got)
	}
	if got := drainOf(busyButQuiet(2_900), 9).Sentence; got != "nothing to drain" {
		t.Errorf("only what waits for the next commit: got %q", got)
	}
	for name, edit := range map[string]func(*world){
		"lag":        func(w *world) { w.s.Lag = Unknown[Lag]("Kafka does not answer", start, "Kafka") },
		"arrivals":   func(w *world) { w.s.Rates = Reading[Rates]{} },
		"partitions": func(w *world) { w.s.Partitions = Reading[int]{} },
	} {
		w := calmWorld().lag(15_000)
		edit(w)
		if d := drainOf(w, 8); d.Known || d.Why == "" || d.Expected != 0 {
			t.Errorf("%s unknown: got %+v", name, d)
		} else {
			wantText(t, name, d.Sentence, "not known", name)
		}
	}
}

func TestDrainEndsWithTheSlowestPartition(t *testing.T) {
	w := calmWorld().lag(0)
	partitions := w.s.Lag.Value.Partitions
	partitions[7].Lag, partitions[7].Arrival, partitions[7].Consumption = 12_000, 60, 100
	w.s.Lag.Value = SumLag(partitions, nil)
	d := drainOf(w, 24)
	// One worker reads the partition alone with 40 msg/s to spare: 300 s.
	if d.Expected < 300*time.Second {
		t.Errorf("got %s, want at least 300 s", d.Expected)
	}
	partitions[7].Arrival = 360
	w.s.Lag.Value = SumLag(partitions, nil)
	hopeless := drainOf(w, 24)
	wantText(t, "hopeless partition", hopeless.Sentence, "never: partition 7 alone gets 360 msg/s, and one worker manages 100 msg/s")
	if !hopeless.Never {
		t.Errorf("got %+v, want never", hopeless)
	}
}

// A drain of less than a second is not "about under" anything.
func TestAShortDrainReadsWell(t *testing.T) {
	for high, want := range map[time.Duration]string{400 * time.Millisecond: "at most 1 s", 5 * time.Second: "at most 5 s"} {
		if got := (Drain{Expected: 200 * time.Millisecond, High: high}).sentence(false, false); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// An interval is told as two ends that differ, and one without use is called uncertain.
func TestAnIntervalIsNoPointAndAUselessOneIsUncertain(t *testing.T) {
	for _, tt := range []struct {
		drain        Drain
		slim, rising bool
		want         string
	}{
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, High: 97 * time.Minute}, false, false, "about 1 h 37 min"},
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, High: 97 * time.Minute}, true, false, "slow and uncertain: about 1 h 37 min"},
		{Drain{Low: 97 * time.Minute, Expected: 97 * time.Minute, MayNot: true}, false, true, "about 1 h 37 min by what the workers manage, but that is uncertain: lag rises now"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, High: 16 * time.Minute}, false, false, "between 7 s and 16 min, which is uncertain"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, High: 60 * time.Second}, false, false, "about 13 s (7 s to 60 s)"},
		{Drain{Low: 7 * time.Second, Expected: 13 * time.Second, MayNot: true}, false, false, "about 13 s, but that is uncertain: it may not drain"},
	} {
		if got := tt.drain.sentence(tt.slim, tt.rising); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

// Where a single partition decides, what its worker manages is as doubtful as in the sum.
func TestTheSlowestPartitionHasAnIntervalToo(t *testing.T) {
	w := calmWorld().lag(24)
	partitions := w.s.Lag.Value.Partitions
	partitions[7].Lag, partitions[7].Arrival, partitions[7].Consumption = 12_000, 60, 100
	w.s.Lag.Value = SumLag(partitions, nil)
	if d := drainOf(w, 24); d.MayNot || d.Low >= d.Expected || d.High <= d.Expected {
		t.Errorf("got %s to %s around %s, want ends on both sides", d.Low, d.High, d.Expected)
	}
}

// A forecast for the very count with which lag is seen to rise is no promise.
func TestAForecastBesideARisingLagIsUncertain(t *testing.T) {
	w := calmWorld().lag(15_000)
	w.remember(10*time.Minute, func(ago time.Duration, p *Point) {
		p.Lag = 15_000 - 20*ago.Seconds()
		p.Commits = p.Ends - p.Lag
	})
	w.s.Rates.Value.Arrival = 300 // it has just become less; what was seen until now is a rise
	d := drainOf(w, 6)
	if trend, _ := look(w.Component, w.Policy, w.s, w.past).trend(); trend != Rising {
		t.Fatalf("got %s, want a lag that rises", trend)
	}
	if !d.MayNot || d.High != 0 {
		t.Errorf("got %+v, want that it may not drain", d)
	}
	wantText(t, "with the present count", d.Sentence, "uncertain: lag rises now")
	if more := drainOf(w, 12); strings.Contains(more.Sentence, "rises") {
		t.Errorf("got %q, want a forecast for twelve as before", more.Sentence)
	}
}
