package measuretest

import (
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// BusyButQuiet is an idle world with traffic: each partition gets 50 messages a second, so that
// 24 × 50 × 2.5 s = 3,000 of its lag only wait for the next commit.
func BusyButQuiet(lag int64) *World {
	w := IdleWorld()
	w.Lag(lag)
	for i := range w.Now.Lag.Value.Partitions {
		w.Now.Lag.Value.Partitions[i].Arrival = 50
	}
	for i := range w.Past {
		w.Past[i].Lag = float64(lag)
	}
	return w
}

// Steps is a history with one point every 15 seconds, ending now.
func Steps(n int, point func(i int, p *scale.Point)) []scale.Point {
	points := make([]scale.Point, n)
	for i := range points {
		points[i] = scale.Point{At: scaletest.Start.Add(-time.Duration(n-1-i) * 15 * time.Second), Replicas: 6}
		point(i, &points[i])
	}
	return points
}

// Near reports whether two rates are the same but for rounding.
func Near(got, want, tolerance float64) bool { return math.Abs(got-want) <= tolerance*math.Abs(want) }

// IdleWorld has had little to do for more than four hours.
func IdleWorld() *World {
	w := CalmWorld().Workers(9)
	w.Now.Group.Value = GroupOf(9, 24)
	w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.MemoryLimit = 0.2, 0.3
	w.Now.Rates.Value = scale.Rates{Arrival: 300, Consumption: 300, Over: 5 * time.Minute}
	w.Idle(0, func(time.Duration, *scale.Point) {})
	return w
}

// Idle makes the past quiet enough for a scale-down, and then applies the edit.
func (w *World) Idle(_ int, edit func(time.Duration, *scale.Point)) {
	w.Remember(4*time.Hour, func(ago time.Duration, p *scale.Point) {
		age := (4*time.Hour - ago).Seconds()
		p.Ends, p.Commits = 1e6+300*age, 1e6+300*age
		p.CPU, p.Memory = 0.2, 0.3
		edit(ago, p)
	})
}

// SlowDown simulates a calm group whose workers suddenly become slower: each did 75 msg/s of the
// 450 that arrive, and then does the given share of that for the given time.
func (w *World) SlowDown(share float64, since time.Duration) *World {
	kept := 450 * share
	w.Remember(70*time.Minute, func(ago time.Duration, p *scale.Point) {
		if ago < since {
			late := (since - ago).Seconds()
			p.Commits -= (450 - kept) * late
			p.Lag = (450 - kept) * late
		}
	})
	w.Lag(int64(w.Past[len(w.Past)-1].Lag) + 1)
	w.Now.Rates.Value.Consumption = kept
	return w
}
