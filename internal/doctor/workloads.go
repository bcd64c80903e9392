package doctor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// rateInterval is how long the doctor waits between two readings of the pods: a rate needs
	// two readings.
	rateInterval = 1500 * time.Millisecond
	// askedAtOnce is for how many components the workers are read at once. askTimeout is how long
	// the workers of one component may take, so that one that hangs does not affect the next.
	askedAtOnce = 32
	askTimeout  = 3 * time.Second
)

// workloads reads every component's Deployment, its owner and its use of resources, in lists. It
// also reads the pods' metrics, twice.
func (s Subject) workloads(ctx context.Context) []Line {
	components := s.Book.Components
	readings := s.Cluster.Workloads(ctx, components)
	known := map[string]scale.Workload{}
	for name, reading := range readings {
		if w, ok := reading.Get(); ok {
			known[name] = w
		}
	}
	var owners map[string]scale.Reading[scale.Owner]
	var usages map[string]scale.Reading[scale.Usage]
	var answers map[string]scale.Signals
	var all sync.WaitGroup
	all.Go(func() { owners = s.Cluster.Owners(ctx, components) })
	all.Go(func() { usages = s.Cluster.Usages(ctx, components, known) })
	all.Go(func() { answers = s.twice(ctx, known) })
	all.Wait()
	var found []finding
	for _, c := range components {
		w, ok := known[c.Name]
		if !ok {
			found = append(found, noWorkload(c, readings[c.Name]))
			continue
		}
		found = append(found, finding{level: OK, component: c.Name, what: fmt.Sprintf("%d replicas wanted, %d ready", w.Desired, w.Ready)})
		found = append(found, s.mismatched(c, w)...)
		found = append(found, unowned(c, owners[c.Name])...)
		found = append(found, unused(c, usages[c.Name])...)
		signals, asked := answers[c.Name]
		if !asked {
			found = append(found, finding{
				level: Warn, component: c.Name, what: "its workers were not asked: there was no time left",
				next: "Run the doctor again; when it stays, see why the others take so long.",
			})
			continue
		}
		found = append(found, metricsOf(c, signals)...)
	}
	return summarise(len(components), "deployments and metrics", found)
}

// twice reads the workers' metrics of every component whose pods are known, and reads them again
// after rateInterval. Components that did not answer in time have no entry.
func (s Subject) twice(ctx context.Context, known map[string]scale.Workload) map[string]scale.Signals {
	s.ask(ctx, known)
	timer := time.NewTimer(rateInterval)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return s.ask(ctx, known)
}

func (s Subject) ask(ctx context.Context, known map[string]scale.Workload) map[string]scale.Signals {
	var mu sync.Mutex
	answers := map[string]scale.Signals{}
	slots := make(chan struct{}, askedAtOnce)
	var asking sync.WaitGroup
	for _, c := range s.Book.Components {
		w, ok := known[c.Name]
		if !ok {
			continue
		}
		asking.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if ctx.Err() != nil {
				return
			}
			ctx, cancel := context.WithTimeout(ctx, askTimeout)
			defer cancel()
			signals := s.Metrics.Signals(ctx, c, w.Pods)
			mu.Lock()
			defer mu.Unlock()
			answers[c.Name] = signals
		})
	}
	asking.Wait()
	return answers
}

func noWorkload(c scale.Component, reading scale.Reading[scale.Workload]) finding {
	return finding{
		level: Fail, component: c.Name, what: reading.Why(),
		next: fmt.Sprintf("Check deployment %s in namespace %s of the runbook file.", c.Deployment, c.Namespace), nextAlike: "Check the deployments in the runbook file.",
	}
}

// mismatched says where the runbook file describes another deployment than the one that exists.
func (s Subject) mismatched(c scale.Component, w scale.Workload) []finding {
	var found []finding
	for _, mismatch := range s.Cluster.Mismatches(c, w) {
		found = append(found, finding{
			level: Warn, component: c.Name, what: mismatch, next: "Correct the runbook file, or leave the line out of it.",
		})
	}
	return found
}

func unowned(c scale.Component, owner scale.Reading[scale.Owner]) []finding {
	if owner.Known() {
		return nil
	}
	return []finding{{
		level: Warn, component: c.Name, what: "who else sets the replica count is unknown: " + owner.Why(),
		next: "Allow listing horizontalpodautoscalers, scaledobjects and rollouts (manifests/rbac.yaml): an owner would undo changes unseen.",
	}}
}

func unused(c scale.Component, usage scale.Reading[scale.Usage]) []finding {
	if usage.Known() {
		return nil
	}
	return []finding{{
		level: Warn, component: c.Name, what: "CPU and memory are unknown: " + usage.Why(),
		next: "Install the metrics server and allow listing pods of metrics.k8s.io.",
	}}
}

// metricsOf names every metric of the runbook without data, one finding for each cause.
func metricsOf(c scale.Component, seen scale.Signals) []finding {
	missing := map[string][]string{}
	var read []string
	note := func(name string, metric scale.Metric, known bool, why string) {
		switch {
		case !metric.Configured():
		case known:
			read = append(read, name)
		default:
			missing[why] = append(missing[why], fmt.Sprintf("%s (%s)", name, cmp.Or(metric.Name, metric.Query)))
		}
	}
	m := c.Metrics
	note("throughput", m.Consumed, seen.Throughput.Known(), seen.Throughput.Why())
	note("errors", m.Errors, seen.Errors.Known(), seen.Errors.Why())
	note("latency", m.Latency, seen.Latency.Known(), seen.Latency.Why())
	note("download", m.Download, seen.Download.Known(), seen.Download.Why())
	note("breaker", m.Breaker, seen.Breaker.Known(), seen.Breaker.Why())
	note("writes", m.Writes, seen.Writes.Known(), seen.Writes.Why())
	var found []finding
	if len(read) > 0 {
		found = append(found, finding{level: OK, component: c.Name, what: "metrics " + strings.Join(read, ", ")})
	}
	for _, remark := range seen.Remarks {
		found = append(found, finding{
			level: Warn, component: c.Name, what: remark,
			next: "Mend what writes that line if it belongs to a metric of the runbook file; other metrics are read all the same.",
		})
	}
	for _, why := range slices.Sorted(maps.Keys(missing)) {
		found = append(found, finding{
			level: Warn, component: c.Name, what: fmt.Sprintf("no data for %s: %s", strings.Join(missing[why], ", "), why),
			next: "Check the names in the runbook file, and PROMETHEUS_URL or the pods' metrics port; what they would tell stays unknown.",
		})
	}
	return found
}
