package scale

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"
)

// atLeast is a lower bound as the metrics give it.
func atLeast(seconds float64) Reading[float64] {
	r := Known(seconds, start, "9 of 9 pods scraped")
	r.AtLeast, r.Note = true, "beyond the largest bucket"
	return r
}

// A lower bound answers only what more would answer alike.
func TestR002ALowerBoundIsNoValue(t *testing.T) {
	tests := []struct {
		name  string
		limit float64
		want  Outcome
		text  string
	}{
		{"limit above the bound", 5, Unclear, "it is at least 2.5 s, and how much more is not known (beyond the largest bucket)"},
		{"limit at the bound", 2.5, Unclear, "at least"},
		{"limit under the bound", 1, Fires, "p95 latency at least 2.5 s > 1.0 s"},
	}
	for _, tt := range tests {
		w := calmWorld()
		w.Policy.Up.Latency.Value = tt.limit
		w.s.Signals.Latency = atLeast(2.5)
		f := w.outcome(t, "R-002")
		if f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
		wantText(t, tt.name, f.Sentence, tt.text)
	}
}

// A window is filled by bounds that lie over the limit, and not by those under it.
func TestR010LowerBoundsInAWindow(t *testing.T) {
	for name, tt := range map[string]struct {
		limit float64
		want  Outcome
	}{"over": {1, Fires}, "under": {5, Unclear}} {
		w := calmWorld()
		w.Policy.Up.Latency.Value, w.Policy.Up.Latency.For = tt.limit, 5*time.Minute
		w.s.Signals.Latency = atLeast(2.5)
		w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Latency, p.LatencyAtLeast = 2.5, true })
		if f := w.outcome(t, "R-002"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", name, f.Outcome, f.Sentence, tt.want)
		}
	}
	w := calmWorld()
	w.Policy.Up.Latency.For = 5 * time.Minute
	w.s.Signals.Latency.Value = 9
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Latency, p.LatencyAtLeast = 2.5, true })
	if f := w.outcome(t, "R-002"); f.Outcome != Unclear {
		t.Errorf("nine seconds now and bounds before: got %s (%s), want unclear", f.Outcome, f.Sentence)
	}
}

func TestR120LowerBounds(t *testing.T) { // R-120, T-27
	known := func(v float64) Reading[float64] { return Known(v, start, "Prometheus") }
	for _, tt := range []struct {
		name        string
		before, now Reading[float64]
		want        Result
		note        string
	}{
		{"lower than before", known(9), known(7), Pass, ""},
		{"not lower than before", known(7), known(7), Fail, "not lower than before"},
		{"before is unknown", Unknown[float64]("x", start, "y"), known(7), ResultUnsure, "before the change is unknown"},
		{"under the limit", known(7), known(4), Pass, ""},
		{"a bound under the limit", known(7), atLeast(2.5), ResultUnsure, "largest bucket"},
		{"a bound under the limit, over what was before", known(1), atLeast(2.5), ResultUnsure, "largest bucket"},
		{"a bound over the limit and over what was before", known(6), atLeast(10), Fail, "not lower than before"},
		{"a bound over the limit, under what was before", known(20), atLeast(10), ResultUnsure, "largest bucket"},
		{"both are bounds", atLeast(10), atLeast(10), ResultUnsure, "largest bucket"},
		{"lower than the bound before", atLeast(10), known(7), Pass, ""},
		{"over the bound before", atLeast(2.5), known(7), ResultUnsure, "largest bucket"},
		{"under the limit, after a bound", atLeast(2.5), known(3), Pass, ""},
	} {
		st := (&story{arrival: 900, rise: time.Minute, each: 100, to: 12}).begin()
		st.op.Before.Signals.Latency = tt.before
		r := st.report(1, func(w *world) {
			now := tt.now
			now.At = w.s.At
			w.s.Signals.Latency = now
		})
		check := wantCheck(t, r.Checks, "R-120", tt.want)
		wantText(t, tt.name, check.Note, tt.note)
		if tt.now.AtLeast && !strings.HasPrefix(check.After, "at least ") {
			t.Errorf("%s: after is %q, want at least", tt.name, check.After)
		}
	}
}

