package kube

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalebot/scalebot/internal/scale"
)

// addPod describes a pod of one of the deployment's ReplicaSets.
func (f *finding) addPod(pod *corev1.Pod, set types.UID) {
	p := describePod(pod, f.component)
	p.Current = f.current != nil && set == f.current.uid
	f.Pods = append(f.Pods, p)
	if p.Current && !p.Terminating {
		f.next = f.next.alike(pod)
	}
}

// ended reports whether a pod was evicted or has finished. Its controller has replaced it, so it
// no longer counts (T-37).
func ended(pod *corev1.Pod) bool {
	return pod.Status.Phase == corev1.PodFailed || pod.Status.Phase == corev1.PodSucceeded
}

func describePod(pod *corev1.Pod, component scale.Component) scale.Pod {
	p := scale.Pod{
		Name: pod.Name, Phase: string(pod.Status.Phase), Node: pod.Spec.NodeName,
		CreatedAt: pod.CreationTimestamp.Time, Terminating: pod.DeletionTimestamp != nil, Address: address(pod, component),
		IPs:        addresses(pod),
		Containers: containersOf(pod), Bounds: boundsOf(pod.Spec.Resources),
	}
	for _, condition := range pod.Status.Conditions {
		switch {
		case condition.Type == corev1.PodReady && condition.Status == corev1.ConditionTrue:
			p.Ready, p.ReadyAt = true, condition.LastTransitionTime.Time
		case condition.Type == corev1.PodScheduled && condition.Status == corev1.ConditionFalse:
			p.Trouble, p.Cause = condition.Message, scale.CauseNodes
		}
	}
	for _, status := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		describeContainer(&p, status)
	}
	if !p.Ready && p.Trouble == "" && p.Cause == scale.CauseNone && p.Phase == string(corev1.PodPending) {
		p.Cause = scale.CauseStarting
	}
	return p
}

// describeContainer adds the status of one container to its pod.
func describeContainer(p *scale.Pod, status corev1.ContainerStatus) {
	p.Restarts += int(status.RestartCount)
	exit := lastExit(status)
	if exit != "" && exit != "Completed" {
		p.LastExit = exit
	}
	waiting := status.State.Waiting
	if waiting == nil || waiting.Reason == "" {
		return
	}
	cause := waitingCause(waiting.Reason, exit)
	if cause == scale.CauseStarting {
		p.Waiting = cmp.Or(p.Waiting, waiting.Reason)
		return
	}
	p.Waiting, p.Cause = waiting.Reason, cause
	p.Trouble = strings.TrimSuffix(waiting.Reason+": "+waiting.Message, ": ")
	if cause == scale.CauseMemory {
		p.Trouble = fmt.Sprintf("OOMKilled, restarts: %d", p.Restarts)
	}
}

// lastExit is why the container ended last; empty when it never did.
func lastExit(status corev1.ContainerStatus) string {
	if ended := status.State.Terminated; ended != nil {
		return ended.Reason
	}
	if last := status.LastTerminationState.Terminated; last != nil {
		return last.Reason
	}
	return ""
}

// waitingCause classifies a container's waiting reason.
func waitingCause(reason, lastExit string) scale.PodCause {
	switch reason {
	case "ContainerCreating", "PodInitializing":
		return scale.CauseStarting
	case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable":
		return scale.CauseImage
	case "CrashLoopBackOff", "RunContainerError", "StartError":
		if lastExit == "OOMKilled" {
			return scale.CauseMemory
		}
		return scale.CauseCrash
	default:
		return scale.CauseOther
	}
}

// addresses are the pod's addresses, one of each family. A cluster with a single family lists
// one, and an old cluster may list none.
func addresses(pod *corev1.Pod) []string {
	var ips []string
	for _, ip := range pod.Status.PodIPs {
		if ip.IP != "" {
			ips = append(ips, ip.IP)
		}
	}
	if len(ips) == 0 && pod.Status.PodIP != "" {
		ips = []string{pod.Status.PodIP}
	}
	return ips
}

// address is where the pod serves its metrics: its own scrape annotations, else what
// the runbook file says. Empty when unknown.
func address(pod *corev1.Pod, component scale.Component) string {
	port, path := pod.Annotations["prometheus.io/port"], pod.Annotations["prometheus.io/path"]
	if port == "" && component.Metrics.Port > 0 {
		port = strconv.Itoa(component.Metrics.Port)
	}
	if path == "" {
		path = component.Metrics.Path
	}
	if pod.Status.PodIP == "" || port == "" {
		return ""
	}
	return net.JoinHostPort(pod.Status.PodIP, port) + "/" + strings.TrimPrefix(path, "/")
}
