package scale

import (
	"strings"
	"testing"
	"time"
)

func (w *world) needs(d Demand) Need {
	return PlanCapacity(w.Component, w.Policy, w.s, w.past, d)
}

// T-06, T-07: the runbook's
// own example, 1000 messages a second at 3 s and 100 per worker, in all three readings,
// capped by the partitions, with both remedies computed.
func TestTheRunbooksExampleOfCapacity(t *testing.T) {
	n := calmWorld().needs(Demand{Rate: 1000, Seconds: 3, Each: 100})
	readings := strings.Join(n.Readings, "\n")
	wantText(t, "the readings", readings,
		"runbook formula: 1,000 msg/s × 3 s ÷ 100 msg/s = 30, of which 24 effective: one per partition (R-085)",
		"messages in flight: 3,000 at once ÷ 5 per worker (DOWNLOAD_CONCURRENCY) = 600, of which 24 effective",
		"by what a worker manages: 1,000 msg/s × 1.2 headroom ÷ 100 msg/s = 12")
	wantText(t, "the remedies", strings.Join(n.Remedies, "\n"),
		"raise the partitions to 30 or more; 36 divides", "in 2.4 s, which is 24 × 100 ÷ 1,000", "with headroom in 1.85 s to 2 s (R-087, T-07)")
	wantText(t, "the notes", strings.Join(n.Notes, "\n"), "differ by more than twofold", "over-state the need", "for 2 to 3 times this peak 24–36 workers would be wanted", "there are 24")
	if n.Workers != 12 {
		t.Errorf("got %d workers (%s), want 12: the measured reading decides", n.Workers, n.Headline)
	}
}

// the answer stays within minimum, partitions and one
// instance where there may be no more.
func TestCapacityStaysWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		world *world
		d     Demand
		want  int
		says  string
	}{
		"enough with the minimum":  {calmWorld(), Demand{Rate: 100, Seconds: 1, Each: 100}, 4, "2 would carry it, and 4 is the minimum"},
		"an efficient count":       {calmWorld(), Demand{Rate: 700, Seconds: 1, Each: 100}, 12, "12 workers, 2 partitions on the busiest one"},
		"above the range":          {calmWorld(), Demand{Rate: 1500, Seconds: 1, Each: 100}, 24, "above the recommended 6–12"},
		"more than there are":      {calmWorld(), Demand{Rate: 4000, Seconds: 1, Each: 100}, 24, "48 workers are wanted, and 24 is all that helps with 24 partitions"},
		"one instance":             {&world{Component: retryScheduler(), Policy: testPolicy(), s: calmWorld().s}, Demand{Rate: 4000, Each: 100}, 1, "one instance only"},
		"a hair above 12":          {calmWorld(), Demand{Rate: 1003, Seconds: 1, Each: 100}, 12, "12 workers"},
		"a rate of exactly 8 more": {calmWorld(), Demand{Rate: 1000.0 / 1.5, Seconds: 1, Each: 100}, 8, "8 workers, 3 partitions"},
	} {
		t.Run(name, func(t *testing.T) {
			n := c.world.needs(c.d)
			if n.Workers != c.want {
				t.Errorf("got %d workers, want %d", n.Workers, c.want)
			}
			wantText(t, "the headline", n.Headline, c.says)
		})
	}
}

// inputs are named with where they come from, and nothing is planned on
// what is not known.
func TestCapacityNamesItsInputs(t *testing.T) {
	n := calmWorld().needs(Demand{})
	wantText(t, "the inputs", strings.Join(n.Inputs, "\n"), "450 msg/s produced, the peak of the last 1 h", "1.2 s to process a message at p95, measured", "100 msg/s per worker (runbook)")
	blind := calmWorld()
	blind.s.Rates = Unknown[Rates]("Kafka does not answer", blind.s.At, "Kafka")
	blind.s.Signals.Latency = Unknown[float64]("no such metric", blind.s.At, "pods")
	n = blind.needs(Demand{})
	wantText(t, "the inputs", strings.Join(n.Inputs, "\n"), "how much is produced is unknown: Kafka does not answer", "how long a message takes is unknown: no such metric")
	if n.Workers != 0 || len(n.Readings) != 0 {
		t.Errorf("got %d workers and %q on nothing known, want no answer", n.Workers, n.Readings)
	}
	wantText(t, "the headline", n.Headline, "too little is known")
	if n := blind.needs(Demand{Rate: 700, Each: 100}); n.Workers != 12 {
		t.Errorf("got %d workers with a typed rate, want 12", n.Workers)
	}
	far := calmWorld()
	far.s.Partitions = Unknown[int]("Kafka does not answer", far.s.At, "Kafka")
	wantText(t, "without partitions", far.needs(Demand{Rate: 700, Each: 100}).Headline, "what the partitions allow is unknown")
}

