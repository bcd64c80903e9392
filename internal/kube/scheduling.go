package kube

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	scheduling "k8s.io/component-helpers/scheduling/corev1"
	"k8s.io/klog/v2"
)

// tolerates reports whether a pod may run on a node in spite of its taints. A cordoned node has a
// taint of its own, which DaemonSet pods tolerate.
func tolerates(pod *corev1.Pod, n *corev1.Node) bool {
	taints := n.Spec.Taints
	if n.Spec.Unschedulable {
		taints = append(taints[:len(taints):len(taints)], corev1.Taint{Key: corev1.TaintNodeUnschedulable, Effect: corev1.TaintEffectNoSchedule})
	}
	binding := func(t *corev1.Taint) bool { return t.Effect != corev1.TaintEffectPreferNoSchedule }
	_, refused := scheduling.FindMatchingUntoleratedTaint(klog.Background(), taints, pod.Spec.Tolerations, binding, true)
	return !refused
}

// hostPort is a port of the node itself.
type hostPort struct {
	ip       string
	protocol corev1.Protocol
	port     int32
}

// hostPorts are the ports of the node that a pod takes, its sidecars included.
func hostPorts(pod *corev1.Pod) (ports []hostPort) {
	eachContainer(pod, func(c *corev1.Container) {
		for _, p := range c.Ports {
			port := p.HostPort
			if port == 0 && pod.Spec.HostNetwork {
				port = p.ContainerPort
			}
			if port > 0 {
				ports = append(ports, hostPort{cmp.Or(p.HostIP, anyIP), cmp.Or(p.Protocol, corev1.ProtocolTCP), port})
			}
		}
	})
	return ports
}

// anyIP is the address of a port that names none.
const anyIP = "0.0.0.0"

// meets reports whether two ports cannot be used on the same node.
func (p hostPort) meets(other hostPort) bool {
	return p.port == other.port && p.protocol == other.protocol && (p.ip == other.ip || p.ip == anyIP || other.ip == anyIP)
}

// uncounted are the pod's scheduling rules that are not counted here, so that fewer pods may fit
// than there seems to be room for.
func uncounted(pod *corev1.Pod) (rules []string) {
	spec := &pod.Spec
	for _, s := range spec.TopologySpreadConstraints {
		if s.WhenUnsatisfiable == corev1.DoNotSchedule {
			rules = append(rules, "how the pods have to be spread over "+s.TopologyKey)
		}
	}
	for _, v := range spec.Volumes {
		if v.PersistentVolumeClaim != nil || v.Ephemeral != nil {
			rules = append(rules, "where volume "+v.Name+" can be used")
		}
	}
	if len(spec.ResourceClaims) > 0 {
		rules = append(rules, "devices that are claimed")
	}
	if len(spec.SchedulingGates) > 0 {
		rules = append(rules, "gate "+spec.SchedulingGates[0].Name+", which holds every pod back")
	}
	if name := spec.SchedulerName; name != "" && name != corev1.DefaultSchedulerName {
		rules = append(rules, "what scheduler "+name+" decides by")
	}
	return append(rules, strangers(spec.Affinity)...)
}
