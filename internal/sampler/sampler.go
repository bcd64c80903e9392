package sampler

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/scale"
)

// The sampler's own bounds, in wall time.
const (
	// sampleFloor keeps a fast clock from turning the sampling into a busy loop.
	sampleFloor = 250 * time.Millisecond
	// readTimeout ends a reading, and the reading of the past, whose adapters do not keep
	// their own deadlines.
	readTimeout = 15 * time.Second
	// pastAtOnce is for how many components the past is read at the same time.
	pastAtOnce = 8
)

// Sampler holds the newest snapshot of every component, and one history of each.
type Sampler struct {
	*Config

	mu    sync.Mutex
	seen  map[string]*seen
	round time.Time
	// hot is until when a component is sampled at the live pace, and hasty until when all its
	// parts but the workload are.
	hot, hasty map[string]time.Time
	// follows are the workloads that watches follow. background starts goroutines that live as
	// long as Run; it is nil while Run is not running.
	follows    map[string]*following
	background func(func(context.Context))
	// readings are the fresh readings in progress.
	readings map[readingOf]*pendingReading
	// window is a reusable buffer for measuring rates.
	window []scale.Point
}

// seen is what the sampler knows of one component; mu of the Sampler guards it.
type seen struct {
	snapshot scale.Snapshot
	history  *history
	rates    partitionRates
	group    groupTrack
	// partitions is the last count that Kafka reported.
	partitions scale.Reading[int]
	perPod     perPodTrack
	// groupType is the type of the group as it was last seen.
	groupType scale.GroupType
	observed  bool
}

// New returns a sampler that has seen nothing yet.
func New(c *Config) *Sampler {
	s := &Sampler{
		Config: c, seen: map[string]*seen{}, hot: map[string]time.Time{}, hasty: map[string]time.Time{}, follows: map[string]*following{}, readings: map[readingOf]*pendingReading{},
	}
	longest := c.LongestWindow() + 10*time.Minute
	for _, component := range c.Book.Components {
		s.seen[component.Name] = &seen{history: newHistory(c.Policy.Times.Sample, longest, c.Policy.Times.Gap)}
	}
	return s
}

// Run samples until the context ends, and calls follow with the components of each round. It
// returns when everything it has started has ended.
func (s *Sampler) Run(ctx context.Context, follow func(context.Context, []scale.Component)) error {
	r := newRounds(s)
	defer r.end()
	s.runs(func(work func(context.Context)) { r.group.Go(func() { work(ctx) }) })
	defer s.runs(nil)
	r.group.Go(func() { s.backfill(ctx) })
	next := make(chan []scale.Component, 1)
	defer close(next)
	r.group.Go(func() {
		for components := range next {
			if ctx.Err() == nil {
				follow(ctx, components)
			}
		}
	})
	ticker := s.Clock.NewTicker(s.Policy.Times.Live, sampleFloor)
	defer ticker.Stop()
	for {
		if due, ordinary := s.due(s.Clock.Now()); len(due) > 0 {
			r.round(ctx, due, ordinary)
			hand(next, due)
		}
		for tick := false; !tick; {
			select {
			case <-ctx.Done():
				return nil
			case <-ticker.C:
				tick = true
			case <-r.all.late:
				hand(next, r.catchUp(ctx, &r.all))
			case <-r.few.late:
				hand(next, r.catchUp(ctx, &r.few))
			}
		}
	}
}

// runs sets how to start what lives as long as Run, or that Run is over.
func (s *Sampler) runs(background func(func(context.Context))) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.background = background
}

// hand sends the components of a round to a channel that holds one list. If the previous list is
// still there, the two are sent as one. Only one goroutine may send to the channel.
func hand(next chan []scale.Component, due []scale.Component) {
	select {
	case before := <-next:
		if len(before) > len(due) {
			before, due = due, before
		}
		due = together(due, before)
	default:
	}
	next <- due
}

// together is the first list plus what only the second one has.
func together(a, b []scale.Component) []scale.Component {
	has := map[string]bool{}
	for _, c := range a {
		has[c.Name] = true
	}
	all := a[:len(a):len(a)]
	for _, c := range b {
		if !has[c.Name] {
			all = append(all, c)
		}
	}
	return all
}

// due lists the components whose sample is due: all of them at the ordinary pace, those that
// change or are watched at the live pace. ordinary says that it is the round of all.
func (s *Sampler) due(now time.Time) (due []scale.Component, ordinary bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.round) >= s.Policy.Times.Sample-s.Policy.Times.Live/2 {
		s.round = now
		return s.Book.Components, true
	}
	for _, c := range s.Book.Components {
		if now.Before(s.hot[c.Name]) || now.Before(s.hasty[c.Name]) {
			due = append(due, c)
		}
	}
	return due, false
}

// Heat asks for the live pace for a component for a while.
func (s *Sampler) Heat(component string, length time.Duration) {
	until := s.Clock.Now().Add(length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.hot[component]) {
		s.hot[component] = until
	}
}

// LastSample is when the newest round was finished, zero before the first.
func (s *Sampler) LastSample() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	var newest time.Time
	for _, one := range s.seen {
		if !one.observed {
			return time.Time{}
		}
		if one.snapshot.At.After(newest) {
			newest = one.snapshot.At
		}
	}
	return newest
}

// Snapshot is the newest one of a component; everything in it is unknown before the
// first sample.
func (s *Sampler) Snapshot(component string) scale.Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.seen[component]; ok && one.observed {
		return one.snapshot
	}
	return scale.Snapshot{Component: component, At: s.Clock.Now()}
}

// Past returns the component's points of the given length until now, oldest first.
func (s *Sampler) Past(component string, length time.Duration) []scale.Point {
	return s.AppendPast(nil, component, length)
}

// AppendPast appends the component's points of the given length until now to the given slice. A
// caller that goes through many components can reuse one slice.
func (s *Sampler) AppendPast(out []scale.Point, component string, length time.Duration) []scale.Point {
	from := s.Clock.Now().Add(-length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.seen[component]; ok {
		return one.history.appendSince(out, from)
	}
	return out
}

// backfill reads the past from the metrics source once, so that windows of hours are filled soon
// after a start. Rounds do not wait for it.
func (s *Sampler) backfill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	now := s.Clock.Now()
	var group errgroup.Group
	group.SetLimit(pastAtOnce)
	for _, c := range s.Book.Components {
		group.Go(func() error {
			defer s.Survive(ctx, "reading the past of "+c.Name)
			points, err := s.Metrics.History(ctx, c, now.Add(-s.LongestWindow()), now, s.Policy.Times.Sample)
			if err != nil {
				s.Log.WarnContext(ctx, "the past of a component could not be read", "component", c.Name, "error", err)
				return nil
			}
			s.Precede(c.Name, points)
			return nil
		})
	}
	_ = group.Wait()
}

// Precede inserts points that are older than everything seen of a component, oldest first. An
// unknown component has no past.
func (s *Sampler) Precede(component string, points []scale.Point) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.seen[component]; ok {
		one.history.precede(points)
	}
}