// T-20: 12 × 800m × 1.2 = 11.52 cores, 12 × 768Mi × 1.2 = 10.8Gi; requests
// beside it, because the scheduler counts those; the headroom is applied once.
func TestCapacityOfThePods(t *testing.T) {
	w := calmWorld()
	w.s.Usage.Value.CPUPeak, w.s.Usage.Value.MemoryPeak = 0.8, 0.75
	text := strings.Join(w.needs(Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	wantText(t, "the resources", text,
		"by request, which the scheduler counts: 12 × 500m and 512Mi = 6 cores and 6Gi",
		"by use, highest pod now: 12 × 800m and 768Mi × 1.2 = 11.52 cores and 10.8Gi (R-104)",
		"6 more than now; 30 fit on the nodes (R-103)")
	// The shares are the worker container's; the plan is for whole pods.
	w.s.Usage.Value.Peak = Resources{CPU: 810, Memory: 808 << 20}
	text = strings.Join(w.needs(Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	wantText(t, "the resources of whole pods", text, "by use, highest pod now: 12 × 810m and 808Mi × 1.2 = 11.66 cores and 11.4Gi (R-104)")
	w.s.Usage = Unknown[Usage]("metrics.k8s.io does not answer", w.s.At, "metrics.k8s.io")
	w.change(func(l *Workload) { l.Requests = Resources{} })
	text = strings.Join(w.needs(Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	wantText(t, "the resources", text, "do not say what they request", "what a pod uses is unknown: metrics.k8s.io does not answer")
}

// A peak within the last hour counts, not what happens to arrive now.
func TestCapacityIsPlannedForThePeak(t *testing.T) {
	w := calmWorld()
	w.remember(time.Hour, func(ago time.Duration, p *Point) {
		if ago < 30*time.Minute {
			return
		}
		p.Ends -= 450 * (ago - 30*time.Minute).Seconds() // twice as much arrived before
	})
	wantText(t, "the inputs", strings.Join(w.needs(Demand{}).Inputs, "\n"), "900 msg/s produced, the peak of the last 1 h")
}

// What was typed is used, or it is said why not: the time of a message is in the runbook's
// formula alone, and the plan goes by what a worker manages.
func TestATypedNumberIsUsedOrItIsSaidWhyNot(t *testing.T) {
	blind := calmWorld()
	blind.s.Rates = Unknown[Rates]("Kafka does not answer", blind.s.At, "Kafka")
	for _, tt := range []struct {
		name  string
		world *world
		d     Demand
		want  string
	}{
		{"a time", calmWorld(), Demand{Rate: 1000, Seconds: 3}, "12 workers, 2 partitions on the busiest one; the typed 3 s are not in that, because the 100 msg/s that one worker manages (runbook) hold whatever a message takes; the runbook's formula makes 30 workers of them"},
		{"a time and a worker's rate", calmWorld(), Demand{Rate: 1000, Seconds: 3, Each: 50}, "24 workers, 1 partition on the busiest one; that is above the recommended 6–12; the typed 3 s are not in that, because the 50 msg/s that one worker manages (typed) hold whatever a message takes; the runbook's formula makes 60 workers of them"},
		{"no time", calmWorld(), Demand{Rate: 1000}, "12 workers, 2 partitions on the busiest one"},
		{"a time alone, nothing known", blind, Demand{Seconds: 3}, "too little is known to plan; name the rate yourself; the typed 3 s alone do not say it"},
		{"one instance", &world{Component: retryScheduler(), Policy: testPolicy(), s: calmWorld().s}, Demand{Rate: 1000}, "retry-scheduler runs as one instance only: it needs a global view of the retry topics; what was typed does not change that"},
	} {
		if got := tt.world.needs(tt.d).Headline; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
