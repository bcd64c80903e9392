package measure

import (
	"slices"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// What is packed comes out as it went in, to the nanosecond; unknown stays unknown.
func TestSeriesKeepsPointsWhole(t *testing.T) {
	missing := float32(scale.Missing)
	for _, moving := range []bool{false, true} {
		want := scale.Point{At: scaletest.Start.Add(1), Lag: 14200, Ends: 1 << 52, Commits: 7, Moving: moving, Replicas: 6, CPU: 0.5, Memory: 0.25, Errors: missing, Latency: 1.5, Throughput: 480}
		s := NewSeries(1)
		s.Add(want)
		got := s.Last()
		if !got.At.Equal(want.At) || got.Moving != moving || !scale.IsMissing(float64(got.Errors)) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		got.At, got.Errors, want.Errors = want.At, 0, 0
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestSeriesIsARing(t *testing.T) {
	s := NewSeries(4)
	for i := range 10 {
		s.Add(scale.Point{At: scaletest.Start.Add(time.Duration(i) * time.Second), Lag: float64(i)})
	}
	s.Add(scale.Point{At: scaletest.Start.Add(9 * time.Second), Lag: 99})
	s.Add(scale.Point{At: scaletest.Start, Lag: 98})
	var got []float64
	for i := range s.Len() {
		got = append(got, s.Index(i).Lag)
	}
	if want := []float64{6, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: the newest four, none that is not newer", got, want)
	}
	if s.Last().Lag != 9 {
		t.Errorf("last: got %v", s.Last().Lag)
	}
	since := s.Since(scaletest.Start.Add(8 * time.Second))
	if len(since) != 2 || since[0].Lag != 8 {
		t.Errorf("since: got %v", since)
	}
	since[0].Lag = -1
	if s.Index(2).Lag != 8 {
		t.Error("Since returns no copy")
	}
	if got := s.Since(scaletest.Start.Add(time.Hour)); len(got) != 0 {
		t.Errorf("since the future: got %d points", len(got))
	}
	var zero Series
	zero.Add(scale.Point{At: scaletest.Start})
	if zero.Len() != 0 || !zero.Last().At.IsZero() || len(zero.Since(scaletest.Start)) != 0 {
		t.Error("the zero series keeps something")
	}
}

func TestWorkloadSettledAndCounted(t *testing.T) {
	w := measuretest.CalmWorld().Now.Workload.Value
	if !w.Settled() {
		t.Error("a calm workload is not settled")
	}
	for name, edit := range map[string]func(*scale.Workload){
		"not observed": func(w *scale.Workload) { w.Observed = false }, "rolling": func(w *scale.Workload) { w.Rolling = true },
		"not ready": func(w *scale.Workload) { w.Ready-- }, "old pods": func(w *scale.Workload) { w.Updated-- },
	} {
		bent := w
		edit(&bent)
		if bent.Settled() {
			t.Errorf("%s: got settled", name)
		}
	}
	w.Pods = []scale.Pod{{Name: "a", Current: true}, {Name: "b"}, {Name: "c", Current: true, Terminating: true}}
	if got := w.Counted(); len(got) != 1 || got[0].Name != "a" {
		t.Errorf("T-37: got %v", got)
	}
}
