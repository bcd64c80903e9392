package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestR011LowLagMustLastAnHour(t *testing.T) {
	tests := []struct {
		name string
		now  int64
		low  time.Duration
		want scale.Outcome
	}{
		{"59 minutes", 500, 59 * time.Minute, scale.Silent},
		{"60 minutes", 500, 60 * time.Minute, scale.Fires},
		{"at the limit", 1000, 4 * time.Hour, scale.Silent},
		{"just under", 999, 4 * time.Hour, scale.Fires},
	}
	for _, tt := range tests {
		w := measuretest.IdleWorld().Lag(tt.now)
		w.Idle(0, func(ago time.Duration, p *scale.Point) {
			p.Lag = 999
			if ago > tt.low {
				p.Lag = 1000
			}
		})
		if f := outcomeOf(w, t, "R-011"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
	}
}

func TestR012AndR013UsageMustBeLowForFourHours(t *testing.T) {
	w := measuretest.IdleWorld()
	for _, rule := range []scale.Rule{"R-012", "R-013"} {
		if f := outcomeOf(w, t, rule); f.Outcome != scale.Fires || f.Window != 4*time.Hour {
			t.Errorf("%s: got %s over %s", rule, f.Outcome, f.Window)
		}
	}
	w.Idle(0, func(ago time.Duration, p *scale.Point) {
		if ago == 3*time.Hour {
			p.CPU, p.Memory = 0.31, 0.41
		}
	})
	for _, rule := range []scale.Rule{"R-012", "R-013"} {
		if f := outcomeOf(w, t, rule); f.Outcome != scale.Silent {
			t.Errorf("R-017 %s over the limit three hours ago: got %s, want silent", rule, f.Outcome)
		}
	}
}

func TestR017AGapStartsTheWaitAnew(t *testing.T) {
	w := measuretest.IdleWorld()
	w.Idle(0, func(ago time.Duration, p *scale.Point) {
		if ago > 30*time.Minute && ago < 35*time.Minute {
			p.Lag = scale.Missing
		}
	})
	if f := outcomeOf(w, t, "R-011"); f.Outcome != scale.Unclear {
		t.Errorf("got %s, want unknown", f.Outcome)
	}
	if r := recommended(w); r.Action != scale.Hold {
		t.Errorf("got %s, want hold", r.Action)
	}
}

func TestT11AllDownRulesMustAgreeAndUnknownBlocks(t *testing.T) {
	if r := recommended(measuretest.IdleWorld()); r.Action != scale.ScaleDown || r.To != 8 || r.From != 9 {
		t.Fatalf("all agree: got %s from %d to %d: %q", r.Action, r.From, r.To, r.Reasons)
	}
	tests := map[string]func(*measuretest.World){
		"CPU busy":        func(w *measuretest.World) { w.Now.Usage.Value.CPULimit = 0.5 },
		"usage unknown":   func(w *measuretest.World) { w.Now.Usage = scale.Reading[scale.Usage]{} },
		"usage stale":     func(w *measuretest.World) { w.Now.Usage.At = scaletest.Start.Add(-2 * time.Minute) },
		"lag not low":     func(w *measuretest.World) { w.Lag(1500) },
		"no bounds":       func(w *measuretest.World) { w.Now.Usage.Value.MemoryLimit, w.Now.Usage.Value.MemoryRequest = -1, -1 },
		"arrivals gone":   func(w *measuretest.World) { w.Now.Rates = scale.Reading[scale.Rates]{} },
		"one partition":   func(w *measuretest.World) { w.Now.Lag.Value.Unknown = 1 },
		"commit ahead":    func(w *measuretest.World) { w.Now.Lag.Value.Ahead = 1 },
		"busy slots":      func(w *measuretest.World) { w.Now.Signals.Busy = scale.Known(40.0, scaletest.Start, "scrape") },
		"rollout running": func(w *measuretest.World) { w.Change(func(l *scale.Workload) { l.Rolling = true }) },
		"rebalancing":     func(w *measuretest.World) { w.Now.Group.Value.State = "PreparingRebalance" },
		"owned": func(w *measuretest.World) {
			w.Now.Owner.Value = scale.Owner{Kind: scale.OwnerHPA, Name: "hpa", Min: 4, Max: 12}
		},
		"R-052 just moved": func(w *measuretest.World) {
			w.Idle(0, func(ago time.Duration, p *scale.Point) {
				if ago > 10*time.Minute {
					p.Replicas = 11
				}
			})
		},
	}
	for name, edit := range tests {
		w := measuretest.IdleWorld()
		edit(w)
		if r := recommended(w); r.Action == scale.ScaleDown {
			t.Errorf("%s: got a scale-down to %d", name, r.To)
		} else if len(r.Reasons) == 0 {
			t.Errorf("%s: held back without a reason", name)
		}
	}
}

func TestR014IdleWorkersGoAtOnce(t *testing.T) {
	w := measuretest.CalmWorld().Workers(25).Lag(3000)
	r := recommended(w)
	if r.Action != scale.ScaleDown || r.From != 25 || r.To != 24 {
		t.Fatalf("got %s from %d to %d, want down from 25 to 24", r.Action, r.From, r.To)
	}
	scaletest.WantText(t, "T-12", r.Reasons[len(r.Reasons)-1], "one move", "rebalance", "15 min")
	w.Now.Lag = scale.Reading[scale.Lag]{}
	if r := recommended(w); r.Changes() {
		t.Errorf("without a live partition count: got %s to %d", r.Action, r.To)
	}
}

func TestDownMovesPreferWhatCostsNothing(t *testing.T) {
	// T-05: 9 to 8 is free; 8 to 6 has the same busiest worker as 8 to 7.
	tests := []struct {
		from    int
		arrival float64
		want    int
		action  scale.Action
	}{
		{9, 300, 8, scale.ScaleDown},
		{8, 300, 6, scale.ScaleDown},
		{8, 600, 8, scale.Hold},
		{12, 300, 10, scale.ScaleDown},
		{6, 300, 4, scale.ScaleDown},
		{6, 200, 4, scale.ScaleDown},
		{5, 100, 4, scale.ScaleDown},
		{4, 10, 4, scale.Hold},
	}
	for _, tt := range tests {
		w := measuretest.IdleWorld().Workers(tt.from)
		w.Now.Rates.Value.Arrival, w.Now.Rates.Value.Consumption = tt.arrival, tt.arrival
		w.Remember(4*time.Hour, func(ago time.Duration, p *scale.Point) {
			age := (4*time.Hour - ago).Seconds()
			p.Ends, p.Commits = 1e6+tt.arrival*age, 1e6+tt.arrival*age
			p.CPU, p.Memory = 0.2, 0.3
		})
		r := recommended(w)
		if r.Action != tt.action || r.To != tt.want {
			t.Errorf("from %d at %v msg/s: got %s to %d, want %s to %d: %q", tt.from, tt.arrival, r.Action, r.To, tt.action, tt.want, r.Reasons)
		}
	}
}

func TestDownKeepsThePeakOfTheWaitingTime(t *testing.T) {
	w := measuretest.IdleWorld().Workers(8)
	ends := 1e6
	w.Remember(4*time.Hour, func(ago time.Duration, p *scale.Point) {
		rate := 200.0
		if ago > 40*time.Minute && ago < 50*time.Minute {
			rate = 650
		}
		ends += rate * 15
		p.Ends, p.Commits, p.CPU, p.Memory = ends, ends, 0.2, 0.3
	})
	w.Now.Rates.Value.Arrival, w.Now.Rates.Value.Consumption = 200, 200
	r := recommended(w)
	if r.Action != scale.Hold {
		t.Errorf("a peak of 650 msg/s within the hour: got %s to %d", r.Action, r.To)
	}
	scaletest.WantText(t, "reason", r.Reasons[len(r.Reasons)-1], "peak of 650 msg/s")
}
