package sampler

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Kafka reads consumer groups.
type Kafka interface {
	// Lags reads the lag of all components in one sweep. The answer has an entry for
	// every component; what could not be read is an unknown reading, or a known one
	// whose Unknown count says how many partitions are missing. One component's
	// failure never spoils another's reading.
	Lags(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Lag]
	// Groups reads state, members and assignment, with an entry for every component.
	Groups(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Group]
}

// Cluster reads workloads, always fresh, for one component or for a whole fleet at once. An
// implementation requests once what several components share, and caches nothing. One component's
// failure never spoils another's reading.
type Cluster interface {
	// Workloads reads the deployments, their scale and their pods with their troubles,
	// with an entry for every component.
	Workloads(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload]
	// Follow watches the workload of one component and reports each new state, the first one at
	// once, until the context ends or the watch fails: it broke, it cannot be set up again, or
	// the deployment is gone. Then it returns why. Silence means that no change was reported, and
	// not that nothing has happened. news is called by one goroutine at a time, and never after
	// the return.
	Follow(ctx context.Context, c scale.Component, news func(scale.Reading[scale.Workload])) error
	// Owners finds who else sets the replica counts (T-01 to T-04), with an entry for
	// every component. That nobody does is a known reading of kind none.
	Owners(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner]
	// Usages reads CPU and memory of the workloads' pods as shares of their bounds, with
	// an entry for every component whose workload is given.
	Usages(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Usage]
	// Rooms reads how many more pods of each kind fit, with an entry for every
	// component whose workload is given.
	Rooms(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Room]
}

// Metrics reads the workers' own metrics.
type Metrics interface {
	// Signals reads the present signals; pods are the workload's, for scraping.
	Signals(ctx context.Context, c scale.Component, pods []scale.Pod) scale.Signals
	// History returns past points to fill the windows after a start, oldest first;
	// none when the source keeps no history.
	History(ctx context.Context, c scale.Component, since, until time.Time, step time.Duration) ([]scale.Point, error)
}
