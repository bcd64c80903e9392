package kube

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/resource"

	"github.com/scalebot/scalebot/internal/scale"
)

// containersOf are the containers of a pod that go on running, with their bounds.
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

// runsOn reports whether an init container goes on running beside the others.
func runsOn(c *corev1.Container) bool {
	return c.RestartPolicy != nil && *c.RestartPolicy == corev1.ContainerRestartPolicyAlways
}

// boundsNow is what bounds a container at present: what the kubelet reports, where it
// does. A pod may be resized while it runs, by the vertical autoscaler for one.
func boundsNow(statuses []corev1.ContainerStatus, c *corev1.Container) scale.Bounds {
	i := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == c.Name })
	if i >= 0 && statuses[i].Resources != nil {
		return boundsOf(statuses[i].Resources)
	}
	return boundsOf(&c.Resources)
}

// boundsOf reads bounds; a request that is not set is the limit, as the API server has it.
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

// podBounds is what a pod as a whole asks for, as the scheduler counts it, and what it may
// use in all: not set where one of its containers is bound by nothing.
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

// within is a container's bounds inside its pod: what it does not set itself, the pod's
// own bounds set.
func within(c, pod scale.Bounds) scale.Bounds {
	return scale.Bounds{
		Requests: scale.Resources{CPU: orElse(c.Requests.CPU, pod.Requests.CPU), Memory: orElse(c.Requests.Memory, pod.Requests.Memory)},
		Limits:   scale.Resources{CPU: orElse(c.Limits.CPU, pod.Limits.CPU), Memory: orElse(c.Limits.Memory, pod.Limits.Memory)},
	}
}
