package judge

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// forget drops the commits of the stretch between two ages.
func forget(w *measuretest.World, from, to time.Duration) {
	for i, p := range w.Past {
		if ago := w.Now.At.Sub(p.At); ago > from && ago <= to {
			w.Past[i].Commits = scale.Missing
		}
	}
}

// waits sets what was waiting in the last minute.
func waits(w *measuretest.World, lag float64) {
	for i, p := range w.Past {
		if w.Now.At.Sub(p.At) <= time.Minute {
			w.Past[i].Lag = lag
		}
	}
}

// R-130, T-10: workers that became slower are seen before a button offers more of them, and
// nothing else is taken for it.
func TestSlowerWorkersAreSeenBeforeTheButton(t *testing.T) {
	for name, tt := range map[string]struct {
		share  float64
		since  time.Duration
		edit   func(*measuretest.World)
		vetoed bool
	}{
		"a quarter less for ninety seconds": {0.74, 90 * time.Second, nil, true},
		"a quarter less for half an hour":   {0.74, 30 * time.Minute, nil, true},
		"a tenth less":                      {0.90, 10 * time.Minute, nil, false},
		"eight times less for half a minute, when lag has just passed its limit": {0.125, 30 * time.Second, nil, true},
		"the same with commits that move twice a minute": {0.125, 30 * time.Second, func(w *measuretest.World) {
			for i := range w.Now.Lag.Value.Partitions {
				w.Now.Lag.Value.Partitions[i].CommitEvery = 30 * time.Second
			}
		}, false},
		"a quarter less for half a minute, which may be chance": {0.75, 30 * time.Second, func(w *measuretest.World) { w.Lag(20_000) }, false},
		"as much as before beside a spike": {1, 30 * time.Second, func(w *measuretest.World) {
			for i, p := range w.Past {
				if late := 30*time.Second - w.Now.At.Sub(p.At); late > 0 {
					w.Past[i].Ends += 900 * late.Seconds()
					w.Past[i].Lag += 900 * late.Seconds()
				}
			}
			w.Lag(27_000)
		}, false},
		"the processor is the limit": {0.74, 5 * time.Minute, func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.95 }, false},
		"a pod is missing": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			w.Change(func(l *scale.Workload) { l.Pods[0].Ready = false })
		}, false},
		"partitions are moving": {0.74, 5 * time.Minute, func(w *measuretest.World) { w.Past[len(w.Past)-1].Moving = true }, false},
		"there were more workers before": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			for i := range w.Past {
				if w.Now.At.Sub(w.Past[i].At) > 5*time.Minute {
					w.Past[i].Replicas = 9
				}
			}
		}, false},
		"offsets were set past a backlog before": {1, 5 * time.Minute, func(w *measuretest.World) {
			skipped := w.Now.At.Add(-20 * time.Minute)
			for i, p := range w.Past {
				if p.At.Before(skipped) {
					w.Past[i].Commits -= 100_000
				}
			}
			waits(w, 20_000)
			w.Lag(20_000)
		}, false},
		"offsets were set past a backlog before, and they are slower": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			for i, p := range w.Past {
				if p.At.Before(w.Now.At.Add(-20 * time.Minute)) {
					w.Past[i].Commits -= 100_000
				}
			}
		}, true},
		"the processor is used to the limit and not beyond": {0.74, 5 * time.Minute, func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.80 }, true},
		"the processor is not known": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			w.Now.Usage = scale.Unknown[scale.Usage]("no metrics", scaletest.Start, "metrics.k8s.io")
		}, true},
		"one partition stands still": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			w.OnPartitions(35_100, 7).Moving(10)
			w.Still(7)
		}, false},
		"one partition holds the lag": {0.74, 5 * time.Minute, func(w *measuretest.World) { w.OnPartitions(35_100, 7).Moving(10) }, false},
		"lag is not known": {0.74, 5 * time.Minute, func(w *measuretest.World) {
			w.Now.Lag = scale.Unknown[scale.Lag]("no answer", scaletest.Start, scale.Broker)
		}, false},
		"half a minute was seen":  {0.74, 5 * time.Minute, func(w *measuretest.World) { forget(w, 30*time.Second, time.Minute) }, true},
		"less than that was seen": {0.74, 5 * time.Minute, func(w *measuretest.World) { forget(w, 15*time.Second, time.Minute) }, false},
		"just enough is waiting":  {0.74, 5 * time.Minute, func(w *measuretest.World) { waits(w, measure.BusySeconds*333+1) }, true},
		"too little is waiting":   {0.74, 5 * time.Minute, func(w *measuretest.World) { waits(w, measure.BusySeconds*333-1) }, false},
		"nobody knows what waits": {0.74, 5 * time.Minute, func(w *measuretest.World) { waits(w, scale.Missing) }, false},
		"three minutes before it": {0.74, 90 * time.Second, func(w *measuretest.World) { w.Past = measure.Recent(w.Past, 4*time.Minute) }, true},
		"two minutes before it":   {0.74, 90 * time.Second, func(w *measuretest.World) { w.Past = measure.Recent(w.Past, 3*time.Minute) }, false},
		"how many there were is not known": {0.74, 90 * time.Second, func(w *measuretest.World) {
			for i := range w.Past[:len(w.Past)-8] {
				w.Past[i].Replicas = float32(scale.Missing)
			}
		}, true},
		"sixteen in a hundred less":  {0.84, 10 * time.Minute, nil, true},
		"fourteen in a hundred less": {0.86, 10 * time.Minute, nil, false},
		"nothing was ever done":      {0, 70 * time.Minute, nil, false},
		"how it was is not known":    {0.74, 5 * time.Minute, func(w *measuretest.World) { w.Past = measure.Recent(w.Past, 4*time.Minute) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := measuretest.CalmWorld().SlowDown(tt.share, tt.since)
			w.Policy.Up.Lag.Value = 1000
			if tt.edit != nil {
				tt.edit(w)
			}
			r := recommended(w)
			text := strings.Join(r.Vetoes, "\n")
			if got := strings.Contains(text, "the workers became slower"); got != tt.vetoed {
				t.Errorf("got vetoes %q, want vetoed %v", text, tt.vetoed)
			}
			if tt.vetoed && r.Action == scale.ScaleUp {
				t.Errorf("got a scale-up to %d, want none until it is known why", r.To)
			}
		})
	}
}

