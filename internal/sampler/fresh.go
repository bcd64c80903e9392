package sampler

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/scale"
)

// looking is one fresh reading of a component, shared by all callers that ask for it at the
// same time. It is given up when the last of them stops waiting.
type looking struct {
	cancel   context.CancelFunc
	done     chan struct{}
	callers  int
	snapshot scale.Snapshot
}

// Look reads one component afresh and waits for all of it. Callers at the same moment
// share one reading; when none of them waits any more, it is given up.
func (s *Sampler) Look(ctx context.Context, c scale.Component) (scale.Snapshot, error) {
	one := s.join(ctx, c)
	select {
	case <-ctx.Done():
		s.leave(c, one)
		return scale.Snapshot{}, fmt.Errorf("looking at %s: %w", c.Name, ctx.Err())
	case <-one.done:
		return one.snapshot, nil
	}
}

// join shares a reading under way, or begins one.
func (s *Sampler) join(ctx context.Context, c scale.Component) *looking {
	s.mu.Lock()
	defer s.mu.Unlock()
	if one, ok := s.looks[c.Name]; ok {
		one.callers++
		return one
	}
	// One caller's cancellation must not fail the others.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lookTimeout)
	one := &looking{cancel: cancel, done: make(chan struct{}), callers: 1}
	s.looks[c.Name] = one
	go func() {
		defer close(one.done)
		defer s.forget(c, one)
		defer s.Survive(ctx, "looking at "+c.Name)
		one.snapshot = scale.Snapshot{Component: c.Name, At: s.Clock.Now()}
		one.snapshot = s.readAll(ctx, c)
	}()
	return one
}

// leave stops waiting for the answer. The last caller to leave cancels the reading and waits
// for it to end, so that no reading outlives those who asked for it.
func (s *Sampler) leave(c scale.Component, one *looking) {
	s.mu.Lock()
	one.callers--
	last := one.callers == 0
	s.mu.Unlock()
	if last {
		s.forget(c, one)
		<-one.done
	}
}

// forget ends a reading, so that nobody joins it any more.
func (s *Sampler) forget(c scale.Component, one *looking) {
	one.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.looks[c.Name] == one {
		delete(s.looks, c.Name)
	}
}

// readAll reads everything of one component and records it. A reading that was given up is not
// recorded.
func (s *Sampler) readAll(ctx context.Context, c scale.Component) scale.Snapshot {
	one := []scale.Component{c}
	snap := scale.Snapshot{Component: c.Name}
	var group errgroup.Group
	group.Go(func() error { snap.Lag = s.Kafka.Lags(ctx, one)[c.Name]; return nil })
	group.Go(func() error { snap.Group = s.Kafka.Groups(ctx, one)[c.Name]; return nil })
	group.Go(func() error { snap.Owner = s.Cluster.Owners(ctx, one)[c.Name]; return nil })
	group.Go(func() error { s.readWorkload(ctx, c, &snap); return nil })
	_ = group.Wait()
	if errors.Is(ctx.Err(), context.Canceled) {
		return snap
	}
	return s.Record(c, snap, true)
}

// readWorkload reads the workload of one component and what depends on it.
func (s *Sampler) readWorkload(ctx context.Context, c scale.Component, snap *scale.Snapshot) {
	one := []scale.Component{c}
	snap.Workload = s.Cluster.Workloads(ctx, one)[c.Name]
	w, known := snap.Workload.Get()
	var group errgroup.Group
	group.Go(func() error { snap.Signals = s.Metrics.Signals(ctx, c, w.Pods); return nil })
	if known {
		given := map[string]scale.Workload{c.Name: w}
		group.Go(func() error { snap.Usage = s.Cluster.Usages(ctx, one, given)[c.Name]; return nil })
		group.Go(func() error { snap.Room = s.Cluster.Rooms(ctx, one, given)[c.Name]; return nil })
	} else {
		snap.Usage = because[scale.Usage](snap.Workload)
		snap.Room = because[scale.Room](snap.Workload)
	}
	_ = group.Wait()
}

// because is unknown for the reason that the workload is.
func because[T any](workload scale.Reading[scale.Workload]) scale.Reading[T] {
	return scale.Unknown[T](workload.Why(), workload.At, workload.Source)
}
