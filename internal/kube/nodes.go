package kube

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// nodes is what is left on the nodes that ordinary pods may go to.
type nodes struct {
	left []capacity
	// note says why nothing is known of them although nothing is broken.
	note string
}

// capacity is what a node has, or what pods take of it.
type capacity struct {
	scale.Resources
	pods int64
}

// manyPods is what a node takes that sets no bound on its pods.
const manyPods = 1000

// nodes reads the nodes and what the pods on them have reserved. That the bot may not is
// no error: a namespaced Role cannot allow it.
func (c *Cluster) nodes(ctx context.Context) (nodes, error) {
	have, taken := map[string]capacity{}, map[string]capacity{} // by node.
	err := pages(ctx, c.Timeout, c.Kubernetes.CoreV1().Nodes().List, metav1.ListOptions{}, func() { clear(have) }, func(page *corev1.NodeList) {
		for i := range page.Items {
			if n := &page.Items[i]; schedulable(n) {
				have[n.Name] = allocatable(n)
			}
		}
	})
	if apierrors.IsForbidden(err) {
		return nodes{note: "the bot may not list nodes"}, nil
	}
	if err != nil {
		return nodes{}, err
	}
	options := metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"}
	err = pages(ctx, c.Timeout, c.Kubernetes.CoreV1().Pods(metav1.NamespaceAll).List, options, func() { clear(taken) }, func(page *corev1.PodList) {
		for i := range page.Items {
			spec := &page.Items[i].Spec
			taken[spec.NodeName] = taken[spec.NodeName].plus(asked(spec))
		}
	})
	if apierrors.IsForbidden(err) {
		return nodes{note: "the bot may not list the pods of all namespaces"}, nil
	}
	return remaining(have, taken), err
}

func allocatable(n *corev1.Node) capacity {
	return capacity{plus(scale.Resources{}, n.Status.Allocatable), n.Status.Allocatable.Pods().Value()}
}

// plus adds one pod.
func (c capacity) plus(pod scale.Resources) capacity {
	return capacity{scale.Resources{CPU: c.CPU + pod.CPU, Memory: c.Memory + pod.Memory}, c.pods + 1}
}

func remaining(have, taken map[string]capacity) nodes {
	var n nodes
	for name, of := range have {
		t := taken[name]
		left := capacity{scale.Resources{CPU: max(0, of.CPU-t.CPU), Memory: max(0, of.Memory-t.Memory)}, manyPods}
		if of.pods > 0 {
			left.pods = max(0, of.pods-t.pods)
		}
		n.left = append(n.left, left)
	}
	return n
}

// room counts how many pods fit on each node beside what is requested there already; a
// pod cannot be cut in two.
func (n nodes) room(room *scale.Room, each scale.Resources) {
	if n.note != "" {
		return
	}
	room.NodePods = 0
	for _, left := range n.left {
		room.Free.CPU, room.Free.Memory = room.Free.CPU+left.CPU, room.Free.Memory+left.Memory
		fit := left.pods
		if each.CPU > 0 {
			fit = min(fit, left.CPU/each.CPU)
		}
		if each.Memory > 0 {
			fit = min(fit, left.Memory/each.Memory)
		}
		room.NodePods += int(fit)
	}
}

// asked is what the scheduler reserves for a pod: its containers together, or its
// greediest init container where that is more, and the overhead of its runtime. A
// container without a request asks for nothing.
func asked(spec *corev1.PodSpec) scale.Resources {
	var sum scale.Resources
	for _, container := range spec.Containers {
		sum = plus(sum, container.Resources.Requests)
	}
	for _, container := range spec.InitContainers {
		first := plus(scale.Resources{}, container.Resources.Requests)
		sum.CPU, sum.Memory = max(sum.CPU, first.CPU), max(sum.Memory, first.Memory)
	}
	return plus(sum, spec.Overhead)
}

func plus(to scale.Resources, list corev1.ResourceList) scale.Resources {
	return scale.Resources{CPU: to.CPU + list.Cpu().MilliValue(), Memory: to.Memory + list.Memory().Value()}
}

// schedulable reports whether ordinary pods may go to the node.
func schedulable(n *corev1.Node) bool {
	if n.Spec.Unschedulable {
		return false
	}
	for _, taint := range n.Spec.Taints {
		if taint.Effect == corev1.TaintEffectNoSchedule || taint.Effect == corev1.TaintEffectNoExecute {
			return false
		}
	}
	return slices.ContainsFunc(n.Status.Conditions, func(condition corev1.NodeCondition) bool {
		return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
	})
}
