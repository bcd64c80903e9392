package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// world is a deployment and its consumer group, small enough to be held in a hand. It
// is Kafka, Cluster and Metrics at once.
type world struct {
	mu      sync.Mutex
	desired int
	version int
	// generation counts the writes; by is who made the last one. As on a real API server, a
	// write through the scale subresource has no time.
	generation int64
	by         string
	// pods holds when each pod was made; starts is how long one takes to be ready, and
	// stuck keeps new ones from ever starting.
	pods   []time.Time
	starts time.Duration
	stuck  string
	lag    int64
	// lagOf is the lag of the components that differ from the others.
	lagOf map[string]int64
	owner scale.Owner
	// perPod is how many consumers a ready pod has in the group; deaf keeps pods made after
	// the start from ever joining, and strangers are members that run elsewhere and read
	// another topic.
	perPod    int
	deaf      bool
	strangers int
	// kafkaDown and clusterDown make the readings unknown; metricsDown does that of what the
	// workers say of themselves, for all components or for those in dark.
	kafkaDown, clusterDown, metricsDown bool
	dark                                map[string]bool
	// onWrite is asked before each write and may refuse it; after each one, afterWrite
	// may lose the answer.
	onWrite, afterWrite func() error
	// written are the writes that took effect.
	written []change.Replicas
	began   time.Time
	// history is what the metrics' source remembers.
	history []scale.Point
	looks   int
	// watched lets the deployment be followed; silent keeps such a watch from telling anything.
	watched, silent bool
	// outdated changes what such a watch tells into what was once; nil leaves it as it is.
	outdated func(*scale.Workload)
}

func newWorld(replicas int) *world {
	w := &world{
		desired: replicas, version: 1, generation: 1, by: "kubectl", starts: 30 * time.Second, perPod: 1, owner: scale.Owner{Kind: scale.OwnerNone}, began: time.Now(),
	}
	for range replicas {
		w.pods = append(w.pods, w.began.Add(-time.Hour))
	}
	return w
}

// edit changes the world from outside.
func (w *world) edit(change func(*world)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change(w)
}

// set is somebody else's write.
func (w *world) set(replicas int, by string) {
	w.edit(func(w *world) { w.put(replicas, by) })
}

// put sets the count; the caller holds mu.
func (w *world) put(replicas int, by string) {
	now := time.Now()
	w.desired, w.by = replicas, by
	w.version++
	w.generation++
	for len(w.pods) < replicas {
		w.pods = append(w.pods, now)
	}
	w.pods = w.pods[:replicas]
}

func (w *world) writes() []change.Replicas {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.written)
}

