package sampler

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/scale"
)

// pendingReading is one fresh reading of a component, shared by all callers that ask for the same
// parts at the same time. It is cancelled when the last of them stops waiting.
type pendingReading struct {
	of       readingOf
	cancel   context.CancelFunc
	done     chan struct{}
	callers  int
	snapshot scale.Snapshot
}

// readingOf identifies a fresh reading: its component and parts.
type readingOf struct {
	component string
	parts     Parts
}

// SeeAll reads all parts of one component now and waits for them.
func (s *Sampler) SeeAll(ctx context.Context, c scale.Component) (scale.Snapshot, error) {
	return s.See(ctx, c, Everything)
}

// See reads some parts of one component now and waits for them. The other parts are as last seen.
// Callers who ask for the same parts at the same moment share one reading; when none of them
// waits any more, it is cancelled.
func (s *Sampler) See(ctx context.Context, c scale.Component, parts Parts) (scale.Snapshot, error) {
	one := s.join(ctx, c, parts)
	select {
	case <-ctx.Done():
		s.leave(one)
		return scale.Snapshot{}, fmt.Errorf("looking at %s: %w", c.Name, ctx.Err())
	case <-one.done:
		return one.snapshot, nil
	}
}

// join shares a reading in progress, or begins one.
func (s *Sampler) join(ctx context.Context, c scale.Component, parts Parts) *pendingReading {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := readingOf{c.Name, parts}
	if one, ok := s.readings[of]; ok {
		one.callers++
		return one
	}
	// One caller's cancellation must not fail the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout)
	one := &pendingReading{of: of, cancel: cancel, done: make(chan struct{}), callers: 1}
	s.readings[of] = one
	go func() {
		defer close(one.done)
		defer s.forget(one)
		defer s.Survive(ctx, "looking at "+c.Name)
		one.snapshot = scale.Snapshot{Component: c.Name, At: s.Clock.Now()}
		one.snapshot = s.read(ctx, c, parts)
	}()
	return one
}

// leave stops waiting for the answer. The last caller to leave cancels the reading and waits
// for it to end, so that no reading outlives those who asked for it.
func (s *Sampler) leave(one *pendingReading) {
	s.mu.Lock()
	one.callers--
	last := one.callers == 0
	s.mu.Unlock()
	if last {
		s.forget(one)
		<-one.done
	}
}

// forget removes a reading, so that nobody joins it any more.
func (s *Sampler) forget(one *pendingReading) {
	one.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.readings[one.of] == one {
		delete(s.readings, one.of)
	}
}

// read reads parts of one component and records them. A cancelled reading is not recorded.
func (s *Sampler) read(ctx context.Context, c scale.Component, parts Parts) scale.Snapshot {
	one := []scale.Component{c}
	snap := unread(c.Name, s.Clock.Now())
	var group errgroup.Group
	if parts.has(Broker) {
		group.Go(func() error { snap.Lag = s.Kafka.Lags(ctx, one)[c.Name]; return nil })
		group.Go(func() error { snap.Group = s.Kafka.Groups(ctx, one)[c.Name]; return nil })
	}
	if parts.has(Owner) {
		group.Go(func() error { snap.Owner = s.Cluster.Owners(ctx, one)[c.Name]; return nil })
	}
	group.Go(func() error { s.readWorkload(ctx, c, parts, &snap); return nil })
	_ = group.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return snap
	}
	return s.Record(c, snap, true)
}

// readWorkload reads the workload of one component and what depends on it.
func (s *Sampler) readWorkload(ctx context.Context, c scale.Component, parts Parts, snap *scale.Snapshot) {
	one := []scale.Component{c}
	workload := s.Snapshot(c.Name).Workload
	if parts.has(Workload) {
		workload = s.Cluster.Workloads(ctx, one)[c.Name]
		snap.Workload = workload
	}
	w, known := workload.Get()
	given := map[string]scale.Workload{c.Name: w}
	var group errgroup.Group
	if parts.has(Signals) {
		group.Go(func() error { snap.Signals = s.Metrics.Signals(ctx, c, w.Pods); return nil })
	}
	switch {
	case !known:
		snap.Usage, snap.Room = without[scale.Usage](parts.has(Usage), workload), without[scale.Room](parts.has(Room), workload)
	default:
		if parts.has(Usage) {
			group.Go(func() error { snap.Usage = s.Cluster.Usages(ctx, one, given)[c.Name]; return nil })
		}
		if parts.has(Room) {
			group.Go(func() error { snap.Room = s.Cluster.Rooms(ctx, one, given)[c.Name]; return nil })
		}
	}
	_ = group.Wait()
}

// without is a requested part that cannot be read without the workload.
func without[T any](asked bool, workload scale.Reading[scale.Workload]) scale.Reading[T] {
	if !asked {
		return awaited[T]()
	}
	return because[T](workload)
}

// because is a reading that is unknown for the same reason as the workload.
func because[T any](workload scale.Reading[scale.Workload]) scale.Reading[T] {
	return scale.Unknown[T](workload.Why(), workload.At, workload.Source)
}
