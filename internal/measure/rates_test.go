package measure

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestMeasureTakesArrivalsAndConsumptionApart(t *testing.T) {
	p := measuretest.TestPolicy()
	rates, ok := Measure(measuretest.Steps(21, func(i int, p *scale.Point) {
		p.Ends, p.Commits = 700*15*float64(i), 600*15*float64(i)
	}), p)
	if !ok || !measuretest.Near(rates.Arrival, 700, 0.001) || !measuretest.Near(rates.Consumption, 600, 0.001) || rates.Over != 5*time.Minute {
		t.Errorf("got %+v %v", rates, ok)
	}
	if rates.ArrivalSpread > 1 {
		t.Errorf("steady arrivals: got a spread of %v", rates.ArrivalSpread)
	}
}

func TestMeasureDropsTheRebalance(t *testing.T) {
	commits := 0.0
	rates, ok := Measure(measuretest.Steps(21, func(i int, p *scale.Point) {
		p.Ends = 700 * 15 * float64(i)
		// Two points of standstill, then one more marked as moving.
		p.Moving = i >= 10 && i <= 12
		if i > 0 && (i < 10 || i > 12) {
			commits += 600 * 15
		}
		p.Commits = commits
	}), measuretest.TestPolicy())
	if !ok || !measuretest.Near(rates.Consumption, 600, 0.001) || !measuretest.Near(rates.Arrival, 700, 0.001) {
		t.Errorf("got %+v %v, want 700 in and 600 out", rates, ok)
	}
}

func TestMeasureFollowsAChangeOfLevel(t *testing.T) {
	ends := 0.0
	rates, ok := Measure(measuretest.Steps(21, func(i int, p *scale.Point) {
		rate := 450.0
		if i > 16 {
			rate = 900
		}
		ends += rate * 15
		p.Ends, p.Commits = ends, 450*15*float64(i)
	}), measuretest.TestPolicy())
	if !ok || !measuretest.Near(rates.Arrival, 900, 0.01) {
		t.Errorf("got %v, want the new level of 900", rates.Arrival)
	}
	if rates.ArrivalSpread < 50 {
		t.Errorf("arrivals that doubled: got a spread of %v", rates.ArrivalSpread)
	}
}

func TestMeasureKnowsWhenItKnowsTooLittle(t *testing.T) {
	p := measuretest.TestPolicy()
	none := map[string][]scale.Point{
		"nothing":   nil,
		"one point": measuretest.Steps(1, func(_ int, p *scale.Point) { p.Ends, p.Commits = 5, 5 }),
		"unknown":   measuretest.Steps(20, func(_ int, p *scale.Point) { p.Ends, p.Commits = scale.Missing, scale.Missing }),
		"gaps": {
			{At: scaletest.Start.Add(-4 * time.Minute), Ends: 1, Commits: 1}, {At: scaletest.Start, Ends: 100, Commits: 100},
		},
		"only rebalancing": measuretest.Steps(20, func(i int, p *scale.Point) { p.Ends, p.Commits, p.Moving = float64(i), float64(i), true }),
		"topic made anew":  measuretest.Steps(20, func(i int, p *scale.Point) { p.Ends, p.Commits = float64(100-5*i), 0 }),
	}
	for name, past := range none {
		if rates, ok := Measure(past, p); ok {
			t.Errorf("%s: got %+v, want none", name, rates)
		}
	}
	// Ends that went backwards start a new history; what came before does not count.
	rates, ok := Measure(measuretest.Steps(21, func(i int, p *scale.Point) {
		p.Ends = 1e9 + 5000*float64(i)
		if i >= 10 {
			p.Ends = 300 * float64(i)
		}
		p.Commits = p.Ends
	}), p)
	if !ok || !measuretest.Near(rates.Arrival, 20, 0.01) {
		t.Errorf("after a rewind: got %v %v, want 20", rates.Arrival, ok)
	}
}

func TestR105Trend(t *testing.T) {
	tests := []struct {
		name    string
		in, out float64
		want    scale.Trend
	}{
		{"rising", 900, 600, scale.Rising}, {"falling", 450, 800, scale.Falling}, {"stable", 450, 450, scale.Steady}, {"one percent", 450, 446, scale.Steady},
	}
	for _, tt := range tests {
		past := measuretest.Steps(21, func(i int, p *scale.Point) {
			p.Ends, p.Commits = tt.in*15*float64(i), tt.out*15*float64(i)
			p.Lag = p.Ends - p.Commits
		})
		trend, change := TrendOf(past, measuretest.TestPolicy())
		if trend != tt.want || !measuretest.Near(change, tt.in-tt.out, 0.01) && tt.in != tt.out {
			t.Errorf("%s: got %s by %v", tt.name, trend, change)
		}
	}
	if trend, _ := TrendOf(nil, measuretest.TestPolicy()); trend != scale.TrendUnknown {
		t.Errorf("no history: got %s", trend)
	}
}

func TestTrendIgnoresCommitsInBursts(t *testing.T) {
	// Commits every 30 s of 450 msg/s make lag swing by 13,500 without a trend.
	past := measuretest.Steps(21, func(i int, p *scale.Point) {
		p.Ends = 450 * 15 * float64(i)
		p.Commits = 450 * 30 * float64(i/2)
		p.Lag = p.Ends - p.Commits
	})
	if trend, change := TrendOf(past, measuretest.TestPolicy()); trend != scale.Steady {
		t.Errorf("got %s by %v, want stable", trend, change)
	}
}
