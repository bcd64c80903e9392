package kube

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// Room reads how many more pods of this kind fit, by the nodes and by the namespace's
// quotas. Without the right to list nodes or pods of the cluster the nodes'
// part is unknown, and the note says so.
func (c *Cluster) Room(ctx context.Context, component scale.Component, w scale.Workload) scale.Reading[scale.Room] {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	room := scale.Room{QuotaPods: -1, NodePods: -1}
	quotas, err := c.Kubernetes.CoreV1().ResourceQuotas(component.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return unknown[scale.Room]("reading the quotas of "+component.Namespace, err, c.Clock.Now(), source)
	}
	for _, q := range quotas.Items {
		quotaRoom(&room, q, w)
	}
	note, err := c.nodeRoom(ctx, &room, w)
	if err != nil {
		return unknown[scale.Room]("reading the nodes", err, c.Clock.Now(), source)
	}
	reading := scale.Known(room, c.Clock.Now(), source)
	reading.Note = note
	return reading
}

// quotaRoom lowers the number of pods by what one quota leaves.
func quotaRoom(room *scale.Room, q corev1.ResourceQuota, w scale.Workload) {
	each := map[corev1.ResourceName]int64{
		corev1.ResourcePods: 1000, "count/pods": 1000,
		corev1.ResourceRequestsCPU: w.Requests.CPU, corev1.ResourceCPU: w.Requests.CPU, corev1.ResourceLimitsCPU: w.Limits.CPU,
		corev1.ResourceRequestsMemory: w.Requests.Memory * 1000, corev1.ResourceMemory: w.Requests.Memory * 1000, corev1.ResourceLimitsMemory: w.Limits.Memory * 1000,
	}
	for name, hard := range q.Status.Hard {
		need := each[name]
		if need <= 0 {
			continue
		}
		used := q.Status.Used[name]
		pods := int(max(0, milli(hard)-milli(used)) / need)
		room.Quota = append(room.Quota, fmt.Sprintf("quota %s: %s %s of %s used", q.Name, name, used.String(), hard.String()))
		if room.QuotaPods < 0 || pods < room.QuotaPods {
			room.QuotaPods = pods
		}
	}
	slices.Sort(room.Quota)
}

// milli is a quantity in thousandths, without overflowing for memory.
func milli(q resource.Quantity) int64 {
	if v := q.Value(); v > 1<<40 {
		return v * 1000
	}
	return q.MilliValue()
}

// nodeRoom counts how many pods fit on each schedulable node beside what is requested
// there already.
func (c *Cluster) nodeRoom(ctx context.Context, room *scale.Room, w scale.Workload) (note string, err error) {
	nodes, err := c.Kubernetes.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if apierrors.IsForbidden(err) {
		return "the bot may not list nodes", nil
	}
	if err != nil {
		return "", err
	}
	pods, err := c.Kubernetes.CoreV1().Pods(metav1.NamespaceAll).List(ctx, metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"})
	if apierrors.IsForbidden(err) {
		return "the bot may not list the pods of all namespaces", nil
	}
	if err != nil {
		return "", err
	}
	taken, count := map[string]scale.Resources{}, map[string]int64{}
	for i := range pods.Items {
		node := pods.Items[i].Spec.NodeName
		requests := asked(pods.Items[i].Spec)
		t := taken[node]
		taken[node] = scale.Resources{CPU: t.CPU + requests.CPU, Memory: t.Memory + requests.Memory}
		count[node]++
	}
	room.NodePods = 0
	for i := range nodes.Items {
		if n := &nodes.Items[i]; schedulable(n) {
			addNode(room, n, taken[n.Name], count[n.Name], w.Requests)
		}
	}
	return "", nil
}

// asked is what the scheduler reserves for a pod: its containers together, or its
// greediest init container where that is more, and the overhead of its runtime. A
// container without a request asks for nothing.
func asked(spec corev1.PodSpec) scale.Resources {
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

func addNode(room *scale.Room, n *corev1.Node, taken scale.Resources, pods int64, each scale.Resources) {
	free := scale.Resources{
		CPU:    max(0, n.Status.Allocatable.Cpu().MilliValue()-taken.CPU),
		Memory: max(0, n.Status.Allocatable.Memory().Value()-taken.Memory),
	}
	room.Free.CPU, room.Free.Memory = room.Free.CPU+free.CPU, room.Free.Memory+free.Memory
	fit := int64(1000)
	if slots := n.Status.Allocatable.Pods().Value(); slots > 0 {
		fit = max(0, slots-pods)
	}
	if each.CPU > 0 {
		fit = min(fit, free.CPU/each.CPU)
	}
	if each.Memory > 0 {
		fit = min(fit, free.Memory/each.Memory)
	}
	room.NodePods += int(fit)
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
