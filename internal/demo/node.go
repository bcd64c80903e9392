package demo

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// tenantNamespace is where other people's pods run when the nodes are full.
	tenantNamespace = "analytics"
	// tenantLeaves is what these pods leave of a node's CPU, in millicores.
	tenantLeaves = 50
	// scheduleAgain is how often a pod that fits nowhere is tried again and reported.
	scheduleAgain = 20 * time.Second
)

// node is one machine. Amounts are millicores and bytes.
type node struct {
	name        string
	cpu, memory int64
	// tenant is the CPU taken by other people's pod, 0 without one.
	tenant int64
}

func (c *cluster) addNodes(now time.Time) {
	for i := range 3 {
		n := &node{name: fmt.Sprintf("worker-%d", i+1), cpu: 7910, memory: 31 << 30}
		room := corev1.ResourceList{
			corev1.ResourceCPU:    *resource.NewMilliQuantity(n.cpu, resource.DecimalSI),
			corev1.ResourceMemory: *resource.NewQuantity(n.memory, resource.BinarySI),
			corev1.ResourcePods:   resource.MustParse("110"),
		}
		c.nodes = append(c.nodes, n)
		c.put(nodeResource, &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{
				Name: n.name, CreationTimestamp: metav1.NewTime(now),
				Labels: map[string]string{"kubernetes.io/hostname": n.name, "kubernetes.io/os": "linux"},
			},
			Status: corev1.NodeStatus{
				Allocatable: room, Capacity: room,
				Conditions: []corev1.NodeCondition{{
					Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady",
					LastTransitionTime: metav1.NewTime(now),
				}},
			},
		})
	}
}

// free is what is left of a node.
func (c *cluster) free(n *node) (cpu, memory int64) {
	cpu, memory = n.cpu-n.tenant, n.memory
	for _, p := range c.pods {
		if p.node == n {
			requests := p.object.Spec.Containers[0].Resources.Requests
			cpu -= requests.Cpu().MilliValue()
			memory -= requests.Memory().Value()
		}
	}
	return cpu, memory
}

// schedule puts a pod on the node with the most room, or says why there is none.
func (c *cluster) schedule(p *pod, now time.Time) {
	requests := p.object.Spec.Containers[0].Resources.Requests
	var best *node
	var most int64
	noCPU, noMemory := 0, 0
	for _, n := range c.nodes {
		cpu, memory := c.free(n)
		shortCPU, shortMemory := cpu < requests.Cpu().MilliValue(), memory < requests.Memory().Value()
		if shortCPU {
			noCPU++
		}
		if shortMemory {
			noMemory++
		}
		if !shortCPU && !shortMemory && (best == nil || cpu > most) {
			best, most = n, cpu
		}
	}
	if best == nil {
		c.refuse(p, noCPU, noMemory, now)
		return
	}
	c.bind(p, best, now)
}

func (c *cluster) refuse(p *pod, noCPU, noMemory int, now time.Time) {
	var short []string
	if noCPU > 0 {
		short = append(short, fmt.Sprintf("%d Insufficient cpu", noCPU))
	}
	if noMemory > 0 {
		short = append(short, fmt.Sprintf("%d Insufficient memory", noMemory))
	}
	why := fmt.Sprintf("0/%d nodes are available: %s.", len(c.nodes), strings.Join(short, ", "))
	p.next = now.Add(scheduleAgain)
	p.setCondition(corev1.PodScheduled, corev1.ConditionFalse, corev1.PodReasonUnschedulable, why, now)
	c.publish(p)
	c.record(p.object, "Pod", corev1.EventTypeWarning, "FailedScheduling", "default-scheduler", why)
}

func (c *cluster) bind(p *pod, n *node, now time.Time) {
	pulling := c.between(pullLeast, pullMost)
	p.node, p.stage, p.next = n, stagePulling, now.Add(pulling)
	p.readyIn = c.between(startLeast, startMost) - pulling
	p.object.Spec.NodeName = n.name
	started := metav1.NewTime(now)
	p.object.Status.StartTime = &started
	p.setCondition(corev1.PodScheduled, corev1.ConditionTrue, "", "", now)
	p.setCondition(corev1.PodInitialized, corev1.ConditionTrue, "", "", now)
	p.setCondition(corev1.ContainersReady, corev1.ConditionFalse, "ContainersNotReady", "containers with unready status: ["+p.component.name+"]", now)
	p.setCondition(corev1.PodReady, corev1.ConditionFalse, "ContainersNotReady", "containers with unready status: ["+p.component.name+"]", now)
	c.wait(p, "ContainerCreating", "")
	c.record(p.object, "Pod", corev1.EventTypeNormal, "Scheduled", "default-scheduler",
		fmt.Sprintf("Successfully assigned %s/%s to %s", Namespace, p.name, n.name))
	c.podEvent(p, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", p.object.Spec.Containers[0].Image))
}

// rentNodes fills the nodes with other people's pods, or takes those away again.
func (c *cluster) rentNodes(full bool, now time.Time) {
	for _, n := range c.nodes {
		name := "batch-reindex-" + n.name
		switch {
		case full && n.tenant == 0:
			cpu, _ := c.free(n)
			if cpu <= tenantLeaves {
				continue
			}
			n.tenant = cpu - tenantLeaves
			c.put(podResource, tenantPod(name, n, now))
		case !full && n.tenant > 0:
			n.tenant = 0
			c.remove(podResource, tenantNamespace, name)
		}
	}
}

func tenantPod(name string, n *node, now time.Time) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: tenantNamespace, CreationTimestamp: metav1.NewTime(now),
			Labels: map[string]string{"app": "batch-reindex"},
		},
		Spec: corev1.PodSpec{
			NodeName: n.name,
			Containers: []corev1.Container{{
				Name: "reindex", Image: "registry.example.com/analytics/reindex:7.1.0",
				Resources: corev1.ResourceRequirements{Requests: corev1.ResourceList{
					corev1.ResourceCPU: *resource.NewMilliQuantity(n.tenant, resource.DecimalSI),
				}},
			}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
}
