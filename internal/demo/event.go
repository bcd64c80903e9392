package demo

import (
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	// mostEvents bounds the events of the cluster; eventLife is how long the API
	// keeps one, which is a real API server's default.
	mostEvents = 400
	eventLife  = time.Hour
)

// podEvent records an event of a pod's kubelet.
func (c *cluster) podEvent(p *pod, kind, reason, message string) {
	c.record(p.object, "Pod", kind, reason, "kubelet", message)
}

// record writes an event about an object. A repeated event only increases the count of the first
// one.
func (c *cluster) record(about object, objectKind, kind, reason, source, message string) {
	now := metav1.NewTime(c.clock.Now())
	for _, e := range c.events {
		if e.InvolvedObject.UID == about.GetUID() && e.Reason == reason && e.Message == message {
			e.Count++
			e.LastTimestamp = now
			c.put(eventResource, e)
			return
		}
	}
	e := &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{
			Name: about.GetName() + "." + c.suffix(16), Namespace: about.GetNamespace(), CreationTimestamp: now,
		},
		InvolvedObject: corev1.ObjectReference{
			Kind: objectKind, Namespace: about.GetNamespace(), Name: about.GetName(), UID: about.GetUID(),
			APIVersion: apiVersions[objectKind],
		},
		Type: kind, Reason: reason, Message: message, Count: 1,
		FirstTimestamp: now, LastTimestamp: now,
		Source: corev1.EventSource{Component: source}, ReportingController: source,
	}
	c.events = append(c.events, e)
	c.put(eventResource, e)
	c.dropEvents(len(c.events) - mostEvents)
}

var apiVersions = map[string]string{
	"Pod": "v1", "ReplicaSet": "apps/v1", "Deployment": "apps/v1",
	"HorizontalPodAutoscaler": "autoscaling/v2", "ScaledObject": "keda.sh/v1alpha1",
}

// dropEvents removes the n oldest events.
func (c *cluster) dropEvents(n int) {
	if n <= 0 {
		return
	}
	for _, e := range c.events[:n] {
		c.remove(eventResource, e.Namespace, e.Name)
	}
	c.events = append([]*corev1.Event(nil), c.events[n:]...)
}

// expireEvents removes events that were last seen too long ago.
func (c *cluster) expireEvents(now time.Time) {
	left := c.events[:0:0]
	for _, e := range c.events {
		if now.Sub(e.LastTimestamp.Time) > eventLife {
			c.remove(eventResource, e.Namespace, e.Name)
			continue
		}
		left = append(left, e)
	}
	c.events = left
}
