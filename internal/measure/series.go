package measure

import (
	"math"
	"slices"
	"sort"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Series is the bounded history of one component, oldest first. The zero Series stores nothing;
// make one with NewSeries. Points are packed, because a fleet has hundreds of thousands of them.
type Series struct {
	points []packed
	first  int
	limit  int
}

// packed is a Point in two thirds of its memory. Its time counts half nanoseconds, and an odd
// count means that the group was moving. A negative latency is a lower bound.
type packed struct {
	at                                                 int64
	lag, ends, commits                                 float64
	replicas, cpu, memory, errors, latency, throughput float32
}

func pack(p scale.Point) packed {
	at := p.At.UnixNano() << 1
	if p.Moving {
		at |= 1
	}
	latency := p.Latency
	if p.LatencyAtLeast {
		latency = -latency
	}
	return packed{at, p.Lag, p.Ends, p.Commits, p.Replicas, p.CPU, p.Memory, p.Errors, latency, p.Throughput}
}

func (p *packed) time() time.Time { return time.Unix(0, p.at>>1) }

func (p *packed) point() scale.Point {
	latency := p.latency
	least := math.Signbit(float64(latency)) && !scale.IsMissing(float64(latency))
	if least {
		latency = -latency
	}
	return scale.Point{
		At: p.time(), Lag: p.lag, Ends: p.ends, Commits: p.commits, Moving: p.at&1 == 1,
		Replicas: p.replicas, CPU: p.cpu, Memory: p.memory, Errors: p.errors, Latency: latency, Throughput: p.throughput, LatencyAtLeast: least,
	}
}

// leastPoints is the initial capacity of a series.
const leastPoints = 8

// NewSeries returns a history that keeps the newest limit points.
func NewSeries(limit int) *Series { return &Series{limit: limit} }

// Add appends a point. A point that is not newer than the last one is dropped,
// because a clock that stepped back must not reorder history.
func (s *Series) Add(p scale.Point) {
	if s.limit <= 0 || (s.Len() > 0 && !p.At.After(s.Last().At)) {
		return
	}
	if len(s.points) < s.limit {
		if n := len(s.points); n == cap(s.points) {
			// The capacity stops at the limit: append would over-allocate by a third for good.
			s.points = append(make([]packed, 0, min(s.limit, max(leastPoints, 2*n))), s.points...)
		}
		s.points = append(s.points, pack(p))
		return
	}
	s.points[s.first] = pack(p)
	s.first = (s.first + 1) % len(s.points)
}

// Len is how many points are kept.
func (s *Series) Len() int { return len(s.points) }

// Index returns the i-th point, 0 being the oldest.
func (s *Series) Index(i int) scale.Point { return s.at(i).point() }

func (s *Series) at(i int) *packed { return &s.points[(s.first+i)%len(s.points)] }

// Last returns the newest point; the zero Point when there is none.
func (s *Series) Last() scale.Point {
	if s.Len() == 0 {
		return scale.Point{}
	}
	return s.Index(s.Len() - 1)
}

// Since returns a copy of the points at or after t, oldest first.
func (s *Series) Since(t time.Time) []scale.Point {
	return s.AppendSince(make([]scale.Point, 0, s.Len()-s.search(t)), t)
}

// AppendSince appends the points at or after t to those given, oldest first.
func (s *Series) AppendSince(out []scale.Point, t time.Time) []scale.Point {
	return s.append(out, s.search(t), s.Len())
}

// AppendBetween appends the points at or after from and before until to those given, oldest
// first.
func (s *Series) AppendBetween(out []scale.Point, from, until time.Time) []scale.Point {
	return s.append(out, s.search(from), s.search(until))
}

// search is the index of the first point at or after t.
func (s *Series) search(t time.Time) int {
	return sort.Search(s.Len(), func(i int) bool { return !s.at(i).time().Before(t) })
}

func (s *Series) append(out []scale.Point, from, until int) []scale.Point {
	out = slices.Grow(out, max(0, until-from))
	for i := from; i < until; i++ {
		out = append(out, s.at(i).point())
	}
	return out
}

// SparkPoints bounds the small line of lag on a card.
const SparkPoints = 20
