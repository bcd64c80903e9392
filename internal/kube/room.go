package kube

import (
	"context"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// Rooms reads how many more pods of each kind fit, by the nodes and by the namespaces'
// quotas. Without the right to list nodes or pods of the cluster the nodes' part
// is unknown, and the note says so. The answer has an entry for every component whose
// workload is given.
func (c *Cluster) Rooms(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Room] {
	all := make(map[string]scale.Reading[scale.Room], len(components))
	at := c.Clock.Now()
	quotas, failed := c.quotas(ctx, components)
	nodes, err := c.nodes(ctx)
	for _, component := range components {
		w, given := workloads[component.Name]
		switch why := failed[component.Namespace]; {
		case !given:
		case why != nil:
			all[component.Name] = unknown[scale.Room]("reading the quotas of "+component.Namespace, why, at, source)
		case err != nil:
			all[component.Name] = unknown[scale.Room]("reading the nodes", err, at, source)
		default:
			reading := scale.Known(roomFor(w, quotas[component.Namespace], nodes), at, source)
			reading.Note = nodes.note
			all[component.Name] = reading
		}
	}
	return all
}

// Room is Rooms of one component.
func (c *Cluster) Room(ctx context.Context, component scale.Component, w scale.Workload) scale.Reading[scale.Room] {
	return c.Rooms(ctx, []scale.Component{component}, map[string]scale.Workload{component.Name: w})[component.Name]
}

// quotas reads the quotas of the components' namespaces, and why those of some could not
// be read.
func (c *Cluster) quotas(ctx context.Context, components []scale.Component) (quotas map[string][]corev1.ResourceQuota, failed map[string]error) {
	quotas, failed = map[string][]corev1.ResourceQuota{}, map[string]error{}
	for namespace := range byNamespace(components) {
		none := func() { delete(quotas, namespace) }
		err := pages(ctx, c.Timeout, c.Kubernetes.CoreV1().ResourceQuotas(namespace).List, metav1.ListOptions{}, none, func(page *corev1.ResourceQuotaList) {
			quotas[namespace] = append(quotas[namespace], page.Items...)
		})
		if err != nil {
			failed[namespace] = err
		}
	}
	return quotas, failed
}

// roomFor is the room for one more kind of pod.
func roomFor(w scale.Workload, quotas []corev1.ResourceQuota, nodes nodes) scale.Room {
	room := scale.Room{QuotaPods: -1, NodePods: -1}
	for _, q := range quotas {
		quotaRoom(&room, q, w)
	}
	nodes.room(&room, w.Requests)
	return room
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
