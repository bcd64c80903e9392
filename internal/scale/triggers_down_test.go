package scale

import (
	"testing"
	"time"
)

// idleWorld has had little to do for more than four hours.
func idleWorld() *world {
	w := calmWorld().workers(9)
	w.s.Group.Value = groupOf(9, 24)
	w.s.Usage.Value.CPULimit, w.s.Usage.Value.MemoryLimit = 0.2, 0.3
	w.s.Rates.Value = Rates{Arrival: 300, Consumption: 300, Over: 5 * time.Minute}
	w.idle(0, func(time.Duration, *Point) {})
	return w
}

func (w *world) idle(_ int, edit func(time.Duration, *Point)) {
	w.remember(4*time.Hour, func(ago time.Duration, p *Point) {
		age := (4*time.Hour - ago).Seconds()
		p.Ends, p.Commits = 1e6+300*age, 1e6+300*age
		p.CPU, p.Memory = 0.2, 0.3
		edit(ago, p)
	})
}

func TestR011LowLagMustLastAnHour(t *testing.T) {
	tests := []struct {
		name string
		now  int64
		low  time.Duration
		want Outcome
	}{
		{"59 minutes", 500, 59 * time.Minute, Silent},
		{"60 minutes", 500, 60 * time.Minute, Fires},
		{"at the limit", 1000, 4 * time.Hour, Silent},
		{"just under", 999, 4 * time.Hour, Fires},
	}
	for _, tt := range tests {
		w := idleWorld().lag(tt.now)
		w.idle(0, func(ago time.Duration, p *Point) {
			p.Lag = 999
			if ago > tt.low {
				p.Lag = 1000
			}
		})
		if f := w.outcome(t, "R-011"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
	}
}

func TestR012AndR013UsageMustBeLowForFourHours(t *testing.T) {
	w := idleWorld()
	for _, rule := range []string{"R-012", "R-013"} {
		if f := w.outcome(t, rule); f.Outcome != Fires || f.Window != 4*time.Hour {
			t.Errorf("%s: got %s over %s", rule, f.Outcome, f.Window)
		}
	}
	w.idle(0, func(ago time.Duration, p *Point) {
		if ago == 3*time.Hour {
			p.CPU, p.Memory = 0.31, 0.41
		}
	})
	for _, rule := range []string{"R-012", "R-013"} {
		if f := w.outcome(t, rule); f.Outcome != Silent {
			t.Errorf("R-017 %s over the limit three hours ago: got %s, want silent", rule, f.Outcome)
		}
	}
}

func TestR017AGapStartsTheWaitAnew(t *testing.T) {
	w := idleWorld()
	w.idle(0, func(ago time.Duration, p *Point) {
		if ago > 30*time.Minute && ago < 35*time.Minute {
			p.Lag = Missing
		}
	})
	if f := w.outcome(t, "R-011"); f.Outcome != Unclear {
		t.Errorf("got %s, want unknown", f.Outcome)
	}
	if r := w.recommend(); r.Action != Hold {
		t.Errorf("got %s, want hold", r.Action)
	}
}

func TestT11AllDownRulesMustAgreeAndUnknownBlocks(t *testing.T) {
	if r := idleWorld().recommend(); r.Action != ScaleDown || r.To != 8 || r.From != 9 {
		t.Fatalf("all agree: got %s from %d to %d: %q", r.Action, r.From, r.To, r.Reasons)
	}
	tests := map[string]func(*world){
		"CPU busy":        func(w *world) { w.s.Usage.Value.CPULimit = 0.5 },
		"usage unknown":   func(w *world) { w.s.Usage = Reading[Usage]{} },
		"usage stale":     func(w *world) { w.s.Usage.At = start.Add(-2 * time.Minute) },
		"lag not low":     func(w *world) { w.lag(1500) },
		"no bounds":       func(w *world) { w.s.Usage.Value.MemoryLimit, w.s.Usage.Value.MemoryRequest = -1, -1 },
		"arrivals gone":   func(w *world) { w.s.Rates = Reading[Rates]{} },
		"one partition":   func(w *world) { w.s.Lag.Value.Unknown = 1 },
		"commit ahead":    func(w *world) { w.s.Lag.Value.Ahead = 1 },
		"busy slots":      func(w *world) { w.s.Signals.Busy = Known(40.0, start, "scrape") },
		"rollout running": func(w *world) { w.change(func(l *Workload) { l.Rolling = true }) },
		"rebalancing":     func(w *world) { w.s.Group.Value.State = "PreparingRebalance" },
		"owned":           func(w *world) { w.s.Owner.Value = Owner{Kind: OwnerHPA, Name: "hpa", Min: 4, Max: 12} },
		"R-052 just moved": func(w *world) {
			w.idle(0, func(ago time.Duration, p *Point) {
				if ago > 10*time.Minute {
					p.Replicas = 11
				}
			})
		},
	}
	for name, edit := range tests {
		w := idleWorld()
		edit(w)
		if r := w.recommend(); r.Action == ScaleDown {
			t.Errorf("%s: got a scale-down to %d", name, r.To)
		} else if len(r.Reasons) == 0 {
			t.Errorf("%s: held back without a reason", name)
		}
	}
}

func TestR014IdleWorkersGoAtOnce(t *testing.T) {
	w := calmWorld().workers(25).lag(3000)
	r := w.recommend()
	if r.Action != ScaleDown || r.From != 25 || r.To != 24 {
		t.Fatalf("got %s from %d to %d, want down from 25 to 24", r.Action, r.From, r.To)
	}
	wantText(t, "T-12", r.Reasons[len(r.Reasons)-1], "one move", "rebalance", "15 min")
	w.s.Lag = Reading[Lag]{}
	if r := w.recommend(); r.Changes() {
		t.Errorf("without a live partition count: got %s to %d", r.Action, r.To)
	}
}

func TestDownMovesPreferWhatCostsNothing(t *testing.T) {
	// T-05: 9 to 8 is free; 8 to 6 has the same busiest worker as 8 to 7.
	tests := []struct {
		from    int
		arrival float64
		want    int
		action  Action
	}{
		{9, 300, 8, ScaleDown},
		{8, 300, 6, ScaleDown},
		{8, 600, 8, Hold},
		{12, 300, 10, ScaleDown},
		{6, 300, 4, ScaleDown},
		{6, 200, 4, ScaleDown},
		{5, 100, 4, ScaleDown},
		{4, 10, 4, Hold},
	}
	for _, tt := range tests {
		w := idleWorld().workers(tt.from)
		w.s.Rates.Value.Arrival, w.s.Rates.Value.Consumption = tt.arrival, tt.arrival
		w.remember(4*time.Hour, func(ago time.Duration, p *Point) {
			age := (4*time.Hour - ago).Seconds()
			p.Ends, p.Commits = 1e6+tt.arrival*age, 1e6+tt.arrival*age
			p.CPU, p.Memory = 0.2, 0.3
		})
		r := w.recommend()
		if r.Action != tt.action || r.To != tt.want {
			t.Errorf("from %d at %v msg/s: got %s to %d, want %s to %d: %q", tt.from, tt.arrival, r.Action, r.To, tt.action, tt.want, r.Reasons)
		}
	}
}

func TestDownKeepsThePeakOfTheWaitingTime(t *testing.T) {
	w := idleWorld().workers(8)
	ends := 1e6
	w.remember(4*time.Hour, func(ago time.Duration, p *Point) {
		rate := 200.0
		if ago > 40*time.Minute && ago < 50*time.Minute {
			rate = 650
		}
		ends += rate * 15
		p.Ends, p.Commits, p.CPU, p.Memory = ends, ends, 0.2, 0.3
	})
	w.s.Rates.Value.Arrival, w.s.Rates.Value.Consumption = 200, 200
	r := w.recommend()
	if r.Action != Hold {
		t.Errorf("a peak of 650 msg/s within the hour: got %s to %d", r.Action, r.To)
	}
	wantText(t, "reason", r.Reasons[len(r.Reasons)-1], "peak of 650 msg/s")
}
