package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A lower bound answers only what more would answer alike.
func TestR002ALowerBoundIsNoValue(t *testing.T) {
	tests := []struct {
		name  string
		limit float64
		want  scale.Outcome
		text  string
	}{
		{"limit above the bound", 5, scale.Unclear, "it is at least 2.5 s, and how much more is not known (beyond the largest bucket)"},
		{"limit at the bound", 2.5, scale.Unclear, "at least"},
		{"limit under the bound", 1, scale.Fires, "p95 latency at least 2.5 s > 1.0 s"},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		w.Policy.Up.Latency.Value = tt.limit
		w.Now.Signals.Latency = measuretest.AtLeast(2.5)
		f := outcomeOf(w, t, "R-002")
		if f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
		scaletest.WantText(t, tt.name, f.Sentence, tt.text)
	}
}

// A window is filled by bounds that lie over the limit, and not by those under it.
func TestR010LowerBoundsInAWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		limit float64
		want  scale.Outcome
	}{"over": {1, scale.Fires}, "under": {5, scale.Unclear}} {
		w := measuretest.CalmWorld()
		w.Policy.Up.Latency.Value, w.Policy.Up.Latency.For = tt.limit, 5*time.Minute
		w.Now.Signals.Latency = measuretest.AtLeast(2.5)
		w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Latency, p.LatencyAtLeast = 2.5, true })
		if f := outcomeOf(w, t, "R-002"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", name, f.Outcome, f.Sentence, tt.want)
		}
	}
	w := measuretest.CalmWorld()
	w.Policy.Up.Latency.For = 5 * time.Minute
	w.Now.Signals.Latency.Value = 9
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Latency, p.LatencyAtLeast = 2.5, true })
	if f := outcomeOf(w, t, "R-002"); f.Outcome != scale.Unclear {
		t.Errorf("nine seconds now and bounds before: got %s (%s), want unclear", f.Outcome, f.Sentence)
	}
}

// A transfer beyond the largest bucket is slow, or it is not known whether it is.
func TestR130LowerBounds(t *testing.T) { // T-10
	w := measuretest.CalmWorld()
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.05, Timeouts: 0.05}
	w.Now.Signals.Download = measuretest.AtLeast(2.5)
	scaletest.WantText(t, "unclear", outcomeOf(w, t, "R-005").Sentence, "whether the external service is slow is unknown (it is at least 2.5 s, and how much more is not known")
	if r := recommended(w); r.Action != scale.Hold {
		t.Errorf("got %s, want hold", r.Action)
	}
	w.Now.Signals.Download = measuretest.AtLeast(10)
	scaletest.WantText(t, "slow", outcomeOf(w, t, "R-005").Sentence, "the transfer takes at least 10.0 s at p95, over 5.0 s")
}

// A sum over some of the pods only is no measure of what a worker does.
func TestR006SumsWithoutSomePods(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Signals.Throughput.Value, w.Now.Signals.Throughput.AtLeast, w.Now.Signals.Throughput.Note = 250, true, "from 3 of 6 pods"
	f := outcomeOf(w, t, "R-006")
	if f.Outcome != scale.Unclear {
		t.Errorf("got %s (%s), want unclear", f.Outcome, f.Sentence)
	}
	scaletest.WantText(t, "reason", f.Sentence, "from 3 of 6 pods")
	w.Now.Signals.Throughput.Value = 700
	if f := outcomeOf(w, t, "R-006"); f.Outcome != scale.Silent {
		t.Errorf("enough already: got %s (%s), want silent", f.Outcome, f.Sentence)
	}
}
