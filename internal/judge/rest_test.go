package judge

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// What is at rest is spared the judgement, so that a judgement must never say otherwise, by
// whatever past.
func TestWhatIsAtRestGivesNoCause(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 13))
	rests := 0
	for range 800 {
		w := nearRest(r)
		if !AtRest(w.Component, w.Policy, w.Now) {
			continue
		}
		rests++
		judged := judge(w)
		if got := judged.Sight(); !reflect.DeepEqual(got, Clear()) {
			t.Fatalf("at rest and blind: %+v", got)
		}
		for _, kind := range []ledger.EpisodeKind{ledger.EpisodeAlert, ledger.EpisodeSuggestion} {
			if e, changed := Follow(kind, judged, nil); changed {
				t.Fatalf("at rest and %s: %+v", kind, e.Advice)
			}
		}
	}
	if rests < 80 || rests > 720 {
		t.Errorf("%d of 800 worlds at rest prove nothing", rests)
	}
}

// nearRest draws a world that is calm but for a thing or two, after a past that need not have
// been.
func nearRest(r *rand.Rand) *measuretest.World {
	w := measuretest.CalmWorld().Workers(measuretest.Drawn(r, 4, 6, 9, 24)).Lag(measuretest.Drawn(r, int64(0), 900, 999, 1000))
	w.Now.PerPod = measuretest.Drawn(r, scale.Reading[int]{}, scale.Known(1, scaletest.Start, scale.Broker), scale.Known(1, scaletest.Start, scale.Broker), scale.Known(3, scaletest.Start, scale.Broker))
	w.Now.Signals.Throughput.Value = float64(w.Now.Workload.Value.Desired) * measuretest.Drawn(r, 50, 99.4, 100, 180)
	w.Now.Signals.Busy = measuretest.Drawn(r, scale.Reading[float64]{}, scale.Known(28., scaletest.Start, "pods"))
	w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.MemoryLimit = measuretest.Drawn(r, 0.1, 0.3, 0.5, 0.8), measuretest.Drawn(r, 0.1, 0.4, 0.5, 0.85)
	edits := []func(){
		func() { w.Lag(measuretest.Drawn(r, int64(1001), 9_999, 10_001)) },
		func() { w.Now.Lag.Value.Unknown = 1 },
		func() { w.Now.Signals.Latency.Value = measuretest.Drawn(r, 5, 5.1, math.NaN()) },
		func() { w.Now.Signals.Latency.AtLeast = true },
		func() { w.Now.Signals.Errors.Value.Timeouts = measuretest.Drawn(r, 0.01, 0.011) },
		func() { w.Now.Usage.Value.CPULimit = 0.9 },
		func() { w.Now.Signals.Throughput.AtLeast = true },
		func() { w.Now.Lag = scale.Unknown[scale.Lag]("no broker answers", scaletest.Start, scale.Broker) },
		func() {
			w.Now.Signals.Errors = scale.Unknown[scale.ErrorRate]("none answered", scaletest.Start, "pods")
		},
		func() {
			w.Now.Signals.Throughput = scale.None[float64]("not configured", scaletest.Start, "runbook file")
		},
		func() { w.Now.Usage.At = scaletest.Start.Add(-time.Hour) },
		func() { w.Now.Workload = scale.Unknown[scale.Workload]("down", scaletest.Start, "Kubernetes") },
		func() { w.Workers(0) },
		func() {
			w.Now.Group.Value.LastRebalanceAt, w.Now.Group.Value.LastRebalance = scaletest.Start.Add(-time.Minute), time.Minute
		},
	}
	for range r.IntN(3) {
		measuretest.Drawn(r, edits...)()
	}
	if measuretest.Drawn(r, true, false) {
		bent(w, r)
	}
	return w
}

// bent gives a world a past in which everything was beyond its limits, or nothing.
func bent(w *measuretest.World, r *rand.Rand) {
	lag, share := measuretest.Drawn(r, 0., 900, 5_000, 50_000), measuretest.Drawn(r, 0.05, 0.5, 0.99)
	w.Remember(5*time.Hour, func(ago time.Duration, p *scale.Point) {
		p.Lag, p.CPU, p.Memory, p.Latency = lag, float32(share), float32(share), float32(20*share)
		p.Moving = ago > time.Hour
	})
}

