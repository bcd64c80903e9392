package metrics

import (
	"math"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// past is a list of points at equal distances.
type past struct {
	since  time.Time
	step   time.Duration
	points []scale.Point
}

// clear makes every value of every point a missing one.
func (p *past) clear() {
	missing := float32(scale.Missing)
	for i := range p.points {
		p.points[i] = scale.Point{
			At:  p.since.Add(time.Duration(i) * p.step),
			Lag: scale.Missing, Ends: scale.Missing, Commits: scale.Missing,
			Replicas: missing, CPU: missing, Memory: missing,
			Errors: missing, Latency: missing, Throughput: missing,
		}
	}
}

// index is the point a moment belongs to.
func (p *past) index(at time.Time) (int, bool) {
	i := int(math.Round(float64(at.Sub(p.since)) / float64(p.step)))
	return i, i >= 0 && i < len(p.points)
}

// sum adds up several series by moment. The result has one sample per point, with a
// missing value where no series has one.
func (p *past) sum(of []row) []sample {
	out := make([]sample, len(p.points))
	for i := range out {
		out[i].value = scale.Missing
	}
	for _, s := range of {
		for _, one := range s.samples {
			i, ok := p.index(one.at)
			if !ok || math.IsNaN(one.value) || math.IsInf(one.value, 0) {
				continue
			}
			if scale.IsMissing(out[i].value) {
				out[i].value = 0
			}
			out[i].value += one.value
		}
	}
	return out
}

// fill writes the numbers into the points. Without messages there is no error rate. A percentile
// equal to the largest bucket bound is a lower bound, because inside a bucket it would be
// smaller.
func (p *past) fill(consumed, errs, latency, longest []sample) {
	for i := range p.points {
		messages, failures := valueAt(consumed, i), valueAt(errs, i)
		p.points[i].Throughput = float32(messages)
		p95 := valueAt(latency, i)
		p.points[i].Latency, p.points[i].LatencyAtLeast = float32(p95), p95 == valueAt(longest, i)
		if messages > 0 && !scale.IsMissing(failures) {
			p.points[i].Errors = float32(min(1, failures/messages))
		}
	}
}

func valueAt(of []sample, i int) float64 {
	if i >= len(of) {
		return scale.Missing
	}
	return of[i].value
}

// known are the points with at least one known value.
func (p *past) known() []scale.Point {
	var out []scale.Point
	for _, point := range p.points {
		if !isNaN32(point.Throughput) || !isNaN32(point.Latency) || !isNaN32(point.Errors) {
			out = append(out, point)
		}
	}
	return out
}

func isNaN32(v float32) bool { return math.IsNaN(float64(v)) }
