package scale

import (
	"math"
	"time"
)

// Point is one sample of a component, small enough to keep thousands. A value that is not known
// is NaN, so that nothing mistakes it for zero.
type Point struct {
	At time.Time
	// Lag is the total in messages; only complete readings count.
	Lag float64
	// Ends and Commits are the sums of end offsets and commits over the partitions;
	// they only serve to measure rates.
	Ends, Commits float64
	// Moving says that the group was rebalancing or its membership changed, so that
	// this point's commits say nothing about capacity.
	Moving bool
	// Replicas is the desired count.
	Replicas float32
	// CPU and Memory are shares of the bound the rules judge; Errors is the failing
	// share, Latency seconds, Throughput messages per second.
	CPU, Memory, Errors, Latency, Throughput float32
	// LatencyAtLeast says that Latency is a lower bound.
	LatencyAtLeast bool
}

// Wanted is the desired replica count of the sample, if it was known.
func (p Point) Wanted() (int, bool) {
	if IsMissing(float64(p.Replicas)) || p.Replicas < 0 {
		return 0, false
	}
	return int(p.Replicas), true
}

// Missing is the value of a Point's field that was not known.
var Missing = math.NaN()

// IsMissing reports whether a Point's value was not known.
func IsMissing(v float64) bool { return math.IsNaN(v) }
