package capacity

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func needs(w *measuretest.World, d Demand) Need {
	return PlanCapacity(w.Component, w.Policy, w.Now, w.Past, d)
}

// T-06, T-07: the runbook's
// own example, 1000 messages a second at 3 s and 100 per worker, in all three readings,
// capped by the partitions, with both remedies computed.
func TestTheRunbooksExampleOfCapacity(t *testing.T) {
	n := needs(measuretest.CalmWorld(), Demand{Rate: 1000, Seconds: 3, Each: 100})
	readings := strings.Join(n.Readings, "\n")
	scaletest.WantText(t, "the readings", readings,
		"runbook formula: 1,000 msg/s × 3 s ÷ 100 msg/s = 30, of which 24 effective: one per partition (R-085)",
		"messages in flight: 3,000 at once ÷ 5 per worker (DOWNLOAD_CONCURRENCY) = 600, of which 24 effective",
		"by what a worker manages: 1,000 msg/s × 1.2 headroom ÷ 100 msg/s = 12")
	scaletest.WantText(t, "the remedies", strings.Join(n.Remedies, "\n"),
		"raise the partitions to 30 or more; 36 divides", "in 2.4 s, which is 24 × 100 ÷ 1,000", "with headroom in 1.85 s to 2 s (R-087, T-07)")
	scaletest.WantText(t, "the notes", strings.Join(n.Notes, "\n"), "differ by more than twofold", "over-state the need", "for 2 to 3 times this peak 24–36 workers would be wanted", "there are 24")
	if n.Workers != 12 {
		t.Errorf("got %d workers (%s), want 12: the measured reading decides", n.Workers, n.Headline)
	}
}

