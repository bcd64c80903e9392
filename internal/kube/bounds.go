package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"

	"github.com/scalebot/scalebot/internal/scale"
)

// containersOf are the containers that run for as long as the pod does, with their requests and
// limits.
func containersOf(pod *corev1.Pod) []scale.Container {
	var all []scale.Container
	for i := range pod.Spec.InitContainers {
		if c := &pod.Spec.InitContainers[i]; runsOn(c) {
			all = append(all, scale.Container{Name: c.Name, Bounds: boundsNow(pod.Status.InitContainerStatuses, c), Sidecar: true})
		}
	}
	for i := range pod.Spec.Containers {
		c := &pod.Spec.Containers[i]
		all = append(all, scale.Container{Name: c.Name, Bounds: boundsNow(pod.Status.ContainerStatuses, c)})
	}
	return all
}

// runsOn reports whether an init container keeps running beside the others (a sidecar).
func runsOn(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// boundsNow is a container's present requests and limits: what the kubelet reports, if it does,
// because a running pod may be resized, for example by the vertical autoscaler.
func boundsNow(statuses []corev1.ContainerStatus, c *corev1.Container) scale.Bounds {
	i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
	if i >= 0 && statuses[i].Resources != nil {
		return boundsOf(statuses[i].Resources)
	}
	return boundsOf(&c.Resources)
}

// boundsOf reads requests and limits; a missing request equals the limit, as in the API server.
func boundsOf(r *corev1.ResourceRequirements) scale.Bounds {
	if r == nil {
		return scale.Bounds{}
	}
	b := scale.Bounds{Requests: amountOf(r.Requests), Limits: amountOf(r.Limits)}
	if _, set := r.Requests[corev1.ResourceCPU]; !set {
		b.Requests.CPU = b.Limits.CPU
	}
	if _, set := r.Requests[corev1.ResourceMemory]; !set {
		b.Requests.Memory = b.Limits.Memory
	}
	return b
}

func amountOf(list corev1.ResourceList) scale.Resources {
	return scale.Resources{CPU: list.Cpu().MilliValue(), Memory: list.Memory().Value()}
}

// podBounds is what a pod as a whole requests, as the scheduler counts it, and its limit in all.
// The limit is not set when one of its containers has none.
func podBounds(pod *corev1.Pod) scale.Bounds {
	b := scale.Bounds{
		Requests: amountOf(resource.PodRequests(pod, resource.PodResourcesOptions{})),
		Limits:   amountOf(resource.PodLimits(pod, resource.PodResourcesOptions{})),
	}
	own := boundsOf(pod.Spec.Resources).Limits
	for _, c := range containersOf(pod) {
		if c.Limits.CPU == 0 && own.CPU == 0 {
			b.Limits.CPU = 0
		}
		if c.Limits.Memory == 0 && own.Memory == 0 {
			b.Limits.Memory = 0
		}
	}
	return b
}

// within is a container's bounds inside its pod: a bound that the container does not set is the
// pod's.
func within(c, pod scale.Bounds) scale.Bounds {
	return scale.Bounds{
		Requests: scale.Resources{CPU: orElse(c.Requests.CPU, pod.Requests.CPU), Memory: orElse(c.Requests.Memory, pod.Requests.Memory)},
		Limits:   scale.Resources{CPU: orElse(c.Limits.CPU, pod.Limits.CPU), Memory: orElse(c.Limits.Memory, pod.Limits.Memory)},
	}
}