// A transfer beyond the largest bucket is slow, or it is not known whether it is.
func TestR130LowerBounds(t *testing.T) { // T-10
	w := calmWorld()
	w.s.Signals.Errors.Value = ErrorRate{Share: 0.05, Timeouts: 0.05}
	w.s.Signals.Download = atLeast(2.5)
	wantText(t, "unclear", w.outcome(t, "R-005").Sentence, "whether the external service is slow is unknown (it is at least 2.5 s, and how much more is not known")
	if r := w.recommend(); r.Action != Hold {
		t.Errorf("got %s, want hold", r.Action)
	}
	w.s.Signals.Download = atLeast(10)
	wantText(t, "slow", w.outcome(t, "R-005").Sentence, "the transfer takes at least 10.0 s at p95, over 5.0 s")
}

// A sum over some of the pods only is no measure of what a worker does.
func TestR006SumsWithoutSomePods(t *testing.T) {
	w := calmWorld()
	w.s.Signals.Throughput.Value, w.s.Signals.Throughput.AtLeast, w.s.Signals.Throughput.Note = 250, true, "from 3 of 6 pods"
	f := w.outcome(t, "R-006")
	if f.Outcome != Unclear {
		t.Errorf("got %s (%s), want unclear", f.Outcome, f.Sentence)
	}
	wantText(t, "reason", f.Sentence, "from 3 of 6 pods")
	w.s.Signals.Throughput.Value = 700
	if f := w.outcome(t, "R-006"); f.Outcome != Silent {
		t.Errorf("enough already: got %s (%s), want silent", f.Outcome, f.Sentence)
	}
}

func TestLowerBoundsCompare(t *testing.T) {
	known := func(v float64) Reading[float64] { return Known(v, start, "x") }
	none := Unknown[float64]("x", start, "x")
	type answer struct{ is, known bool }
	for _, tt := range []struct {
		r            Reading[float64]
		above, below answer // 5
	}{
		{known(4), answer{false, true}, answer{true, true}},
		{known(5), answer{false, true}, answer{false, true}},
		{known(6), answer{true, true}, answer{false, true}},
		{atLeast(4), answer{false, false}, answer{false, false}},
		{atLeast(5), answer{false, false}, answer{false, true}},
		{atLeast(6), answer{true, true}, answer{false, true}},
		{none, answer{}, answer{}},
	} {
		var a, b answer
		a.is, a.known = above(tt.r, 5)
		b.is, b.known = below(tt.r, 5)
		if a != tt.above || b != tt.below {
			t.Errorf("%+v: got above %+v and below %+v, want %+v and %+v", tt.r, a, b, tt.above, tt.below)
		}
	}
}

// What is stored and what is kept of the past know a bound from a value.
func TestLowerBoundsAreKept(t *testing.T) {
	text, err := json.Marshal(atLeast(2.5))
	if err != nil {
		t.Fatal(err)
	}
	var back Reading[float64]
	if err := json.Unmarshal(text, &back); err != nil || !back.AtLeast || back.Value != 2.5 {
		t.Errorf("got %+v and %v of %s", back, err, text)
	}
	if with := With(back, func(v float64) int { return int(v) }); !with.AtLeast {
		t.Error("a converted bound is a value")
	}
	s := NewSeries(4)
	for i, p := range []Point{{Latency: 2.5, LatencyAtLeast: true}, {Latency: 2.5}, {Latency: 0, LatencyAtLeast: true}, {Latency: float32(math.NaN())}} {
		p.At = start.Add(time.Duration(i) * time.Second)
		s.Add(p)
		got := s.Last()
		if got.LatencyAtLeast != p.LatencyAtLeast || got.Latency != p.Latency && !IsMissing(float64(p.Latency)) {
			t.Errorf("point %d: got %v %v, want %v %v", i, got.Latency, got.LatencyAtLeast, p.Latency, p.LatencyAtLeast)
		}
	}
}
