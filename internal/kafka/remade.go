package kafka

import (
	"context"
	"time"
)

// birth identifies the topic behind a name. A topic that is deleted and created again has another
// id under the same name.
type birth struct {
	id [16]byte
	// remade is when a different id was first seen under the name; zero while it has its first
	// one.
	remade time.Time
	seen   time.Time
}

// recognise compares the ids of a new layout with those seen before; r.mu is held. A name that
// was not requested for a while is dropped. Brokers before 2.8 have no ids, and then a recreated
// topic is not noticed here.
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

// startOver repeats the sweep once when a topic seems to have been deleted and created again: its
// shape has changed, or its offsets went back, which never happens within one topic. Known
// partitions, starts and leaders may be those of the deleted topic, so all are read again.
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
