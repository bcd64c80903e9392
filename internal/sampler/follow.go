package sampler

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// followPause is how long a watch that broke rests before it is set up again, in wall time.
const followPause = 2 * time.Second

// viewPatience is how long a glance waits for a watch that was just asked for, in wall time.
const viewPatience = time.Second

// following is a workload that is kept in view by a watch.
type following struct {
	// end ends it when nobody has asked for it any more.
	end *time.Timer
	// inView says that the watch stands. While it does not, the workload is read at the live
	// pace.
	inView bool
	// told is closed when the watch has told something for the first time, or has failed to.
	told chan struct{}
	once sync.Once
}

// sets notes whether the watch stands; the Sampler's mu guards it.
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

// Follow is Hasten, and keeps the component's workload in view by a watch meanwhile. What the
// watch tells is recorded at once. Asking again prolongs it. While nothing runs, it does
// nothing: what is not followed is read.
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

// viewed records what a watch tells.
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

// Glance is See, but takes the workload from the watch that follows it, where one does. A watch
// may be silent because nothing happens or because it is broken, so what it told, or what was
// read since, counts for half the time after which a reading is stale. Nothing may be decided
// for good on a glance: it says when it is worth looking.
func (s *Sampler) Glance(ctx context.Context, c scale.Component, parts Parts) (scale.Snapshot, error) {
	s.awaitView(ctx, c.Name)
	if s.followed(c.Name) {
		parts &^= Workload
	}
	return s.See(ctx, c, parts)
}

// awaitView waits a moment for a watch that was just asked for.
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

// followed reports whether the newest snapshot's workload may stand for a reading of its own.
func (s *Sampler) followed(component string) bool {
	now := s.Clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.follows[component]
	return f != nil && f.inView && s.seen[component].snapshot.Workload.CurrentAt(now, s.Policy.Times.Stale/2).Known()
}

// polled are those of the few components of a round at the live pace whose workload is to be
// read: somebody looks at them, or the watch that should follow them does not stand.
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
