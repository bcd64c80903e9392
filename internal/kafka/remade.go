package kafka

import (
	"context"
	"time"
)

// birth is the topic that a name stands for. A topic that is deleted and created again has
// another id under the same name.
type birth struct {
	id [16]byte
	// remade is when another id was first seen under the name; zero while it has its first one.
	remade time.Time
	seen   time.Time
}

// recognise compares the ids of a fresh layout with those seen before; r.mu is held. A name
// that nobody has asked for in a while is forgotten. Brokers before 2.8 have no ids, and
// then nothing is noticed.
func (r *Reader) recognise(newest *layout) {
	now := r.config.Clock.Now()
	for name, b := range r.births {
		if now.Sub(b.seen) >= wantAge {
			delete(r.births, name)
		}
	}
	for name, t := range newest.topics {
		if t.id == ([16]byte{}) {
			continue
		}
		b, known := r.births[name]
		if known && b.id != t.id {
			b.remade = now
		}
		b.id, b.seen = t.id, now
		r.births[name] = b
	}
}

// remade returns those of the topics that were deleted and created again since the reader first
// saw them, and when it noticed.
func (r *Reader) remade(names []string) map[string]time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out map[string]time.Time
	for _, name := range names {
		if at := r.births[name].remade; !at.IsZero() {
			if out == nil {
				out = make(map[string]time.Time)
			}
			out[name] = at
		}
	}
	return out
}

// startOver makes the sweep anew, once, when a topic seems to have been deleted and created
// again: its shape has changed, or its offsets went back, which they never do in the same
// topic. Partitions, starts and leaders may be those of the deleted topic, so nothing is kept
// from before.
func (s *sweep) startOver(ctx context.Context) {
	if len(s.fallen) == 0 || ctx.Err() != nil {
		return
	}
	newest, err := s.reader.refresh(ctx, s.wants, nil)
	if err != nil {
		s.reader.distrust()
		return
	}
	s.layout, s.fallen = newest, nil
	clear(s.ends)
	s.measure(ctx)
	s.readAgain(ctx)
}
