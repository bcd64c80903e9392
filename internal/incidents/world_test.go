package incidents_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/incidents"
	"github.com/scalebot/scalebot/internal/scale"
)

// world is a pipeline behind the engine's ports: Kafka, Cluster and Metrics at once. Whoever
// reads it lets it catch up with the clock first.
type world struct {
	mu      sync.Mutex
	play    *incidents.Pipeline
	version int64
	by      string
}

// now is what is read at this moment; mu is held.
func (w *world) now() scale.Snapshot {
	before := w.play.Wanted
	w.play.Pass(time.Since(w.play.At))
	if w.play.Wanted != before {
		w.version, w.by = w.version+1, w.play.Owner.Name
	}
	// What the pipeline shows was read just now.
	s := w.play.Snapshot()
	for _, at := range []*time.Time{&s.Lag.At, &s.Group.At, &s.Workload.At, &s.Owner.At, &s.Usage.At, &s.Room.At} {
		*at = time.Now()
	}
	for _, one := range []*scale.Reading[float64]{&s.Signals.Latency, &s.Signals.Throughput, &s.Signals.Download, &s.Signals.Busy} {
		one.At = time.Now()
	}
	s.Signals.Errors.At, s.Signals.Breaker.At = time.Now(), time.Now()
	s.Lag.Value.Partitions = slices.Clone(s.Lag.Value.Partitions) // the sampler fills in rates.
	load := s.Workload.Value
	load.ResourceVersion, load.Generation, load.ReplicasBy = fmt.Sprint(w.version), w.version, w.by
	s.Workload.Value = load
	return s
}

// happen begins an incident at this moment.
func (w *world) happen(incident func(*incidents.Pipeline)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now()
	incident(w.play)
}

// each reads one thing for every component.
func each[T any](w *world, components []scale.Component, of func(scale.Snapshot) scale.Reading[T]) map[string]scale.Reading[T] {
	w.mu.Lock()
	defer w.mu.Unlock()
	all, now := map[string]scale.Reading[T]{}, w.now()
	for _, c := range components {
		all[c.Name] = of(now)
	}
	return all
}

func (w *world) Lags(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Lag] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Lag] { return s.Lag })
}

func (w *world) Groups(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Group] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Group] { return s.Group })
}

func (w *world) Workloads(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Workload] { return s.Workload })
}

func (w *world) Owners(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Owner] { return s.Owner })
}

func (w *world) Usages(_ context.Context, components []scale.Component, _ map[string]scale.Workload) map[string]scale.Reading[scale.Usage] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Usage] { return s.Usage })
}

func (w *world) Rooms(_ context.Context, components []scale.Component, _ map[string]scale.Workload) map[string]scale.Reading[scale.Room] {
	return each(w, components, func(s scale.Snapshot) scale.Reading[scale.Room] { return s.Room })
}

func (w *world) Signals(context.Context, scale.Component, []scale.Pod) scale.Signals {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now().Signals
}

func (w *world) History(context.Context, scale.Component, time.Time, time.Time, time.Duration) ([]scale.Point, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now()
	return slices.Clone(w.play.Past), nil
}

// Follow tells the workload as it is and whenever the pipeline has changed.
func (w *world) Follow(ctx context.Context, c scale.Component, news func(scale.Reading[scale.Workload])) error {
	for {
		news(w.Workloads(ctx, []scale.Component{c})[c.Name])
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(w.untilChange()):
		}
	}
}

// untilChange is how long nothing changes.
func (w *world) untilChange() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Until(w.play.At.Add(w.play.Every + time.Millisecond))
}

func (w *world) Set(_ context.Context, _ scale.Component, step change.Step, seen string, dryRun bool) (string, error) {
	do, ok := step.Do.(change.Replicas)
	if !ok {
		return "", &scale.Fault{Kind: scale.FaultRejected, Doing: "scaling"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now()
	if seen != fmt.Sprint(w.version) {
		return "", &scale.Fault{Kind: scale.FaultConflict, Doing: "scaling", Detail: "the object has been modified"}
	}
	if !dryRun {
		w.play.Set(do.To)
		w.version, w.by = w.version+1, "scalebot"
	}
	return fmt.Sprint(w.version), nil
}
