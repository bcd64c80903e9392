package scale

import (
	"math"
	"testing"
	"time"
)

// steps is a history with one point every 15 seconds, ending now.
func steps(n int, point func(i int, p *Point)) []Point {
	points := make([]Point, n)
	for i := range points {
		points[i] = Point{At: start.Add(-time.Duration(n-1-i) * 15 * time.Second), Replicas: 6}
		point(i, &points[i])
	}
	return points
}

func near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*math.Abs(want) }

func TestMeasureTakesArrivalsAndConsumptionApart(t *testing.T) {
	p := testPolicy()
	rates, ok := Measure(steps(21, func(i int, p *Point) {
		p.Ends, p.Commits = 700*15*float64(i), 600*15*float64(i)
	}), p)
	if !ok || !near(rates.Arrival, 700, 0.001) || !near(rates.Consumption, 600, 0.001) || rates.Over != 5*time.Minute {
		t.Errorf("got %+v %v", rates, ok)
	}
	if rates.ArrivalSpread > 1 {
		t.Errorf("steady arrivals: got a spread of %v", rates.ArrivalSpread)
	}
}

func TestMeasureDropsTheRebalance(t *testing.T) {
	commits := 0.0
	rates, ok := Measure(steps(21, func(i int, p *Point) {
		p.Ends = 700 * 15 * float64(i)
		// Two points of standstill, then one more marked as moving.
		p.Moving = i >= 10 && i <= 12
		if i > 0 && (i < 10 || i > 12) {
			commits += 600 * 15
		}
		p.Commits = commits
	}), testPolicy())
	if !ok || !near(rates.Consumption, 600, 0.001) || !near(rates.Arrival, 700, 0.001) {
		t.Errorf("got %+v %v, want 700 in and 600 out", rates, ok)
	}
}

func TestMeasureFollowsAChangeOfLevel(t *testing.T) {
	ends := 0.0
	rates, ok := Measure(steps(21, func(i int, p *Point) {
		rate := 450.0
		if i > 16 {
			rate = 900
		}
		ends += rate * 15
		p.Ends, p.Commits = ends, 450*15*float64(i)
	}), testPolicy())
	if !ok || !near(rates.Arrival, 900, 0.01) {
		t.Errorf("got %v, want the new level of 900", rates.Arrival)
	}
	if rates.ArrivalSpread < 50 {
		t.Errorf("arrivals that doubled: got a spread of %v", rates.ArrivalSpread)
	}
}

func TestMeasureKnowsWhenItKnowsTooLittle(t *testing.T) {
	p := testPolicy()
	none := map[string][]Point{
		"nothing":   nil,
		"one point": steps(1, func(_ int, p *Point) { p.Ends, p.Commits = 5, 5 }),
		"unknown":   steps(20, func(_ int, p *Point) { p.Ends, p.Commits = Missing, Missing }),
		"gaps": {
			{At: start.Add(-4 * time.Minute), Ends: 1, Commits: 1}, {At: start, Ends: 100, Commits: 100},
		},
		"only rebalancing": steps(20, func(i int, p *Point) { p.Ends, p.Commits, p.Moving = float64(i), float64(i), true }),
		"topic made anew":  steps(20, func(i int, p *Point) { p.Ends, p.Commits = float64(100-5*i), 0 }),
	}
	for name, past := range none {
		if rates, ok := Measure(past, p); ok {
			t.Errorf("%s: got %+v, want none", name, rates)
		}
	}
	// Ends that went backwards start a new history; what came before does not count.
	rates, ok := Measure(steps(21, func(i int, p *Point) {
		p.Ends = 1e9 + 5000*float64(i)
		if i >= 10 {
			p.Ends = 300 * float64(i)
		}
		p.Commits = p.Ends
	}), p)
	if !ok || !near(rates.Arrival, 20, 0.01) {
		t.Errorf("after a rewind: got %v %v, want 20", rates.Arrival, ok)
	}
}

func TestR105Trend(t *testing.T) {
	tests := []struct {
		name    string
		in, out float64
		want    Trend
	}{
		{"rising", 900, 600, Rising}, {"falling", 450, 800, Falling}, {"stable", 450, 450, Steady}, {"one percent", 450, 446, Steady},
	}
	for _, tt := range tests {
		past := steps(21, func(i int, p *Point) {
			p.Ends, p.Commits = tt.in*15*float64(i), tt.out*15*float64(i)
			p.Lag = p.Ends - p.Commits
		})
		trend, change := trendOf(past, testPolicy())
		if trend != tt.want || !near(change, tt.in-tt.out, 0.01) && tt.in != tt.out {
			t.Errorf("%s: got %s by %v", tt.name, trend, change)
		}
	}
	if trend, _ := trendOf(nil, testPolicy()); trend != TrendUnknown {
		t.Errorf("no history: got %s", trend)
	}
}

func TestTrendIgnoresCommitsInBursts(t *testing.T) {
	// Commits every 30 s of 450 msg/s make lag swing by 13,500 without a trend.
	past := steps(21, func(i int, p *Point) {
		p.Ends = 450 * 15 * float64(i)
		p.Commits = 450 * 30 * float64(i/2)
		p.Lag = p.Ends - p.Commits
	})
	if trend, change := trendOf(past, testPolicy()); trend != Steady {
		t.Errorf("got %s by %v, want stable", trend, change)
	}
}

func TestMeasuredCapacityNeedsABacklog(t *testing.T) {
	backlogged := func(rate float64) *world {
		w := calmWorld().lag(60_000)
		w.s.Rates.Value = Rates{Arrival: 900, Consumption: rate}
		w.past = steps(41, func(i int, p *Point) {
			p.Ends, p.Commits, p.Lag = 900*15*float64(i), rate*15*float64(i), 30_000+300*15*float64(i)
		})
		return w
	}
	capacity := func(w *world) Capacity { return w.recommend().Capacity }
	if got := capacity(backlogged(480)); got.Basis != BasisMeasured || !near(got.PerWorker, 80, 0.01) {
		t.Errorf("six busy workers at 480 msg/s: got %+v, want 80 measured", got)
	}
	if got := capacity(calmWorld()); got.Basis != BasisRunbook || got.PerWorker != 100 {
		t.Errorf("no backlog: got %+v, want the runbook's 100", got)
	}
	w := calmWorld()
	w.remember(time.Hour, func(ago time.Duration, p *Point) {
		age := (time.Hour - ago).Seconds()
		p.Ends, p.Commits = 900*age, 900*age
	})
	if got := capacity(w); got.Basis != BasisMeasured || !near(got.PerWorker, 150, 0.01) {
		t.Errorf("150 msg/s each without a backlog: got %+v, want at least 150 measured", got)
	}
	w = backlogged(480)
	w.change(func(l *Workload) { l.Pods[0].Ready = false; l.Ready = 5 })
	if got := capacity(w); got.Basis != BasisRunbook {
		t.Errorf("a pod not ready: got %+v, want the runbook's", got)
	}
	w = backlogged(480)
	for i := range w.past {
		w.past[i].Moving = i == len(w.past)-3
	}
	if got := capacity(w); got.Basis != BasisRunbook {
		t.Errorf("membership changed half a minute ago: got %+v, want the runbook's", got)
	}
	w = backlogged(100)
	partitions := w.s.Lag.Value.Partitions
	for i := range partitions {
		partitions[i].Lag = 0
	}
	partitions[0].Lag = 60_000
	w.s.Lag.Value = SumLag(partitions, nil)
	if got := capacity(w); got.Basis != BasisRunbook {
		t.Errorf("all lag on one partition: got %+v, want the runbook's", got)
	}
}