func (w *world) Set(_ context.Context, _ scale.Component, step change.Step, seen string, dryRun bool) (string, error) {
	write, ok := step.Do.(change.Replicas)
	if !ok {
		return "", &scale.Fault{Kind: scale.FaultRejected, Doing: "scaling"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.onWrite != nil {
		if err := w.onWrite(); err != nil {
			return "", err
		}
	}
	if seen != fmt.Sprint(w.version) || write.From != w.desired {
		return "", &scale.Fault{Kind: scale.FaultConflict, Doing: "scaling", Detail: "the object has been modified"}
	}
	if dryRun {
		return seen, nil
	}
	w.put(write.To, "scalebot")
	w.written = append(w.written, write)
	if w.afterWrite != nil {
		if err := w.afterWrite(); err != nil {
			return "", err
		}
	}
	return fmt.Sprint(w.version), nil
}

// ready reports when a pod made at the given time was or will be ready; mu is held.
func (w *world) ready(made time.Time) (time.Time, bool) {
	if w.stuck != "" && made.After(w.began) {
		return time.Time{}, false
	}
	at := made.Add(w.starts)
	return at, !at.After(time.Now())
}

// each makes a reading of every component.
func each[T any](components []scale.Component, read func() scale.Reading[T]) map[string]scale.Reading[T] {
	all := map[string]scale.Reading[T]{}
	for _, c := range components {
		all[c.Name] = read()
	}
	return all
}

func (w *world) Workloads(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload] {
	return each(components, w.workload)
}

// errNotFollowed is what a world answers that lets nobody watch it.
var errNotFollowed = errors.New("this API server serves no watches")

// Follow tells each second what has become of the deployment, until the world refuses watches.
// While it is silent, a watch stands and tells nothing.
func (w *world) Follow(ctx context.Context, c scale.Component, news func(scale.Reading[scale.Workload])) error {
	ticker, last := time.NewTicker(time.Second), ""
	defer ticker.Stop()
	for {
		// A world that holds an answer back is not waited for: its clock would stand.
		if w.mu.TryLock() {
			refused, silent, outdated := !w.watched, w.silent, w.outdated
			w.mu.Unlock()
			if refused {
				return errNotFollowed
			}
			if reading := w.workload(); !silent {
				if outdated != nil {
					outdated(&reading.Value)
				}
				if now := fmt.Sprint(reading.Value); now != last {
					last = now
					news(reading)
				}
			}
			w.edit(func(w *world) { w.looks-- }) // nobody has asked.
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

func (w *world) workload() scale.Reading[scale.Workload] {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.looks++
	now := time.Now()
	if w.clusterDown {
		return scale.Unknown[scale.Workload]("the API server does not answer", now, "Kubernetes")
	}
	load := scale.Workload{
		UID: "uid-1", ResourceVersion: fmt.Sprint(w.version), Desired: w.desired, Updated: len(w.pods), Observed: true,
		Image: "worker:1.4", ReplicasBy: w.by, Generation: w.generation, Limits: scale.Resources{CPU: 1000, Memory: 1 << 30},
	}
	for i, made := range w.pods {
		pod := scale.Pod{Name: fmt.Sprintf("download-worker-%d", i), Phase: "Pending", Current: true, CreatedAt: made, IPs: []string{addressOf(i)}}
		if at, ok := w.ready(made); ok {
			pod.Phase, pod.Ready, pod.ReadyAt = "Running", true, at
			load.Ready++
		} else if w.stuck != "" {
			pod.Trouble, pod.Cause = w.stuck, scale.CauseNodes
		}
		load.Pods = append(load.Pods, pod)
	}
	load.Available = load.Ready
	return scale.Known(load, now, "Kubernetes")
}

func (w *world) Owners(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	w.mu.Lock()
	defer w.mu.Unlock()
	return each(components, func() scale.Reading[scale.Owner] { return scale.Known(w.owner, time.Now(), "Kubernetes") })
}

// given are the components whose workload is.
func given(components []scale.Component, workloads map[string]scale.Workload) []scale.Component {
	return slices.DeleteFunc(slices.Clone(components), func(c scale.Component) bool {
		_, ok := workloads[c.Name]
		return !ok
	})
}

func (w *world) Usages(_ context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Usage] {
	usage := scale.Usage{CPULimit: 0.5, CPURequest: 0.8, MemoryLimit: 0.5, MemoryRequest: 0.9, CPUPeak: 0.6, MemoryPeak: 0.6, Pods: 6, Of: 6}
	return each(given(components, workloads), func() scale.Reading[scale.Usage] { return scale.Known(usage, time.Now(), "metrics.k8s.io") })
}

func (w *world) Rooms(_ context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Room] {
	return each(given(components, workloads), func() scale.Reading[scale.Room] {
		return scale.Known(scale.Room{QuotaPods: -1, NodePods: 30}, time.Now(), "Kubernetes")
	})
}

// The topic of the world: as many partitions as the runbook's example, and a steady
// stream on each.
const (
	partitions   = 24
	perPartition = 20
)

func (w *world) Lags(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Lag] {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	all := map[string]scale.Reading[scale.Lag]{}
	for _, c := range components {
		if w.kafkaDown {
			all[c.Name] = scale.Unknown[scale.Lag]("no broker answers", now, "Kafka")
			continue
		}
		end := int64(1e6) + int64(perPartition*now.Sub(w.began).Seconds())
		var parts []scale.PartitionLag
		total, differs := w.lagOf[c.Name]
		if !differs {
			total = w.lag
		}
		for i := range partitions {
			lag := total / partitions
			parts = append(parts, scale.PartitionLag{Topic: c.Topics[0], Partition: int32(i), Committed: end - lag, End: end, Lag: lag})
		}
		all[c.Name] = scale.Known(scale.SumLag(parts, c.Topics), now, "Kafka")
	}
	return all
}

func (w *world) Groups(_ context.Context, components []scale.Component) map[string]scale.Reading[scale.Group] {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	all := map[string]scale.Reading[scale.Group]{}
	for _, c := range components {
		if w.kafkaDown {
			all[c.Name] = scale.Unknown[scale.Group]("no broker answers", now, "Kafka")
			continue
		}
		all[c.Name] = scale.Known(w.group(c), now, "Kafka")
	}
	return all
}

func addressOf(pod int) string { return fmt.Sprintf("10.0.0.%d", pod) }

// group has the consumers of each ready pod, and strangers; mu is held.
func (w *world) group(c scale.Component) scale.Group {
	g := scale.Group{Name: c.Group, State: "Stable", Type: "classic", Protocol: "cooperative-sticky"}
	for i, made := range w.pods {
		if _, ok := w.ready(made); ok && !(w.deaf && made.After(w.began)) {
			for n := range w.perPod {
				g.Members = append(g.Members, scale.Member{ID: fmt.Sprintf("m-%d-%d", i, n), Host: addressOf(i), Partitions: map[string][]int32{}})
			}
		}
	}
	for i := range partitions {
		if len(g.Members) > 0 {
			owned := g.Members[i%len(g.Members)].Partitions
			owned[c.Topics[0]] = append(owned[c.Topics[0]], int32(i))
		}
	}
	for i := range w.strangers {
		g.Members = append(g.Members, scale.Member{ID: fmt.Sprintf("s-%d", i), Host: fmt.Sprintf("10.9.0.%d", i), Partitions: map[string][]int32{"audit": {int32(i)}}})
	}
	return g
}

func (w *world) Signals(_ context.Context, c scale.Component, _ []scale.Pod) scale.Signals {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, source := time.Now(), "6 of 6 pods scraped"
	if w.metricsDown || w.dark[c.Name] {
		why, source := "none of 6 pods answered: download-worker-0 cannot be reached", "0 of 6 pods scraped"
		number := scale.Unknown[float64](why, now, source)
		return scale.Signals{
			Latency: number, Errors: scale.Unknown[scale.ErrorRate](why, now, source), Throughput: number, Download: number,
			Breaker: scale.Unknown[scale.Breaker](why, now, source),
		}
	}
	return scale.Signals{
		Latency: scale.Known(1.2, now, source), Errors: scale.Known(scale.ErrorRate{Share: 0.001}, now, source),
		Throughput: scale.Known(float64(partitions*perPartition), now, source), Download: scale.Known(0.8, now, source),
		Breaker: scale.Known(scale.Breaker{Of: 6}, now, source),
	}
}

func (w *world) History(context.Context, scale.Component, time.Time, time.Time, time.Duration) ([]scale.Point, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.history, nil
}

// counts are the replica counts of an operation.
func counts(op ledger.Operation) change.Replicas {
	do, _ := op.Change().(change.Replicas)
	return do
}
