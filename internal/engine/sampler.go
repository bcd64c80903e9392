package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/singleflight"

	"github.com/scalebot/scalebot/internal/scale"
)

// The sampler's own bounds, in wall time.
const (
	// sampleFloor keeps a fast clock from turning the sampling into a busy loop.
	sampleFloor = 250 * time.Millisecond
	// sampleTimeout ends a round whose adapters do not keep their own deadlines.
	sampleTimeout = 15 * time.Second
	// sampleParallel is how many components are read at once.
	sampleParallel = 8
	// slowEvery is how often what changes seldom is read: owners and free room; time on
	// the runbook's clock.
	slowEvery = time.Minute
)

// Sampler keeps what was seen of every component: the newest snapshot, and one series
// that serves every view.
type Sampler struct {
	*core
	flights singleflight.Group

	mu    sync.Mutex
	seen  map[string]*seen
	round time.Time
	// hot holds until when a component is sampled at the live pace.
	hot map[string]time.Time
}

// seen is what the sampler knows of one component; mu of the Sampler guards it.
type seen struct {
	snapshot scale.Snapshot
	history  *history
	rates    partitionRates
	slowAt   time.Time
	group    groupTrack
	observed bool
}

func newSampler(c *core) *Sampler {
	s := &Sampler{core: c, seen: map[string]*seen{}, hot: map[string]time.Time{}}
	down := c.policy.Down
	longest := max(down.Lag.For, down.CPU.For, down.Memory.For, fineSpan) + 10*time.Minute
	for _, component := range c.Book.Components {
		s.seen[component.Name] = &seen{history: newHistory(c.policy.Times.Sample, longest)}
	}
	return s
}

// run samples until the context ends and calls after with what each round has read.
func (s *Sampler) run(ctx context.Context, after func(context.Context, []scale.Component)) error {
	s.backfill(ctx)
	ticker := s.Clock.NewTicker(s.policy.Times.Live, sampleFloor)
	defer ticker.Stop()
	for {
		if due := s.due(s.Clock.Now()); len(due) > 0 {
			s.sample(ctx, due)
			after(ctx, due)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// due lists the components whose sample is due: all of them at the ordinary pace, those
// being changed or watched at the live one.
func (s *Sampler) due(now time.Time) []scale.Component {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now.Sub(s.round) >= s.policy.Times.Sample-s.policy.Times.Live/2 {
		s.round = now
		return s.Book.Components
	}
	var due []scale.Component
	for _, c := range s.Book.Components {
		if now.Before(s.hot[c.Name]) {
			due = append(due, c)
		}
	}
	return due
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
	from := s.Clock.Now().Add(-length)
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.seen[component]; ok {
		return one.history.since(from)
	}
	return nil
}

// Look reads one component afresh. Callers at the same moment share one reading.
func (s *Sampler) Look(ctx context.Context, c scale.Component) (scale.Snapshot, error) {
	flight := s.flights.DoChan(c.Name, func() (any, error) {
		// One caller's cancellation must not fail the others.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sampleTimeout)
		defer cancel()
		snapshot := scale.Snapshot{Component: c.Name, At: s.Clock.Now()}
		func() {
			defer s.survive(ctx, "looking at "+c.Name)
			snapshot = s.read(ctx, []scale.Component{c}, true)[0]
		}()
		return snapshot, nil
	})
	select {
	case <-ctx.Done():
		return scale.Snapshot{}, ctx.Err()
	case result := <-flight:
		return result.Val.(scale.Snapshot), nil
	}
}

// sample reads the given components for the series.
func (s *Sampler) sample(ctx context.Context, components []scale.Component) {
	ctx, cancel := context.WithTimeout(ctx, sampleTimeout)
	defer cancel()
	defer s.survive(ctx, "sampling")
	s.read(ctx, components, false)
}

// read gathers everything of the given components, in parallel and each part on its
// own, and records it. A fresh reading stands on what it got now; a sample may keep a
// part that failed just now and was read a moment before, with its age.
func (s *Sampler) read(ctx context.Context, components []scale.Component, fresh bool) []scale.Snapshot {
	snapshots := make([]scale.Snapshot, len(components))
	lags, groups := map[string]scale.Reading[scale.Lag]{}, map[string]scale.Reading[scale.Group]{}
	var group errgroup.Group
	group.SetLimit(sampleParallel)
	group.Go(func() error { lags = s.Kafka.Lags(ctx, components); return nil })
	group.Go(func() error { groups = s.Kafka.Groups(ctx, components); return nil })
	for i, c := range components {
		group.Go(func() error {
			defer s.survive(ctx, "reading "+c.Name)
			snapshots[i] = s.cluster(ctx, c, fresh)
			return nil
		})
	}
	_ = group.Wait()
	if errors.Is(ctx.Err(), context.Canceled) && !fresh {
		return snapshots
	}
	for i, c := range components {
		snapshots[i].Lag, snapshots[i].Group = lags[c.Name], groups[c.Name]
		snapshots[i] = s.record(c, snapshots[i], fresh)
	}
	return snapshots
}

// cluster reads workload, usage and signals of one component, and owner and room where
// they are due.
func (s *Sampler) cluster(ctx context.Context, c scale.Component, fresh bool) scale.Snapshot {
	snap := scale.Snapshot{Component: c.Name}
	snap.Workload = s.Cluster.Workload(ctx, c)
	w, known := snap.Workload.Get()
	var group errgroup.Group
	if known {
		group.Go(func() error { snap.Usage = s.Cluster.Usage(ctx, c, w); return nil })
	}
	group.Go(func() error { snap.Signals = s.Metrics.Signals(ctx, c, w.Pods); return nil })
	if fresh || s.slowDue(c.Name) {
		group.Go(func() error { snap.Owner = s.Cluster.Owner(ctx, c); return nil })
		if known {
			group.Go(func() error { snap.Room = s.Cluster.Room(ctx, c, w); return nil })
		}
	}
	_ = group.Wait()
	if !known {
		why, at := snap.Workload.Why(), snap.Workload.At
		snap.Usage = scale.Unknown[scale.Usage](why, at, "Kubernetes")
		snap.Room = scale.Unknown[scale.Room](why, at, "Kubernetes")
	}
	return snap
}

func (s *Sampler) slowDue(component string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Clock.Now().Sub(s.seen[component].slowAt) >= slowEvery
}

// backfill asks the metrics for the past once, so that windows of hours are filled soon
// after a start.
func (s *Sampler) backfill(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sampleTimeout)
	defer cancel()
	now := s.Clock.Now()
	var group errgroup.Group
	group.SetLimit(sampleParallel)
	for _, c := range s.Book.Components {
		group.Go(func() error {
			longest := max(s.policy.Down.CPU.For, s.policy.Down.Memory.For, s.policy.Down.Lag.For)
			points, err := s.Metrics.History(ctx, c, now.Add(-longest), now, s.policy.Times.Sample)
			if err != nil {
				s.Log.WarnContext(ctx, "the past of a component could not be read", "component", c.Name, "error", err)
				return nil
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, p := range points {
				s.seen[c.Name].history.add(p)
			}
			return nil
		})
	}
	_ = group.Wait()
}