// A veto does not leave for one reading and come back with the next, as it did when commits
// of half a minute happened to move a little more: a button would stand there in between.
func TestAVetoOfSlowerWorkersDoesNotFlicker(t *testing.T) {
	for name, tt := range map[string]struct {
		late   float64 // what they got through in the newest 15 s, as a share of before
		vetoed bool
	}{
		"a little more":      {1.3, true},
		"four times as much": {4, false},
		"as little as it":    {0.5, true},
	} {
		w := measuretest.CalmWorld().SlowDown(0.5, time.Minute)
		w.Policy.Up.Lag.Value = 1000
		for i, p := range w.Past {
			ago := w.Now.At.Sub(p.At)
			if w.Past[i].Lag = 0; ago <= 45*time.Second {
				w.Past[i].Lag = 12_000
			}
			if ago < 15*time.Second {
				w.Past[i].Commits += 450 * (tt.late - 0.5) * (15*time.Second - ago).Seconds()
			}
		}
		w.Lag(12_000)
		text := strings.Join(recommended(w).Vetoes, "\n")
		if got := strings.Contains(text, "the workers became slower"); got != tt.vetoed {
			t.Errorf("%s: got vetoes %q, want vetoed %v", name, text, tt.vetoed)
		}
	}
}

// A forecast made with what the workers managed before they became slower would contradict the
// sentence beside it.
func TestSlowerWorkersAreForecastByWhatTheyManageNow(t *testing.T) {
	for _, share := range []float64{0.5, 0.125, 0} {
		w := measuretest.CalmWorld().SlowDown(share, 2*time.Minute)
		v := NewView(w.Component, w.Policy, w.Now, w.Past)
		if want := 450 * share / float64(v.Replicas); v.Capacity.PerWorker < want*0.95-0.01 || v.Capacity.PerWorker > want*1.05+0.01 {
			t.Errorf("%v of the work: got %v a worker, want about %v", share, v.Capacity.PerWorker, want)
		}
		r := recommended(w)
		text := strings.Join(r.Reasons, "\n")
		if stored, err := json.Marshal(r); err != nil {
			t.Errorf("%v of the work: %v", share, err)
		} else {
			text += string(stored)
		}
		if r.Action != scale.Hold || strings.Contains(text, "busy workers") || strings.Contains(text, "NaN") || strings.Contains(text, "+Inf") {
			t.Errorf("%v of the work: got %s because %q, want no count that would be enough", share, r.Action, text)
		}
	}
}
