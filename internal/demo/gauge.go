package demo

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
)

const (
	// gaugeEvery is how often offsets are recorded, in world time, and gaugeFloor the least wall
	// time between two records.
	gaugeEvery = 5 * time.Second
	gaugeFloor = 250 * time.Millisecond
	// gaugeSpan is the time over which rates are computed, in world time. gaugeNotes bounds the
	// number of notes, and leastNotes of them are retained even when they are older.
	gaugeSpan  = time.Minute
	gaugeNotes = 64
	leastNotes = 6
)

// gauge measures each component from outside: what arrives, what is committed, and what is left
// to read.
type gauge struct {
	broker *broker
	clock  pace.Clock

	mu    sync.Mutex
	notes map[string][]note
}

// note is the sum of a component's offsets at one moment.
type note struct {
	at             time.Time
	end, committed int64
	lag            int64
}

func newGauge(b *broker, clock pace.Clock) *gauge {
	return &gauge{broker: b, clock: clock, notes: map[string][]note{}}
}

// run records notes until the context ends.
func (g *gauge) run(ctx context.Context) {
	ticker := g.clock.NewTicker(gaugeEvery, gaugeFloor)
	defer ticker.Stop()
	for {
		for _, c := range g.broker.components {
			g.sample(c)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

func (g *gauge) sample(c component) {
	n := g.measure(c)
	g.mu.Lock()
	defer g.mu.Unlock()
	notes := append(g.notes[c.name], n)
	for len(notes) > gaugeNotes || len(notes) > leastNotes && n.at.Sub(notes[1].at) >= gaugeSpan {
		notes = notes[1:]
	}
	g.notes[c.name] = notes
}

// measure reads a component's offsets now.
func (g *gauge) measure(c component) note {
	n := note{at: g.clock.Now()}
	for _, partitions := range g.broker.read(c) {
		for _, m := range partitions {
			n.end += m.end
			n.committed += m.committed
			n.lag += m.lag()
		}
	}
	return n
}

// rates are messages per second over the recent notes; ok is false while there are fewer than two
// notes.
func (g *gauge) rates(name string) (arrival, consumption float64, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	notes := g.notes[name]
	if len(notes) < 2 {
		return 0, 0, false
	}
	first, last := notes[0], notes[len(notes)-1]
	seconds := last.at.Sub(first.at).Seconds()
	if seconds <= 0 {
		return 0, 0, false
	}
	return float64(last.end-first.end) / seconds, float64(last.committed-first.committed) / seconds, true
}