func TestTheUsualCalmIsAtRest(t *testing.T) {
	rested := func(edit func(*measuretest.World)) bool {
		w := measuretest.CalmWorld()
		w.Now.PerPod = scale.Known(1, scaletest.Start, scale.Broker)
		edit(w)
		return AtRest(w.Component, w.Policy, w.Now)
	}
	if !rested(func(*measuretest.World) {}) {
		t.Error("six workers that keep up and are half busy are not at rest")
	}
	for name, edit := range map[string]func(*measuretest.World){
		"R-001 lag": func(w *measuretest.World) { w.Lag(10_001) },
		"R-001 unknown": func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("no broker answers", scaletest.Start, scale.Broker)
		},
		"R-001 known in part": func(w *measuretest.World) { w.Now.Lag.Value.Unknown = 1 },
		"R-002 latency":       func(w *measuretest.World) { w.Now.Signals.Latency.Value = 5.1 },
		"R-002 unknown": func(w *measuretest.World) {
			w.Now.Signals.Latency = scale.Unknown[float64]("down", scaletest.Start, "pods")
		},
		"R-002 at least":        func(w *measuretest.World) { w.Now.Signals.Latency.AtLeast = true },
		"R-003 CPU":             func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.81 },
		"R-003 stale":           func(w *measuretest.World) { w.Now.Usage.At = scaletest.Start.Add(-2 * time.Minute) },
		"R-004 memory":          func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit = 0.86 },
		"R-005 timeouts":        func(w *measuretest.World) { w.Now.Signals.Errors.Value.Timeouts = 0.011 },
		"R-006 throughput":      func(w *measuretest.World) { w.Lag(1_100) },
		"R-012 nothing is busy": func(w *measuretest.World) { w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.MemoryLimit = 0.1, 0.1 },
		"R-014 surplus":         func(w *measuretest.World) { w.Workers(25) },
		"the pods are not known": func(w *measuretest.World) {
			w.Now.Workload = scale.Unknown[scale.Workload]("down", scaletest.Start, "Kubernetes")
		},
		"one instance only":        func(w *measuretest.World) { w.Single = "it needs a global view" },
		"consumers per pod":        func(w *measuretest.World) { w.Now.PerPod = scale.Reading[int]{} },
		"three consumers in a pod": func(w *measuretest.World) { w.Workers(9).ConsumersPerPod = 3 },
	} {
		if rested(edit) {
			t.Errorf("%s: at rest", name)
		}
	}
}

// Every way to tell what cannot be judged tells the same, and the past is left alone where
// everything can be.
func TestUnseenIsTheSightOfTheJudgement(t *testing.T) {
	r := rand.New(rand.NewPCG(17, 19))
	for range 400 {
		w := nearRest(r)
		asked := false
		got := Unseen(w.Component, w.Policy, w.Now, func() []scale.Point { asked = true; return w.Past })
		if want := judge(w).Sight(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if len(got.Blind) > 0 && !asked {
			t.Fatal("blind without a look at the past")
		}
	}
	w := measuretest.CalmWorld()
	Unseen(w.Component, w.Policy, w.Now, func() []scale.Point { t.Error("the past was asked for"); return nil })
}

// A judgement serves several looks, so that none may change it.
func TestAJudgementStaysAsItIs(t *testing.T) {
	w := measuretest.Spike(14_200)
	judged := judge(w)
	want := judged.Advice()
	tried := &scale.Tried{Operation: "download-worker-1", From: 4, To: 6, Wrote: scaletest.Start.Add(-5 * time.Minute), Due: scaletest.Start.Add(10 * time.Minute)}
	if knowing := judged.Knowing(tried).Advice(); knowing.Action == scale.ScaleUp || len(knowing.Vetoes) == 0 {
		t.Errorf("got %s, want the second dose to wait", knowing.Action)
	}
	w.Now.Tried = tried
	if got, want := judged.Knowing(tried).Advice(), recommended(w); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want as by who knew it before: %+v", got, want)
	}
	Follow(ledger.EpisodeAlert, judged, nil)
	judged.Sight()
	if got := judged.Advice(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want still %+v", got, want)
	}
}
