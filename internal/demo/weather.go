package demo

import (
	"maps"
	"sync"
	"time"
)

// weather is everything that acts on the world at one moment: traffic, incidents, and who owns a
// count. It is a value: readers take a copy, and its map is replaced, never changed in place.
type weather struct {
	scenario string
	// since is when the scenario began on the world's clock, and sinceWall the same
	// moment on the wall, which is what the records' timestamps show.
	since, sinceWall time.Time
	// arrival is the traffic of each component in messages per second.
	arrival map[string]float64
	// busyUntil is when raised traffic falls back to normal; zero means it does not.
	busyUntil time.Time
	// hot sends most downloads to one partition; poison puts a message that cannot be
	// handled on one; slow makes the external service behind the downloads slow.
	hot, poison, slow bool
	// fullNodes fills the nodes with other people's pods; badImage makes the registry
	// refuse the workers' image.
	fullNodes, badImage bool
	// owner is who manages the replica count of the download workers.
	owner ownerKind
	// metricsDown makes the workers' metrics and the metrics API fail.
	metricsDown bool
	// skipBefore makes workers skip older records, by the wall clock.
	skipBefore time.Time
}

// ownerKind is who manages a replica count besides people.
type ownerKind int

const (
	ownerNone ownerKind = iota
	ownerHPA
	ownerKEDA
)

// climate holds the present weather.
type climate struct {
	mu      sync.Mutex
	current weather
}

func (c *climate) now() weather {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.current
}

func (c *climate) set(w weather) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = w
}

// setArrival changes the traffic of one component until the next scenario.
func (c *climate) setArrival(name string, rate float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current.arrival = maps.Clone(c.current.arrival)
	c.current.arrival[name] = rate
	if name == downloadWorker {
		c.current.busyUntil = time.Time{}
	}
}

// calmDown ends raised traffic whose time is over. Other effects of the scenario remain; a
// scenario with nothing but traffic ends.
func (c *climate) calmDown(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current.busyUntil.IsZero() || now.Before(c.current.busyUntil) {
		return
	}
	c.current.busyUntil = time.Time{}
	c.current.arrival = normalTraffic()
	if c.current.scenario == "spike" {
		c.current.scenario = "calm"
	}
}

func normalTraffic() map[string]float64 {
	rates := map[string]float64{}
	for _, c := range pipeline {
		rates[c.name] = c.arrival
	}
	return rates
}

// downstreamShare is the capacity of the slow external service compared to normal times.
const downstreamShare = 1.0 / 8

// service says how fast one of n workers of a component handles messages in this weather, in
// messages per second, and how long one message takes in seconds. The worker's slots connect the
// two (Little's law). A slow external service is shared: its total does not grow with the number
// of workers, so more workers only make every download wait longer.
func (w weather) service(c component, n int) (rate, seconds float64) {
	rate = c.capacity
	if w.slow && c.downloads {
		shared := c.capacity * float64(c.replicas) * downstreamShare
		rate = min(rate, shared/float64(max(n, 1)))
	}
	return rate, 0.8 * c.slots / rate
}
