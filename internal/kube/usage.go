package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/scalebot/scalebot/internal/kube/api"
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
		return everyone(components, scale.None[scale.Usage]("the metrics API is not set up", c.Clock.Now(), metricsSource))
	}
	return gather(shares(components), func(share []scale.Component) map[string]scale.Reading[scale.Usage] {
		at := c.Clock.Now()
		used, err := c.used(ctx, share, workloads)
		switch {
		case apierrors.IsNotFound(err):
			return everyone(share, scale.Unknown[scale.Usage]("the metrics API (metrics-server) is not installed", at, metricsSource))
		case err != nil:
			return everyone(share, api.Unknown[scale.Usage]("reading the pods' use", err, at, metricsSource))
		}
		all := make(map[string]scale.Reading[scale.Usage], len(share))
		for _, component := range share {
			all[component.Name] = usage(used, component, workloads[component.Name], at)
		}
		return all
	})
}

// Usage is Usages of one component.
func (c *Cluster) Usage(ctx context.Context, component scale.Component, w scale.Workload) scale.Reading[scale.Usage] {
	return c.Usages(ctx, []scale.Component{component}, map[string]scale.Workload{component.Name: w})[component.Name]
}

// used is what the containers of each pod use, by pod and container name: of one component's
// pods, by the selector of its deployment, or of all pods in the namespace.
func (c *Cluster) used(ctx context.Context, share []scale.Component, workloads map[string]scale.Workload) (map[string]inUse, error) {
	var options metav1.ListOptions
	if len(share) == 1 {
		options.LabelSelector = workloads[share[0].Name].Selector
	}
	used := map[string]inUse{}
	list := c.Metrics.MetricsV1beta1().PodMetricses(share[0].Namespace).List
	err := api.Pages(ctx, c.Timeout, list, options, func() { clear(used) }, func(page *metricsv1beta1.PodMetricsList) {
		for i := range page.Items {
			used[page.Items[i].Name] = usedBy(&page.Items[i])
		}
	})
	return used, err
}

// usage is what the pods of one workload use.
func usage(used map[string]inUse, component scale.Component, w scale.Workload, at time.Time) scale.Reading[scale.Usage] {
	u, known := measure(used, component.Container, w)
	switch {
	case u.Pods == 0 && known > 0:
		return scale.Unknown[scale.Usage](fmt.Sprintf("the metrics API knows no container %q in the pods", component.Container), at, metricsSource)
	case u.Pods == 0:
		return scale.Unknown[scale.Usage]("the metrics API knows none of the pods yet", at, metricsSource)
	}
	reading := scale.Known(u, at, metricsSource)
	if u.Pods < u.Of {
		reading.Note = fmt.Sprintf("%d of %d pods", u.Pods, u.Of)
	}
	return reading
}

// measure is the mean and the peak over the pods that are ready and have metrics, and how many
// pods have any metrics.
func measure(used map[string]inUse, container string, w scale.Workload) (u scale.Usage, known int) {
	var sum pressure
	u.CPUPeak, u.MemoryPeak = -1, -1
	for _, p := range w.Counted() {
		if !p.Ready {
			continue
		}
		u.Of++
		one, ok := used[p.Name]
		if ok {
			known++
		}
		now, measured := pressureOf(one, container, p, w)
		if !measured {
			continue
		}
		u.Pods++
		sum = sum.each(now, part.plus)
		u.CPUPeak = max(u.CPUPeak, orRequest(now.limitCPU, now.requestCPU))
		u.MemoryPeak = max(u.MemoryPeak, orRequest(now.limitMemory, now.requestMemory))
		total := one.all()
		u.Peak.CPU, u.Peak.Memory = max(u.Peak.CPU, total.CPU), max(u.Peak.Memory, total.Memory)
	}
	u.CPULimit, u.MemoryLimit = sum.limitCPU.share(), sum.limitMemory.share()
	u.CPURequest, u.MemoryRequest = sum.requestCPU.share(), sum.requestMemory.share()
	return u, known
}

// orRequest is the share of the limit, or of the request where there is no limit.
func orRequest(limit, request part) float64 {
	if limit.bound > 0 {
		return limit.share()
	}
	return request.share()
}

func orElse(a, b int64) int64 {
	if a > 0 {
		return a
	}
	return b
}
