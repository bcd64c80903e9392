package kube

import (
	corev1 "k8s.io/api/core/v1"
	quantity "k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-helpers/resource"

	"github.com/scalebot/scalebot/internal/scale"
)

// nextPod is one more pod of a workload, as it would be created. It is a copy of the newest pod
// of the newest template, because admission has already changed that pod (sidecars, defaults, a
// vertical autoscaler's requests). Without such a pod it comes from the template.
type nextPod struct {
	corev1.Pod
	// live says that it was copied from an existing pod.
	live bool
}

// nextOf makes a pod of a template, with the defaults that every pod gets.
func nextOf(namespace string, template *corev1.PodTemplateSpec) *nextPod {
	p := &nextPod{Pod: corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Labels: template.Labels}, Spec: shape(&template.Spec)}}
	withDefaults(&p.Pod)
	return p
}

// nextFor is the next pod of a workload. If the workload does not describe one, it is a pod with
// one container and the known bounds.
func nextFor(w scale.Workload) *nextPod {
	if p, ok := w.Template.(*nextPod); ok {
		return p
	}
	only := corev1.Container{Name: w.Name, Resources: corev1.ResourceRequirements{Requests: listOf(w.Requests), Limits: listOf(w.Limits)}}
	return nextOf(w.Namespace, &corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{only}}})
}

func listOf(r scale.Resources) corev1.ResourceList {
	list := corev1.ResourceList{}
	if r.CPU > 0 {
		list[corev1.ResourceCPU] = *quantity.NewMilliQuantity(r.CPU, quantity.DecimalSI)
	}
	if r.Memory > 0 {
		list[corev1.ResourceMemory] = *quantity.NewQuantity(r.Memory, quantity.BinarySI)
	}
	return list
}

// alike copies an existing pod if that is newer than the one copied so far.
func (p *nextPod) alike(pod *corev1.Pod) *nextPod {
	if p.live && !pod.CreationTimestamp.After(p.CreationTimestamp.Time) {
		return p
	}
	like := &nextPod{live: true}
	like.Namespace, like.Labels, like.CreationTimestamp = pod.Namespace, pod.Labels, pod.CreationTimestamp
	like.Spec = shape(&pod.Spec)
	withDefaults(&like.Pod)
	return like
}

// shape holds the fields of a pod specification that decide where the pod fits and whether it
// may be created. Nothing else is kept, because environment and arguments may hold secrets.
func shape(spec *corev1.PodSpec) corev1.PodSpec {
	spec = spec.DeepCopy()
	of := corev1.PodSpec{
		Resources: spec.Resources, Overhead: spec.Overhead, ResourceClaims: spec.ResourceClaims, Volumes: spec.Volumes,
		NodeSelector: spec.NodeSelector, Affinity: spec.Affinity, Tolerations: spec.Tolerations,
		TopologySpreadConstraints: spec.TopologySpreadConstraints, SchedulingGates: spec.SchedulingGates, SchedulerName: spec.SchedulerName,
		PriorityClassName: spec.PriorityClassName, RuntimeClassName: spec.RuntimeClassName, ActiveDeadlineSeconds: spec.ActiveDeadlineSeconds, HostNetwork: spec.HostNetwork,
	}
	only := func(containers []corev1.Container) (reduced []corev1.Container) {
		for _, c := range containers {
			reduced = append(reduced, corev1.Container{Name: c.Name, Resources: c.Resources, Ports: c.Ports, RestartPolicy: c.RestartPolicy})
		}
		return reduced
	}
	of.InitContainers, of.Containers = only(spec.InitContainers), only(spec.Containers)
	return of
}

// withDefaults fills in what the API server fills in for every pod: a missing request equals the
// limit, and missing requests of the pod as a whole are the sum over its containers.
func withDefaults(pod *corev1.Pod) {
	for _, containers := range [][]corev1.Container{pod.Spec.InitContainers, pod.Spec.Containers} {
		for i := range containers {
			fillIn(&containers[i].Resources.Requests, containers[i].Resources.Limits)
		}
	}
	if own := pod.Spec.Resources; own != nil && len(own.Limits) > 0 {
		asked := corev1.ResourceList{}
		for name, amount := range resource.AggregateContainerRequests(pod, resource.PodResourcesOptions{}) {
			if resource.IsSupportedPodLevelResource(name) {
				asked[name] = amount
			}
		}
		fillIn(&own.Requests, asked)
		fillIn(&own.Requests, own.Limits)
	}
}

// fillIn sets what is not set.
func fillIn(list *corev1.ResourceList, with corev1.ResourceList) {
	for name, amount := range with {
		if _, set := (*list)[name]; set {
			continue
		}
		if *list == nil {
			*list = corev1.ResourceList{}
		}
		(*list)[name] = amount.DeepCopy()
	}
}
