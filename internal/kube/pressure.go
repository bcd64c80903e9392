package kube

import (
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	"github.com/scalebot/scalebot/internal/scale"
)

// inUse is what the containers of a pod use, by name.
type inUse map[string]scale.Resources

func usedBy(item *metricsv1beta1.PodMetrics) inUse {
	used := make(inUse, len(item.Containers))
	for _, c := range item.Containers {
		used[c.Name] = amountOf(c.Usage)
	}
	return used
}

// all is the use of the whole pod.
func (u inUse) all() scale.Resources {
	var sum scale.Resources
	for _, one := range u {
		sum = scale.Resources{CPU: sum.CPU + one.CPU, Memory: sum.Memory + one.Memory}
	}
	return sum
}

// part is a used amount and the bound it counts against; without a bound there is no share.
type part struct{ used, bound int64 }

// share is used divided by bound; negative when there is no bound.
func (p part) share() float64 {
	if p.bound <= 0 {
		return -1
	}
	return float64(p.used) / float64(p.bound)
}

func (p part) plus(other part) part {
	if other.bound <= 0 {
		return p
	}
	return part{p.used + other.used, p.bound + other.bound}
}

// nearer is the part with the higher share of its bound.
func (p part) nearer(other part) part {
	if other.share() > p.share() {
		return other
	}
	return p
}

// pressure is the use of CPU and memory against limits and requests.
type pressure struct{ limitCPU, limitMemory, requestCPU, requestMemory part }

// against is the use of something against its bounds.
func against(used scale.Resources, b scale.Bounds) pressure {
	return pressure{
		limitCPU: part{used.CPU, b.Limits.CPU}, limitMemory: part{used.Memory, b.Limits.Memory},
		requestCPU: part{used.CPU, b.Requests.CPU}, requestMemory: part{used.Memory, b.Requests.Memory},
	}
}

func (p pressure) each(other pressure, combine func(part, part) part) pressure {
	return pressure{
		limitCPU: combine(p.limitCPU, other.limitCPU), limitMemory: combine(p.limitMemory, other.limitMemory),
		requestCPU: combine(p.requestCPU, other.requestCPU), requestMemory: combine(p.requestMemory, other.requestMemory),
	}
}

// pressureOf measures one pod by the named container, or by all containers that have the bound in
// question, as long as those are the larger part of the pod. So use and bound always cover the
// same containers. A bound of the whole pod covers all of them, and counts where its share is
// higher. It returns false when metrics for these containers are missing.
func pressureOf(used inUse, container string, p scale.Pod, w scale.Workload) (pressure, bool) {
	measured, complete := measuredOf(used, container, p)
	if len(used) == 0 || !complete {
		return pressure{}, false
	}
	var own pressure
	for _, c := range measured {
		own = own.each(against(used[c.Name], c.Bounds), part.plus)
	}
	own = own.ofTheLargerPart(measured)
	pod := p.Bounds
	if len(p.Containers) == 0 {
		pod = scale.Bounds{Requests: w.Requests, Limits: w.Limits}
	}
	return own.each(against(used.all(), pod), part.nearer), true
}

// ofTheLargerPart removes the share of the limit if most of what the pod requests has no limit.
// Example: a worker without a limit beside an idle proxy with one would show the proxy's share.
// Then the use is compared with the request.
func (p pressure) ofTheLargerPart(measured []scale.Container) pressure {
	var cpu, memory int64 // requests of containers with a limit, minus requests of those without
	for _, c := range measured {
		cpu += signed(c.Requests.CPU, c.Limits.CPU)
		memory += signed(c.Requests.Memory, c.Limits.Memory)
	}
	if cpu < 0 {
		p.limitCPU = part{}
	}
	if memory < 0 {
		p.limitMemory = part{}
	}
	return p
}

func signed(request, limit int64) int64 {
	if limit > 0 {
		return request
	}
	return -request
}

// measuredOf are the containers of a pod that are to be measured, all of which have metrics. It
// leaves out a sidecar without metrics.
func measuredOf(used inUse, container string, p scale.Pod) (measured []scale.Container, complete bool) {
	for _, c := range p.Containers {
		_, known := used[c.Name]
		switch {
		case container != "" && c.Name != container, c.Sidecar && !known:
		case !known:
			return nil, false
		default:
			measured = append(measured, c)
		}
	}
	return measured, container == "" || len(measured) > 0
}
