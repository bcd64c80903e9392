package kube

import (
	"cmp"
	"context"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// Rooms reads how many more pods of each component fit, by the nodes and by the namespaces'
// quotas and LimitRanges. Without the right to list the cluster's nodes or pods, the
// nodes' part is unknown, and the note says so. The answer has an entry for every component whose
// workload is given.
func (c *Cluster) Rooms(ctx context.Context, components []scale.Component, workloads map[string]scale.Workload) map[string]scale.Reading[scale.Room] {
	all := make(map[string]scale.Reading[scale.Room], len(components))
	at := c.Clock.Now()
	spaces := c.spaces(ctx, components)
	nodes, err := c.nodes(ctx, slices.ContainsFunc(slices.Collect(maps.Values(workloads)), asksForCompany))
	for _, component := range components {
		w, given := workloads[component.Name]
		switch space := spaces[component.Namespace]; {
		case !given:
		case space.failed != nil:
			all[component.Name] = api.Unknown[scale.Room]("reading the quotas of "+component.Namespace, space.failed, at, source)
		case err != nil:
			all[component.Name] = api.Unknown[scale.Room]("reading the nodes", err, at, source)
		default:
			reading := scale.Known(roomFor(w, space, nodes), at, source)
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

// space is what a namespace allows for the pods created in it.
type space struct {
	quotas []corev1.ResourceQuota
	ranges []corev1.LimitRange
	// failed is why the quotas are not known; blind is why the LimitRanges are not known.
	failed, blind error
}

// spaces reads the quotas and LimitRanges of the components' namespaces.
func (c *Cluster) spaces(ctx context.Context, components []scale.Component) map[string]*space {
	all := map[string]*space{}
	for namespace := range byNamespace(components) {
		s := &space{}
		s.failed = api.Pages(ctx, c.Timeout, c.Kubernetes.CoreV1().ResourceQuotas(namespace).List, metav1.ListOptions{}, func() { s.quotas = nil },
			func(page *corev1.ResourceQuotaList) { s.quotas = append(s.quotas, page.Items...) })
		s.blind = api.Pages(ctx, c.Timeout, c.Kubernetes.CoreV1().LimitRanges(namespace).List, metav1.ListOptions{}, func() { s.ranges = nil },
			func(page *corev1.LimitRangeList) { s.ranges = append(s.ranges, page.Items...) })
		all[namespace] = s
	}
	return all
}

// roomFor counts how many more pods of one workload fit.
func roomFor(w scale.Workload, s *space, nodes nodes) scale.Room {
	room := scale.Room{QuotaPods: -1, NodePods: -1}
	next := nextFor(w)
	pod := next.Pod.DeepCopy()
	room.Refused = admit(pod, s.ranges)
	if s.blind != nil && !next.live {
		room.Beyond = append(room.Beyond, "the namespace's LimitRanges, which may set defaults, cannot be read")
	}
	for i := range s.quotas {
		quotaRoom(&room, &s.quotas[i], pod, s.blind == nil || next.live)
	}
	slices.Sort(room.Quota)
	if room.Refused != "" {
		room.QuotaPods = 0
	}
	if !next.live && pod.Spec.RuntimeClassName != nil {
		room.Beyond = append(room.Beyond, "what the runtime class "+*pod.Spec.RuntimeClassName+" adds to a pod")
	}
	nodes.room(&room, pod)
	return room
}

// refuse notes why no such pod can be created; the first reason is the one the server would give.
func refuse(room *scale.Room, why string) { room.Refused = cmp.Or(room.Refused, why) }
