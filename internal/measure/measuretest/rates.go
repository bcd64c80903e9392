package measuretest

import (
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

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
