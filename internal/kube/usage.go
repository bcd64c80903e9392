package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/scalebot/scalebot/internal/scale"
)

// Usages reads CPU and memory of the workloads' pods as shares of limit and request
// (R-106, T-15). The answer has an entry for every component whose workload is given.
func (c *Cluster) Usages(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Usage] {
	components = slices.DeleteFunc(slices.Clone(components), func(component scale.Component) bool {
		_, given := workloads[component.Name]
		return !given
	})
	if c.Metrics == nil {
		return everyone(components, scale.Unknown[scale.Usage]("the metrics API is not set up", c.Clock.Now(), metricsSource))
	}
	return gather(shares(components), func(share []scale.Component) map[string]scale.Reading[scale.Usage] {
		at := c.Clock.Now()
		used, err := c.used(ctx, share)
		switch {
		case apierrors.IsNotFound(err):
			return everyone(share, scale.Unknown[scale.Usage]("the metrics API (metrics-server) is not installed", at, metricsSource))
		case err != nil:
			return everyone(share, unknown[scale.Usage]("reading the pods' use", err, at, metricsSource))
		}
		all := make(map[string]scale.Reading[scale.Usage], len(share))
		for _, component := range share {
			all[component.Name] = usage(used, workloads[component.Name], at)
		}
		return all
	})
}

// Usage is Usages of one component.
func (c *Cluster) Usage(ctx context.Context, component scale.Component, w scale.Workload) scale.Reading[scale.Usage] {
	return c.Usages(ctx, []scale.Component{component}, map[string]scale.Workload{component.Name: w})[component.Name]
}

// used is what each pod uses, by its name: of the one component's pods, or of all in the
// namespace.
func (c *Cluster) used(ctx context.Context, share []scale.Component) (map[string]scale.Resources, error) {
	var options metav1.ListOptions
	if len(share) == 1 {
		options.LabelSelector = share[0].Selector
	}
	used := map[string]scale.Resources{}
	list := c.Metrics.MetricsV1beta1().PodMetricses(share[0].Namespace).List
	err := pages(ctx, c.Timeout, list, options, func() { clear(used) }, func(page *metricsv1beta1.PodMetricsList) {
		for i := range page.Items {
			used[page.Items[i].Name] = usedBy(&page.Items[i])
		}
	})
	return used, err
}

// usage is what the pods of one workload use.
func usage(used map[string]scale.Resources, w scale.Workload, at time.Time) scale.Reading[scale.Usage] {
	u := measure(used, w)
	if u.Pods == 0 {
		return scale.Unknown[scale.Usage]("the metrics API knows none of the pods yet", at, metricsSource)
	}
	reading := scale.Known(u, at, metricsSource)
	if u.Pods < u.Of {
		reading.Note = fmt.Sprintf("%d of %d pods", u.Pods, u.Of)
	}
	return reading
}

// measure is the mean and peak over the pods that count, are ready and have metrics.
func measure(used map[string]scale.Resources, w scale.Workload) scale.Usage {
	var u scale.Usage
	var sum, peak scale.Resources
	for _, p := range w.Counted() {
		if !p.Ready {
			continue
		}
		u.Of++
		one, known := used[p.Name]
		if !known {
			continue
		}
		u.Pods++
		sum.CPU, sum.Memory = sum.CPU+one.CPU, sum.Memory+one.Memory
		peak.CPU, peak.Memory = max(peak.CPU, one.CPU), max(peak.Memory, one.Memory)
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

func usedBy(item *metricsv1beta1.PodMetrics) scale.Resources {
	var used scale.Resources
	for _, container := range item.Containers {
		used.CPU += container.Usage.Cpu().MilliValue()
		used.Memory += container.Usage.Memory().Value()
	}
	return used
}
