package sampler

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// followPause is how long the bot waits before it sets up a broken watch again, in wall time.
const followPause = 2 * time.Second

// viewPatience is how long Glance waits for the first state from a watch that was just requested,
// in wall time.
const viewPatience = time.Second

// following is a workload that is followed by a watch.
type following struct {
	// end stops it when nobody has asked for it for a while.
	end *time.Timer
	// inView says that the watch is established. While it is not, the workload is read at the
	// live pace.
	inView bool
	// told is closed when the watch has delivered its first state, or has failed to.
	told chan struct{}
	once sync.Once
}

// sets records whether the watch is established; the Sampler's mu guards it.
func (f *following) sets(inView bool) {
	f.inView = inView
	f.once.Do(func() { close(f.told) })
}

// Hasten asks for the live pace of a component's lag, group and signals for a while. Its
// workload is sampled at the ordinary pace.
func (s *Sampler) Hasten(component string, length time.Duration) {
	until := s.Clock.Now().Add(length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.hasty[component]) {
		s.hasty[component] = until
	}
}

// Follow does what Hasten does, and follows the component's workload by a watch meanwhile. Each
// state from the watch is recorded at once. Another call prolongs it. While Run is not running it
// does nothing: the workload is then read in rounds.
func (s *Sampler) Follow(c scale.Component, length time.Duration) {
	s.Hasten(c.Name, length)
	wall := time.Duration(float64(length) / s.Clock.Speed())
	s.mu.Lock()
	defer s.mu.Unlock()
	if f, ok := s.follows[c.Name]; ok {
		f.end.Reset(wall)
		return
	}
	if s.background == nil {
		return
	}
	over, end := context.WithCancel(context.Background())
	f := &following{end: time.AfterFunc(wall, end), told: make(chan struct{})}
	s.follows[c.Name] = f
	s.background(func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(over, cancel)()
		defer f.end.Stop()
		s.follow(ctx, c, f)
	})
}

// follow sets the watch up again and again until its time is over.
func (s *Sampler) follow(ctx context.Context, c scale.Component, f *following) {
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.follows, c.Name)
	}()
	defer s.Survive(ctx, "following "+c.Name)
	pause := time.NewTicker(followPause)
	defer pause.Stop()
	for ctx.Err() == nil {
		err := s.Cluster.Follow(ctx, c, func(w scale.Reading[scale.Workload]) { s.viewed(c, f, w) })
		s.outOfView(f)
		if ctx.Err() == nil {
			s.Log.InfoContext(ctx, "a watch ended, the workload is read instead", "component", c.Name, "error", err)
		}
		select {
		case <-ctx.Done():
		case <-pause.C:
		}
	}
}

// viewed records a state from a watch.
func (s *Sampler) viewed(c scale.Component, f *following, w scale.Reading[scale.Workload]) {
	snap := unread(c.Name, s.Clock.Now())
	snap.Workload = w
	s.Record(c, snap, true)
	s.mu.Lock()
	defer s.mu.Unlock()
	f.sets(w.Known())
}

func (s *Sampler) outOfView(f *following) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f.sets(false)
}

// Glance does what See does, but takes the workload from the watch that follows it, where there
// is one. A silent watch may be idle or broken, so its last state counts only for half the time
// after which a reading is stale. A final decision must not rest on a Glance: it only says when a
// See is worthwhile.
func (s *Sampler) Glance(ctx context.Context, c scale.Component, parts Parts) (scale.Snapshot, error) {
	s.awaitView(ctx, c.Name)
	if s.followed(c.Name) {
		parts &^= Workload
	}
	return s.See(ctx, c, parts)
}

// awaitView waits a moment for a watch that was just requested.
func (s *Sampler) awaitView(ctx context.Context, component string) {
	s.mu.Lock()
	f := s.follows[component]
	s.mu.Unlock()
	if f == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, viewPatience)
	defer cancel()
	select {
	case <-f.told:
	case <-ctx.Done():
	}
}

// followed reports whether the newest snapshot's workload can be used in place of a reading.
func (s *Sampler) followed(component string) bool {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.follows[component]
	return f != nil && f.inView && s.seen[component].snapshot.Workload.CurrentAt(now, s.Policy.Times.Stale/2).Known()
}

// polled are the components of a live round whose workload has to be read: somebody asked for it,
// or the watch that should follow it is not established.
func (s *Sampler) polled(components []scale.Component) []scale.Component {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	var polled []scale.Component
	for _, c := range components {
		f := s.follows[c.Name]
		if now.Before(s.hot[c.Name]) || f != nil && !f.inView {
			polled = append(polled, c)
		}
	}
	return polled
}
