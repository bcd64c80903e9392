package sampler

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Parts says which parts of a snapshot to read now.
type Parts uint8

// The parts. Each costs calls of its own: a caller names the parts its decision depends on, and
// uses the others as last seen, with their age.
const (
	// Broker is the lag and the consumer group.
	Broker Parts = 1 << iota
	// Workload is the deployment and its pods.
	Workload
	// Owner is who else sets the count.
	Owner
	// Usage is the pods' use of CPU and memory, and Room how many more fit.
	Usage
	Room
	// Signals is the workers' own metrics.
	Signals
)

// Everything is all parts of a component.
const Everything = Broker | Workload | Owner | Usage | Room | Signals

// has reports whether all of some parts are among these.
func (p Parts) has(some Parts) bool { return p&some == some }

// unread is a snapshot of which nothing was requested yet.
func unread(component string, at time.Time) scale.Snapshot {
	return scale.Snapshot{
		Component: component, At: at,
		Lag: awaited[scale.Lag](), Group: awaited[scale.Group](), Workload: awaited[scale.Workload](), Owner: awaited[scale.Owner](),
		Usage: awaited[scale.Usage](), Room: awaited[scale.Room](), Signals: awaitedSignals(),
	}
}

// completed fills in the parts that were not requested with their last values. A part that was
// requested and could not be read stays unknown: the caller needs the present value, and must not
// get an older one.
func completed(before, now scale.Snapshot) scale.Snapshot {
	now.Lag = unlessUnasked(before.Lag, now.Lag)
	now.Group = unlessUnasked(before.Group, now.Group)
	now.Workload = unlessUnasked(before.Workload, now.Workload)
	now.Owner = unlessUnasked(before.Owner, now.Owner)
	now.Usage = unlessUnasked(before.Usage, now.Usage)
	now.Room = unlessUnasked(before.Room, now.Room)
	if isAwaited(now.Signals.Errors) {
		now.Signals = before.Signals
	}
	return now
}

// unlessUnasked is the reading, or the previous one when it was not requested.
func unlessUnasked[T any](before, now scale.Reading[T]) scale.Reading[T] {
	if isAwaited(now) {
		return before
	}
	return now
}
