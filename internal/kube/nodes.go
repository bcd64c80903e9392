package kube

import (
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	helpers "k8s.io/component-helpers/resource"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// nodes is what is left on each node.
type nodes struct {
	all map[string]*nodeRoom
	// scheduled are the pods on the nodes. It is filled only when a workload has affinity to
	// other pods.
	scheduled []scheduledPod
	// note says why nothing is known about the nodes although nothing is broken.
	note string
}

// nodeRoom is one node and what is left on it.
type nodeRoom struct {
	corev1.Node
	left map[corev1.ResourceName]int64
	pods int64
	// ports are the node's ports that pods use.
	ports []hostPort
}

// manyPods is the capacity of a node that sets no bound on its pods.
const manyPods = 1000

// nodes reads the nodes and what the pods on them request. company says to remember which pods
// run where. A missing permission is not an error: a namespaced Role cannot grant it.
func (c *Cluster) nodes(ctx context.Context, company bool) (nodes, error) {
	n := nodes{all: map[string]*nodeRoom{}}
	err := api.Pages(ctx, c.Timeout, c.Kubernetes.CoreV1().Nodes().List, metav1.ListOptions{}, func() { clear(n.all) }, func(page *corev1.NodeList) {
		for i := range page.Items {
			if ready(&page.Items[i]) {
				n.all[page.Items[i].Name] = emptyNode(&page.Items[i])
			}
		}
	})
	if apierrors.IsForbidden(err) {
		return nodes{note: "the bot may not list nodes"}, nil
	}
	if err != nil {
		return nodes{}, err
	}
	empty := func() {
		n.scheduled = nil
		for _, one := range n.all {
			one.vacate()
		}
	}
	options := metav1.ListOptions{FieldSelector: "status.phase!=Succeeded,status.phase!=Failed"}
	err = api.Pages(ctx, c.Timeout, c.Kubernetes.CoreV1().Pods(metav1.NamespaceAll).List, options, empty, func(page *corev1.PodList) {
		for i := range page.Items {
			n.put(&page.Items[i], company)
		}
	})
	if apierrors.IsForbidden(err) {
		return nodes{note: "the bot may not list the pods of all namespaces"}, nil
	}
	return n, err
}

// emptyNode copies the needed parts of a node.
func emptyNode(n *corev1.Node) *nodeRoom {
	of := &nodeRoom{}
	of.Name, of.Labels, of.Spec = n.Name, n.Labels, corev1.NodeSpec{Taints: n.Spec.Taints, Unschedulable: n.Spec.Unschedulable}
	of.Status.Allocatable = n.Status.Allocatable
	of.vacate()
	return of
}

// vacate makes the node empty again.
func (n *nodeRoom) vacate() {
	n.left, n.ports, n.pods = map[corev1.ResourceName]int64{}, nil, manyPods
	for name, amount := range n.Status.Allocatable {
		n.left[name] = counted(name, amount)
	}
	if most := n.Status.Allocatable.Pods().Value(); most > 0 {
		n.pods = most
	}
}

// put reserves what a pod takes on its node. A pod that is being deleted counts too: it keeps its
// resources until it has gone.
func (n *nodes) put(pod *corev1.Pod, company bool) {
	on := n.all[pod.Spec.NodeName]
	if on == nil {
		return
	}
	on.pods--
	options := helpers.PodResourcesOptions{UseStatusResources: true, InPlacePodLevelResourcesVerticalScalingEnabled: true}
	for name, amount := range helpers.PodRequests(pod, options) {
		on.left[name] -= counted(name, amount)
	}
	on.ports = append(on.ports, hostPorts(pod)...)
	if company {
		n.scheduled = append(n.scheduled, scheduledPod{namespace: pod.Namespace, labels: pod.Labels, on: on})
	}
}

// counted is an amount as the scheduler counts it: CPU in thousandths, all else whole.
func counted(name corev1.ResourceName, amount resource.Quantity) int64 {
	if name == corev1.ResourceCPU {
		return amount.MilliValue()
	}
	return amount.Value()
}

// room counts how many pods fit on each node that the pod may run on, beside what is requested
// there. It counts per node because a pod cannot be split.
func (n *nodes) room(room *scale.Room, pod *corev1.Pod) {
	if n.note != "" {
		return
	}
	room.Beyond = append(room.Beyond, uncounted(pod)...)
	requests, ports := helpers.PodRequests(pod, helpers.PodResourcesOptions{}), hostPorts(pod)
	affinity := nodeaffinity.GetRequiredNodeAffinity(pod)
	fit := map[*nodeRoom]int64{}
	for _, one := range n.all {
		if suits, err := affinity.Match(&one.Node); err != nil || !suits || !tolerates(pod, &one.Node) {
			continue
		}
		room.Free.CPU += max(0, one.left[corev1.ResourceCPU])
		room.Free.Memory += max(0, one.left[corev1.ResourceMemory])
		if pods := one.fits(requests, ports); pods > 0 {
			fit[one] = pods
		}
	}
	room.NodePods = int(n.inCompany(pod, fit))
}

// fits is how many pods of a kind fit on the node.
func (n *nodeRoom) fits(requests corev1.ResourceList, ports []hostPort) int64 {
	fit := n.pods
	for name, amount := range requests {
		if need := counted(name, amount); need > 0 {
			fit = min(fit, n.left[name]/need)
		}
	}
	if len(ports) > 0 {
		fit = min(fit, 1)
	}
	if slices.ContainsFunc(ports, func(p hostPort) bool { return slices.ContainsFunc(n.ports, p.meets) }) {
		return 0
	}
	return max(0, fit)
}

// ready reports whether the node works. A pod that tolerates a node that is not ready would still
// not run there.
func ready(n *corev1.Node) bool {
	return slices.ContainsFunc(n.Status.Conditions, func(condition corev1.NodeCondition) bool {
		return condition.Type == corev1.NodeReady && condition.Status == corev1.ConditionTrue
	})
}
