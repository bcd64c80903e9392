package scale

import (
	"strings"
	"testing"
	"time"
)

// slowDown plays a calm group whose workers suddenly get through less: each did 75 msg/s of
// the 450 that arrive, and does so much of that for the given time.
func (w *world) slowDown(share float64, since time.Duration) *world {
	kept := 450 * share
	w.remember(70*time.Minute, func(ago time.Duration, p *Point) {
		if ago < since {
			late := (since - ago).Seconds()
			p.Commits -= (450 - kept) * late
			p.Lag = (450 - kept) * late
		}
	})
	w.lag(int64(w.past[len(w.past)-1].Lag) + 1)
	w.s.Rates.Value.Consumption = kept
	return w
}

// R-130, T-10: workers that became slower are seen before a button offers more of them, and
// nothing else is taken for it.
func TestSlowerWorkersAreSeenBeforeTheButton(t *testing.T) {
	for name, tt := range map[string]struct {
		share  float64
		since  time.Duration
		edit   func(*world)
		vetoed bool
	}{
		"a quarter less for ninety seconds": {0.74, 90 * time.Second, nil, true},
		"a quarter less for half an hour":   {0.74, 30 * time.Minute, nil, true},
		"a tenth less":                      {0.90, 10 * time.Minute, nil, false},
		"the processor is the limit":        {0.74, 5 * time.Minute, func(w *world) { w.s.Usage.Value.CPULimit = 0.95 }, false},
		"a pod is missing": {0.74, 5 * time.Minute, func(w *world) {
			w.change(func(l *Workload) { l.Pods[0].Ready = false })
		}, false},
		"partitions are moving": {0.74, 5 * time.Minute, func(w *world) { w.past[len(w.past)-1].Moving = true }, false},
		"there were more workers before": {0.74, 5 * time.Minute, func(w *world) {
			for i := range w.past {
				if w.s.At.Sub(w.past[i].At) > 5*time.Minute {
					w.past[i].Replicas = 9
				}
			}
		}, false},
		"how it was is not known": {0.74, 5 * time.Minute, func(w *world) { w.past = recent(w.past, 4*time.Minute) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := calmWorld().slowDown(tt.share, tt.since)
			w.Policy.Up.Lag.Value = 1000
			if tt.edit != nil {
				tt.edit(w)
			}
			r := w.recommend()
			text := strings.Join(r.Vetoes, "\n")
			if got := strings.Contains(text, "the workers became slower"); got != tt.vetoed {
				t.Errorf("got vetoes %q, want vetoed %v", text, tt.vetoed)
			}
			if tt.vetoed && r.Action == ScaleUp {
				t.Errorf("got a scale-up to %d, want none until it is known why", r.To)
			}
		})
	}
}

func TestSlowerWorkersAreTheDiagnosis(t *testing.T) {
	w := calmWorld().slowDown(0.74, 2*time.Minute)
	w.Policy.Up.Lag.Value = 1000
	for i := range w.past {
		w.past[i].CPU = 0.36
	}
	w.s.Usage.Value.CPULimit = 0.12
	d := Diagnose(w.Component, w.Policy, w.s, w.past)
	wantText(t, "the headline", d.Headline, "56 msg/s each now and 75 msg/s before",
		"CPU went from 36 % to 12 %: they wait for something", "more of them would not help until it is known why")
}
