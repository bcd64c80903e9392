package scale

import (
	"encoding/json"
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

// forget drops the commits of the stretch between two ages.
func (w *world) forget(from, to time.Duration) {
	for i, p := range w.past {
		if ago := w.s.At.Sub(p.At); ago > from && ago <= to {
			w.past[i].Commits = Missing
		}
	}
}

// waits sets what was waiting in the last minute.
func (w *world) waits(lag float64) {
	for i, p := range w.past {
		if w.s.At.Sub(p.At) <= time.Minute {
			w.past[i].Lag = lag
		}
	}
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
		"eight times less for half a minute, when lag has just passed its limit": {0.125, 30 * time.Second, nil, true},
		"the same with commits that move twice a minute": {0.125, 30 * time.Second, func(w *world) {
			for i := range w.s.Lag.Value.Partitions {
				w.s.Lag.Value.Partitions[i].CommitEvery = 30 * time.Second
			}
		}, false},
		"a quarter less for half a minute, which may be chance": {0.75, 30 * time.Second, func(w *world) { w.lag(20_000) }, false},
		"as much as before beside a spike": {1, 30 * time.Second, func(w *world) {
			for i, p := range w.past {
				if late := 30*time.Second - w.s.At.Sub(p.At); late > 0 {
					w.past[i].Ends += 900 * late.Seconds()
					w.past[i].Lag += 900 * late.Seconds()
				}
			}
			w.lag(27_000)
		}, false},
		"the processor is the limit": {0.74, 5 * time.Minute, func(w *world) { w.s.Usage.Value.CPULimit = 0.95 }, false},
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
		"offsets were set past a backlog before": {1, 5 * time.Minute, func(w *world) {
			skipped := w.s.At.Add(-20 * time.Minute)
			for i, p := range w.past {
				if p.At.Before(skipped) {
					w.past[i].Commits -= 100_000
				}
			}
			w.waits(20_000)
			w.lag(20_000)
		}, false},
		"offsets were set past a backlog before, and they are slower": {0.74, 5 * time.Minute, func(w *world) {
			for i, p := range w.past {
				if p.At.Before(w.s.At.Add(-20 * time.Minute)) {
					w.past[i].Commits -= 100_000
				}
			}
		}, true},
		"the processor is used to the limit and not beyond": {0.74, 5 * time.Minute, func(w *world) { w.s.Usage.Value.CPULimit = 0.80 }, true},
		"the processor is not known": {0.74, 5 * time.Minute, func(w *world) {
			w.s.Usage = Unknown[Usage]("no metrics", start, "metrics.k8s.io")
		}, true},
		"one partition stands still": {0.74, 5 * time.Minute, func(w *world) {
			w.onPartitions(35_100, 7).moving(10)
			w.still(7)
		}, false},
		"one partition holds the lag": {0.74, 5 * time.Minute, func(w *world) { w.onPartitions(35_100, 7).moving(10) }, false},
		"lag is not known":            {0.74, 5 * time.Minute, func(w *world) { w.s.Lag = Unknown[Lag]("no answer", start, Broker) }, false},
		"half a minute was seen":      {0.74, 5 * time.Minute, func(w *world) { w.forget(30*time.Second, time.Minute) }, true},
		"less than that was seen":     {0.74, 5 * time.Minute, func(w *world) { w.forget(15*time.Second, time.Minute) }, false},
		"just enough is waiting":      {0.74, 5 * time.Minute, func(w *world) { w.waits(busySeconds*333 + 1) }, true},
		"too little is waiting":       {0.74, 5 * time.Minute, func(w *world) { w.waits(busySeconds*333 - 1) }, false},
		"nobody knows what waits":     {0.74, 5 * time.Minute, func(w *world) { w.waits(Missing) }, false},
		"three minutes before it":     {0.74, 90 * time.Second, func(w *world) { w.past = recent(w.past, 4*time.Minute) }, true},
		"two minutes before it":       {0.74, 90 * time.Second, func(w *world) { w.past = recent(w.past, 3*time.Minute) }, false},
		"how many there were is not known": {0.74, 90 * time.Second, func(w *world) {
			for i := range w.past[:len(w.past)-8] {
				w.past[i].Replicas = float32(Missing)
			}
		}, true},
		"sixteen in a hundred less":  {0.84, 10 * time.Minute, nil, true},
		"fourteen in a hundred less": {0.86, 10 * time.Minute, nil, false},
		"nothing was ever done":      {0, 70 * time.Minute, nil, false},
		"how it was is not known":    {0.74, 5 * time.Minute, func(w *world) { w.past = recent(w.past, 4*time.Minute) }, false},
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

// T-10: processors that have less to do than before are told beside it, those that do not,
// or of which that is not known, are not.
func TestSlowerWorkersAreToldWithTheirProcessors(t *testing.T) {
	for name, tt := range map[string]struct {
		then float32
		now  func(*Reading[Usage])
		want string
	}{
		"fell":                      {0.36, func(u *Reading[Usage]) { u.Value.CPULimit = 0.30 }, "75 msg/s before (CPU went from 36 % to 30 %: they wait for something); more"},
		"to nothing":                {0.36, func(u *Reading[Usage]) { u.Value.CPULimit = 0 }, "(CPU went from 36 % to 0 %: they wait for something)"},
		"not by much":               {0.36, func(u *Reading[Usage]) { u.Value.CPULimit = 0.31 }, "75 msg/s before; more"},
		"no bound to be a share of": {0.36, func(u *Reading[Usage]) { u.Value.CPULimit, u.Value.CPURequest = -1, -1 }, "75 msg/s before; more"},
		"unknown now":               {0.36, func(u *Reading[Usage]) { *u = Unknown[Usage]("no metrics", start, "") }, "75 msg/s before; more"},
		"unknown before":            {float32(Missing), func(u *Reading[Usage]) { u.Value.CPULimit = 0.30 }, "75 msg/s before; more"},
	} {
		w := calmWorld().slowDown(0.74, 2*time.Minute)
		for i := range w.past {
			w.past[i].CPU = tt.then
		}
		tt.now(&w.s.Usage)
		wantText(t, name, look(w.Component, w.Policy, w.s, w.past).slowedVeto(), tt.want)
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

// A forecast made with what the workers managed before they became slower would contradict the
// sentence beside it.
func TestSlowerWorkersAreForecastByWhatTheyManageNow(t *testing.T) {
	for _, share := range []float64{0.5, 0.125, 0} {
		w := calmWorld().slowDown(share, 2*time.Minute)
		v := look(w.Component, w.Policy, w.s, w.past)
		if want := 450 * share / float64(v.replicas); v.capacity.PerWorker < want*0.95-0.01 || v.capacity.PerWorker > want*1.05+0.01 {
			t.Errorf("%v of the work: got %v a worker, want about %v", share, v.capacity.PerWorker, want)
		}
		r := w.recommend()
		text := strings.Join(r.Reasons, "\n")
		if stored, err := json.Marshal(r); err != nil {
			t.Errorf("%v of the work: %v", share, err)
		} else {
			text += string(stored)
		}
		if r.Action != Hold || strings.Contains(text, "busy workers") || strings.Contains(text, "NaN") || strings.Contains(text, "+Inf") {
			t.Errorf("%v of the work: got %s because %q, want no count that would be enough", share, r.Action, text)
		}
	}
}
