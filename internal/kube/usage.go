package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/scalebot/scalebot/internal/scale"
)

// Usage reads CPU and memory of the workload's pods as shares of limit and request
// (R-106, T-15).
func (c *Cluster) Usage(ctx context.Context, component scale.Component, w scale.Workload) scale.Reading[scale.Usage] {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	if c.Metrics == nil {
		return scale.Unknown[scale.Usage]("the metrics API is not set up", c.Clock.Now(), metricsSource)
	}
	list, err := c.Metrics.MetricsV1beta1().PodMetricses(component.Namespace).List(ctx, metav1.ListOptions{LabelSelector: component.Selector})
	if apierrors.IsNotFound(err) {
		return scale.Unknown[scale.Usage]("the metrics API (metrics-server) is not installed", c.Clock.Now(), metricsSource)
	}
	if err != nil {
		return unknown[scale.Usage]("reading the pods' use", err, c.Clock.Now(), metricsSource)
	}
	counted := map[string]bool{}
	for _, p := range w.Counted() {
		if p.Ready {
			counted[p.Name] = true
		}
	}
	u := measure(list.Items, counted, w)
	if u.Pods == 0 {
		return scale.Unknown[scale.Usage]("the metrics API knows none of the pods yet", c.Clock.Now(), metricsSource)
	}
	reading := scale.Known(u, c.Clock.Now(), metricsSource)
	if u.Pods < u.Of {
		reading.Note = fmt.Sprintf("%d of %d pods", u.Pods, u.Of)
	}
	return reading
}

// measure is the mean and peak over the pods that count and have metrics.
func measure(items []metricsv1beta1.PodMetrics, counted map[string]bool, w scale.Workload) scale.Usage {
	u := scale.Usage{Of: len(counted)}
	var sum scale.Resources
	var peak scale.Resources
	for _, item := range items {
		if !counted[item.Name] {
			continue
		}
		used := usedBy(item)
		u.Pods++
		sum.CPU, sum.Memory = sum.CPU+used.CPU, sum.Memory+used.Memory
		peak.CPU, peak.Memory = max(peak.CPU, used.CPU), max(peak.Memory, used.Memory)
	}
	mean := func(total, bound int64) float64 { return share(total, bound*int64(max(u.Pods, 1))) }
	u.CPULimit, u.CPURequest = mean(sum.CPU, w.Limits.CPU), mean(sum.CPU, w.Requests.CPU)
	u.MemoryLimit, u.MemoryRequest = mean(sum.Memory, w.Limits.Memory), mean(sum.Memory, w.Requests.Memory)
	u.CPUPeak = share(peak.CPU, orElse(w.Limits.CPU, w.Requests.CPU))
	u.MemoryPeak = share(peak.Memory, orElse(w.Limits.Memory, w.Requests.Memory))
	return u
}

// share is negative where there is no bound to be a share of.
func share(used, bound int64) float64 {
	if bound <= 0 {
		return -1
	}
	return float64(used) / float64(bound)
}

func orElse(a, b int64) int64 {
	if a > 0 {
		return a
	}
	return b
}

func usedBy(item metricsv1beta1.PodMetrics) scale.Resources {
	var used scale.Resources
	for _, container := range item.Containers {
		used.CPU += container.Usage.Cpu().MilliValue()
		used.Memory += container.Usage.Memory().Value()
	}
	return used
}
