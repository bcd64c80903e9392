package scale

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"
)

// What is at rest is spared the judgement, so that a judgement must never say otherwise, by
// whatever past.
func TestWhatIsAtRestGivesNoCause(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 13))
	rests := 0
	for range 800 {
		w := nearRest(r)
		if !AtRest(w.Component, w.Policy, w.s) {
			continue
		}
		rests++
		judged := w.judge()
		if got := judged.Sight(); !reflect.DeepEqual(got, Clear()) {
			t.Fatalf("at rest and blind: %+v", got)
		}
		for _, kind := range []EpisodeKind{EpisodeAlert, EpisodeSuggestion} {
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
func nearRest(r *rand.Rand) *world {
	w := calmWorld().workers(drawn(r, 4, 6, 9, 24)).lag(drawn(r, int64(0), 900, 999, 1000))
	w.s.PerPod = drawn(r, Reading[int]{}, Known(1, start, Broker), Known(1, start, Broker), Known(3, start, Broker))
	w.s.Signals.Throughput.Value = float64(w.s.Workload.Value.Desired) * drawn(r, 50, 99.4, 100, 180)
	w.s.Signals.Busy = drawn(r, Reading[float64]{}, Known(28., start, "pods"))
	w.s.Usage.Value.CPULimit, w.s.Usage.Value.MemoryLimit = drawn(r, 0.1, 0.3, 0.5, 0.8), drawn(r, 0.1, 0.4, 0.5, 0.85)
	edits := []func(){
		func() { w.lag(drawn(r, int64(1001), 9_999, 10_001)) },
		func() { w.s.Lag.Value.Unknown = 1 },
		func() { w.s.Signals.Latency.Value = drawn(r, 5, 5.1, math.NaN()) },
		func() { w.s.Signals.Latency.AtLeast = true },
		func() { w.s.Signals.Errors.Value.Timeouts = drawn(r, 0.01, 0.011) },
		func() { w.s.Usage.Value.CPULimit = 0.9 },
		func() { w.s.Signals.Throughput.AtLeast = true },
		func() { w.s.Lag = Unknown[Lag]("no broker answers", start, Broker) },
		func() { w.s.Signals.Errors = Unknown[ErrorRate]("none answered", start, "pods") },
		func() { w.s.Signals.Throughput = None[float64]("not configured", start, "runbook file") },
		func() { w.s.Usage.At = start.Add(-time.Hour) },
		func() { w.s.Workload = Unknown[Workload]("down", start, "Kubernetes") },
		func() { w.workers(0) },
		func() {
			w.s.Group.Value.LastRebalanceAt, w.s.Group.Value.LastRebalance = start.Add(-time.Minute), time.Minute
		},
	}
	for range r.IntN(3) {
		drawn(r, edits...)()
	}
	if drawn(r, true, false) {
		w.bent(r)
	}
	return w
}

// bent gives a world a past in which everything was beyond its limits, or nothing.
func (w *world) bent(r *rand.Rand) {
	lag, share := drawn(r, 0., 900, 5_000, 50_000), drawn(r, 0.05, 0.5, 0.99)
	w.remember(5*time.Hour, func(ago time.Duration, p *Point) {
		p.Lag, p.CPU, p.Memory, p.Latency = lag, float32(share), float32(share), float32(20*share)
		p.Moving = ago > time.Hour
	})
}

func TestTheUsualCalmIsAtRest(t *testing.T) {
	rested := func(edit func(*world)) bool {
		w := calmWorld()
		w.s.PerPod = Known(1, start, Broker)
		edit(w)
		return AtRest(w.Component, w.Policy, w.s)
	}
	if !rested(func(*world) {}) {
		t.Error("six workers that keep up and are half busy are not at rest")
	}
	for name, edit := range map[string]func(*world){
		"R-001 lag":                func(w *world) { w.lag(10_001) },
		"R-001 unknown":            func(w *world) { w.s.Lag = Unknown[Lag]("no broker answers", start, Broker) },
		"R-001 known in part":      func(w *world) { w.s.Lag.Value.Unknown = 1 },
		"R-002 latency":            func(w *world) { w.s.Signals.Latency.Value = 5.1 },
		"R-002 unknown":            func(w *world) { w.s.Signals.Latency = Unknown[float64]("down", start, "pods") },
		"R-002 at least":           func(w *world) { w.s.Signals.Latency.AtLeast = true },
		"R-003 CPU":                func(w *world) { w.s.Usage.Value.CPULimit = 0.81 },
		"R-003 stale":              func(w *world) { w.s.Usage.At = start.Add(-2 * time.Minute) },
		"R-004 memory":             func(w *world) { w.s.Usage.Value.MemoryLimit = 0.86 },
		"R-005 timeouts":           func(w *world) { w.s.Signals.Errors.Value.Timeouts = 0.011 },
		"R-006 throughput":         func(w *world) { w.lag(1_100) },
		"R-012 nothing is busy":    func(w *world) { w.s.Usage.Value.CPULimit, w.s.Usage.Value.MemoryLimit = 0.1, 0.1 },
		"R-014 surplus":            func(w *world) { w.workers(25) },
		"the pods are not known":   func(w *world) { w.s.Workload = Unknown[Workload]("down", start, "Kubernetes") },
		"one instance only":        func(w *world) { w.Single = "it needs a global view" },
		"consumers per pod":        func(w *world) { w.s.PerPod = Reading[int]{} },
		"three consumers in a pod": func(w *world) { w.workers(9).ConsumersPerPod = 3 },
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
		got := Unseen(w.Component, w.Policy, w.s, func() []Point { asked = true; return w.past })
		if want := w.judge().Sight(); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if len(got.Blind) > 0 && !asked {
			t.Fatal("blind without a look at the past")
		}
	}
	w := calmWorld()
	Unseen(w.Component, w.Policy, w.s, func() []Point { t.Error("the past was asked for"); return nil })
}

// A judgement serves several looks, so that none may change it.
func TestAJudgementStaysAsItIs(t *testing.T) {
	w := spike(14_200)
	judged := w.judge()
	want := judged.Advice()
	tried := &Tried{Operation: "download-worker-1", From: 4, To: 6, Wrote: start.Add(-5 * time.Minute), Due: start.Add(10 * time.Minute)}
	if knowing := judged.Knowing(tried).Advice(); knowing.Action == ScaleUp || len(knowing.Vetoes) == 0 {
		t.Errorf("got %s, want the second dose to wait", knowing.Action)
	}
	w.s.Tried = tried
	if got, want := judged.Knowing(tried).Advice(), w.recommend(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want as by who knew it before: %+v", got, want)
	}
	Follow(EpisodeAlert, judged, nil)
	judged.Sight()
	if got := judged.Advice(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want still %+v", got, want)
	}
}