// T-01, R-058: a plan names who sets the count, with the lever that works.
func TestCapacityNamesWhoSetsTheCount(t *testing.T) {
	for name, tt := range map[string]struct {
		owner scale.Owner
		says  string
	}{
		"within the bounds": {scale.Owner{Kind: scale.OwnerHPA, Name: "download-worker-hpa", Min: 4, Max: 12}, "HPA download-worker-hpa sets the count, within 4 to 12: raise minReplicas of HPA download-worker-hpa to 12 instead"},
		"beyond them":       {scale.Owner{Kind: scale.OwnerKEDA, Name: "download-worker", Min: 4, Max: 9}, "ScaledObject download-worker sets the count, within 4 to 9: raise maxReplicaCount and minReplicaCount"},
		"a GitOps tool":     {scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller"}, "argocd-controller sets the count: change the count to 12 where argocd-controller reads it"},
		"nobody":            {scale.Owner{Kind: scale.OwnerNone}, ""},
	} {
		w := measuretest.CalmWorld()
		w.Now.Owner = scale.Known(tt.owner, w.Now.At, "Kubernetes")
		notes := strings.Join(needs(w, Demand{Rate: 1000, Each: 100}).Notes, "\n")
		if tt.says == "" {
			if strings.Contains(notes, "sets the count") {
				t.Errorf("%s: got %q, want no owner", name, notes)
			}
			continue
		}
		scaletest.WantText(t, name, notes, tt.says)
	}
}

// the answer stays within minimum, partitions and one
// instance where there may be no more.
func TestCapacityStaysWithinBounds(t *testing.T) {
	for name, c := range map[string]struct {
		world *measuretest.World
		d     Demand
		want  int
		says  string
	}{
		"enough with the minimum":  {measuretest.CalmWorld(), Demand{Rate: 100, Seconds: 1, Each: 100}, 4, "2 would carry it, and 4 is the minimum"},
		"an efficient count":       {measuretest.CalmWorld(), Demand{Rate: 700, Seconds: 1, Each: 100}, 12, "12 workers, 2 partitions on the busiest one"},
		"above the range":          {measuretest.CalmWorld(), Demand{Rate: 1500, Seconds: 1, Each: 100}, 24, "above the recommended 6–12"},
		"more than there are":      {measuretest.CalmWorld(), Demand{Rate: 4000, Seconds: 1, Each: 100}, 24, "48 workers are wanted, and 24 is all that helps with 24 partitions"},
		"one instance":             {&measuretest.World{Component: measuretest.RetryScheduler(), Policy: measuretest.TestPolicy(), Now: measuretest.CalmWorld().Now}, Demand{Rate: 4000, Each: 100}, 1, "one instance only"},
		"a hair above 12":          {measuretest.CalmWorld(), Demand{Rate: 1003, Seconds: 1, Each: 100}, 12, "12 workers"},
		"a rate of exactly 8 more": {measuretest.CalmWorld(), Demand{Rate: 1000.0 / 1.5, Seconds: 1, Each: 100}, 8, "8 workers, 3 partitions"},
	} {
		t.Run(name, func(t *testing.T) {
			n := needs(c.world, c.d)
			if n.Workers != c.want {
				t.Errorf("got %d workers, want %d", n.Workers, c.want)
			}
			scaletest.WantText(t, "the headline", n.Headline, c.says)
		})
	}
}

// inputs are named with where they come from, and nothing is planned on
// what is not known.
func TestCapacityNamesItsInputs(t *testing.T) {
	n := needs(measuretest.CalmWorld(), Demand{})
	scaletest.WantText(t, "the inputs", strings.Join(n.Inputs, "\n"), "450 msg/s produced, the peak of the last 1 h", "1.2 s to process a message at p95, measured", "100 msg/s per worker (runbook)")
	blind := measuretest.CalmWorld()
	blind.Now.Rates = scale.Unknown[scale.Rates]("Kafka does not answer", blind.Now.At, "Kafka")
	blind.Now.Signals.Latency = scale.Unknown[float64]("no such metric", blind.Now.At, "pods")
	n = needs(blind, Demand{})
	scaletest.WantText(t, "the inputs", strings.Join(n.Inputs, "\n"), "how much is produced is unknown: Kafka does not answer", "how long a message takes is unknown: no such metric")
	if n.Workers != 0 || len(n.Readings) != 0 {
		t.Errorf("got %d workers and %q on nothing known, want no answer", n.Workers, n.Readings)
	}
	scaletest.WantText(t, "the headline", n.Headline, "too little is known")
	if n := needs(blind, Demand{Rate: 700, Each: 100}); n.Workers != 12 {
		t.Errorf("got %d workers with a typed rate, want 12", n.Workers)
	}
	far := measuretest.CalmWorld()
	far.Now.Partitions = scale.Unknown[int]("Kafka does not answer", far.Now.At, "Kafka")
	scaletest.WantText(t, "without partitions", needs(far, Demand{Rate: 700, Each: 100}).Headline, "what the partitions allow is unknown")
}

// T-20: 12 × 800m × 1.2 = 11.52 cores, 12 × 768Mi × 1.2 = 10.8Gi; requests
// beside it, because the scheduler counts those; the headroom is applied once.
func TestCapacityOfThePods(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Usage.Value.CPUPeak, w.Now.Usage.Value.MemoryPeak = 0.8, 0.75
	text := strings.Join(needs(w, Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	scaletest.WantText(t, "the resources", text,
		"by request, which the scheduler counts: 12 × 500m and 512Mi = 6 cores and 6Gi",
		"by use, highest pod now: 12 × 800m and 768Mi × 1.2 = 11.52 cores and 10.8Gi (R-104)",
		"6 more than now; 30 fit on the nodes (R-103)")
	// The shares are the worker container's; the plan is for whole pods.
	w.Now.Usage.Value.Peak = scale.Resources{CPU: 810, Memory: 808 << 20}
	text = strings.Join(needs(w, Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	scaletest.WantText(t, "the resources of whole pods", text, "by use, highest pod now: 12 × 810m and 808Mi × 1.2 = 11.66 cores and 11.4Gi (R-104)")
	w.Now.Usage = scale.Unknown[scale.Usage]("metrics.k8s.io does not answer", w.Now.At, "metrics.k8s.io")
	w.Change(func(l *scale.Workload) { l.Requests = scale.Resources{} })
	text = strings.Join(needs(w, Demand{Rate: 1000, Seconds: 3, Each: 100}).Resources, "\n")
	scaletest.WantText(t, "the resources", text, "do not say what they request", "what a pod uses is unknown: metrics.k8s.io does not answer")
}

// A peak within the last hour counts, not what happens to arrive now.
func TestCapacityIsPlannedForThePeak(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		if ago < 30*time.Minute {
			return
		}
		p.Ends -= 450 * (ago - 30*time.Minute).Seconds() // twice as much arrived before
	})
	scaletest.WantText(t, "the inputs", strings.Join(needs(w, Demand{}).Inputs, "\n"), "900 msg/s produced, the peak of the last 1 h")
}

// What was typed is used, or it is said why not: the time of a message is in the runbook's
// formula alone, and the plan goes by what a worker manages.
func TestATypedNumberIsUsedOrItIsSaidWhyNot(t *testing.T) {
	blind := measuretest.CalmWorld()
	blind.Now.Rates = scale.Unknown[scale.Rates]("Kafka does not answer", blind.Now.At, "Kafka")
	for _, tt := range []struct {
		name  string
		world *measuretest.World
		d     Demand
		want  string
	}{
		{"a time", measuretest.CalmWorld(), Demand{Rate: 1000, Seconds: 3}, "12 workers, 2 partitions on the busiest one; the typed 3 s are not in that, because the 100 msg/s that one worker manages (runbook) hold whatever a message takes; the runbook's formula makes 30 workers of them"},
		{"a time and a worker's rate", measuretest.CalmWorld(), Demand{Rate: 1000, Seconds: 3, Each: 50}, "24 workers, 1 partition on the busiest one; that is above the recommended 6–12; the typed 3 s are not in that, because the 50 msg/s that one worker manages (typed) hold whatever a message takes; the runbook's formula makes 60 workers of them"},
		{"no time", measuretest.CalmWorld(), Demand{Rate: 1000}, "12 workers, 2 partitions on the busiest one"},
		{"a time alone, nothing known", blind, Demand{Seconds: 3}, "too little is known to plan; name the rate yourself; the typed 3 s alone do not say it"},
		{"one instance", &measuretest.World{Component: measuretest.RetryScheduler(), Policy: measuretest.TestPolicy(), Now: measuretest.CalmWorld().Now}, Demand{Rate: 1000}, "retry-scheduler runs as one instance only: it needs a global view of the retry topics; what was typed does not change that"},
	} {
		if got := needs(tt.world, tt.d).Headline; got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
