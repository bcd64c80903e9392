package doctor

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/scale"
)

// settle is how long the doctor waits between two looks at the pods: a rate needs two.
const settle = 1500 * time.Millisecond

// workloads reads every component's Deployment and what its pods say of themselves, twice.
func (s Subject) workloads(ctx context.Context) []Line {
	for _, c := range s.Book.Components {
		if w, ok := s.Cluster.Workload(ctx, c).Get(); ok {
			s.Metrics.Signals(ctx, c, w.Pods)
		}
	}
	timer := time.NewTimer(settle)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	var lines []Line
	for _, c := range s.Book.Components {
		lines = append(lines, s.workload(ctx, c)...)
	}
	return lines
}

func (s Subject) workload(ctx context.Context, c scale.Component) []Line {
	reading := s.Cluster.Workload(ctx, c)
	w, ok := reading.Get()
	if !ok {
		return bad(Fail, fmt.Errorf("%s: %s", c.Name, reading.Why()),
			fmt.Sprintf("Check deployment %s in namespace %s of the runbook file.", c.Deployment, c.Namespace))
	}
	lines := well("%s: %d replicas wanted, %d ready", c.Name, w.Desired, w.Ready)
	for _, mismatch := range kube.Mismatches(c, w) {
		lines = append(lines, Line{Level: Warn, Text: c.Name + ": " + mismatch, Next: "Correct the runbook file, or leave the line out of it."})
	}
	if owner := s.Cluster.Owner(ctx, c); !owner.Known() {
		lines = append(lines, Line{
			Level: Warn, Text: fmt.Sprintf("%s: who else sets the replica count is unknown: %s", c.Name, owner.Why()),
			Next: "Allow listing horizontalpodautoscalers, scaledobjects and rollouts (manifests/rbac.yaml): an owner would undo changes unseen.",
		})
	}
	if usage := s.Cluster.Usage(ctx, c, w); !usage.Known() {
		lines = append(lines, Line{
			Level: Warn, Text: fmt.Sprintf("%s: CPU and memory are unknown: %s", c.Name, usage.Why()),
			Next: "Install the metrics server and allow listing pods of metrics.k8s.io.",
		})
	}
	return append(lines, signals(c, s.Metrics.Signals(ctx, c, w.Pods))...)
}

// signals names every metric of the runbook that gives no data, one line for each cause.
func signals(c scale.Component, seen scale.Signals) []Line {
	missing := map[string][]string{}
	var read []string
	look := func(name string, metric scale.Metric, known bool, why string) {
		switch {
		case !metric.Configured():
		case known:
			read = append(read, name)
		default:
			missing[why] = append(missing[why], fmt.Sprintf("%s (%s)", name, cmp.Or(metric.Name, metric.Query)))
		}
	}
	m := c.Metrics
	look("throughput", m.Consumed, seen.Throughput.Known(), seen.Throughput.Why())
	look("errors", m.Errors, seen.Errors.Known(), seen.Errors.Why())
	look("latency", m.Latency, seen.Latency.Known(), seen.Latency.Why())
	look("download", m.Download, seen.Download.Known(), seen.Download.Why())
	look("breaker", m.Breaker, seen.Breaker.Known(), seen.Breaker.Why())
	look("writes", m.Writes, seen.Writes.Known(), seen.Writes.Why())
	var lines []Line
	if len(read) > 0 {
		lines = well("%s: metrics %s", c.Name, strings.Join(read, ", "))
	}
	for _, why := range slices.Sorted(maps.Keys(missing)) {
		lines = append(lines, Line{
			Level: Warn, Text: fmt.Sprintf("%s: no data for %s: %s", c.Name, strings.Join(missing[why], ", "), why),
			Next: "Check the names in the runbook file, and PROMETHEUS_URL or the pods' metrics port; what they would tell stays unknown.",
		})
	}
	return lines
}
