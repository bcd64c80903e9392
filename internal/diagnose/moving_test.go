package diagnose

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// more transfers at once are advised only where CPU and memory are known to have room.
func TestConcurrencyIsRaisedOnlyWhereThereIsRoom(t *testing.T) {
	for name, c := range map[string]struct {
		edit func(*measuretest.World)
		want bool
	}{
		"room for both": {func(*measuretest.World) {}, true},
		"use unknown": {func(w *measuretest.World) {
			w.Now.Usage = scale.Unknown[scale.Usage]("no metrics API", scaletest.Start, "metrics.k8s.io")
		}, false},
		"CPU unbounded":        {func(w *measuretest.World) { w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.CPURequest = -1, -1 }, false},
		"memory unbounded":     {func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit, w.Now.Usage.Value.MemoryRequest = -1, -1 }, false},
		"some did not answer":  {func(w *measuretest.World) { w.Now.Usage.Value.Pods = 5 }, false},
		"CPU is full":          {func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.9 }, false},
		"memory is full":       {func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit = 0.9 }, false},
		"one pod is full":      {func(w *measuretest.World) { w.Now.Usage.Value.MemoryPeak = 0.9 }, false},
		"at the limits itself": {func(w *measuretest.World) { w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.MemoryPeak = 0.8, 0.85 }, true},
	} {
		w := measuretest.CalmWorld().Lag(20_000)
		c.edit(w)
		v := newView(w.Component, w.Policy, w.Now, w.Past)
		if got := strings.Contains(strings.Join(v.tuningAdvice(), "\n"), "raising it"); got != c.want {
			t.Errorf("%s: advised %v, want %v", name, got, c.want)
		}
	}
}

// A setting that is what the runbook names is no step to take: it is told last, as a fact.
func TestWhatMatchesIsNoStep(t *testing.T) {
	w := measuretest.CalmWorld().Change(func(l *scale.Workload) {
		l.Env = map[string]string{"KAFKA_MAX_POLL_INTERVAL_MS": "300000", "KAFKA_SESSION_TIMEOUT_MS": "10000"}
	})
	steps := newView(w.Component, w.Policy, w.Now, w.Past).rebalanceAdvice()
	if last := steps[len(steps)-1]; !strings.Contains(last, "which matches it: nothing to change there") {
		t.Errorf("got %q, want what matches last", steps)
	}
	if !strings.Contains(steps[1], "KAFKA_SESSION_TIMEOUT_MS is 10000") {
		t.Errorf("got %q", steps)
	}
}
