package kube

import (
	"context"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// Warnings are read in pages, since the server orders them by name and not by time;
// eventsPages bounds how far.
const (
	eventsMost  = 500
	eventsPages = 10
)

// explain adds the newest warning events to pods that do not run and to a ReplicaSet
// that cannot make pods. Events are only read when something is wrong;
// without the right to read them the pods keep what they tell themselves.
func (c *Cluster) explain(ctx context.Context, component scale.Component, w *scale.Workload, current *appsv1.ReplicaSet) {
	if !troubled(*w) {
		return
	}
	events, err := c.warnings(ctx, component.Namespace)
	if err != nil {
		c.Log.InfoContext(ctx, "events could not be read", "namespace", component.Namespace, "error", err)
		return
	}
	newest := newestWarnings(events)
	for i := range w.Pods {
		explainPod(&w.Pods[i], newest["Pod/"+w.Pods[i].Name])
	}
	if current == nil || w.Stuck != "" || len(w.Counted()) >= w.Desired {
		return
	}
	// An event from before the count was last written speaks of another count.
	event := newest["ReplicaSet/"+current.Name]
	if event != nil && event.Reason == "FailedCreate" && !eventTime(event).Before(w.ReplicasAt) {
		w.Stuck, w.StuckCause = event.Message, causeOf(event.Message)
	}
}

// warnings lists the warning events of a namespace.
func (c *Cluster) warnings(ctx context.Context, namespace string) ([]corev1.Event, error) {
	var events []corev1.Event
	options := metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning, Limit: eventsMost}
	for range eventsPages {
		list, err := c.Kubernetes.CoreV1().Events(namespace).List(ctx, options)
		if err != nil {
			return events, err
		}
		events = append(events, list.Items...)
		if options.Continue = list.Continue; options.Continue == "" {
			break
		}
	}
	return events, nil
}

func troubled(w scale.Workload) bool {
	if len(w.Counted()) < w.Desired {
		return true
	}
	for _, p := range w.Counted() {
		if !p.Ready {
			return true
		}
	}
	return false
}

// newestWarnings is the newest warning of each object, by kind and name.
func newestWarnings(events []corev1.Event) map[string]*corev1.Event {
	newest := map[string]*corev1.Event{}
	for i := range events {
		e := &events[i]
		if e.Type != corev1.EventTypeWarning {
			continue
		}
		name := e.InvolvedObject.Kind + "/" + e.InvolvedObject.Name
		if old, ok := newest[name]; !ok || eventTime(e).After(eventTime(old)) {
			newest[name] = e
		}
	}
	return newest
}

// eventTime is when an event happened last; newer API servers fill other fields than
// older ones.
func eventTime(e *corev1.Event) time.Time {
	switch {
	case e.Series != nil:
		return e.Series.LastObservedTime.Time
	case !e.LastTimestamp.IsZero():
		return e.LastTimestamp.Time
	case !e.EventTime.IsZero():
		return e.EventTime.Time
	default:
		return e.CreationTimestamp.Time
	}
}

// explainPod gives a pod that is not ready the sentence of its newest warning, unless
// it tells a better one itself.
func explainPod(p *scale.Pod, event *corev1.Event) {
	if p.Ready || p.Terminating || event == nil {
		return
	}
	if p.Trouble == "" || len(event.Message) > len(p.Trouble) {
		p.Trouble = event.Message
	}
	if p.Cause == scale.CauseNone || p.Cause == scale.CauseStarting || p.Cause == scale.CauseOther {
		p.Cause = eventCause(event)
	}
}

func eventCause(e *corev1.Event) scale.PodCause {
	switch {
	case e.Reason == "FailedScheduling":
		return scale.CauseNodes
	case e.Reason == "BackOff" && strings.Contains(e.Message, "restarting"):
		return scale.CauseCrash
	}
	return causeOf(e.Message)
}

// causeOf classifies a message of the cluster by its words.
func causeOf(message string) scale.PodCause {
	text := strings.ToLower(message)
	for _, sign := range []struct {
		words string
		cause scale.PodCause
	}{
		{"exceeded quota", scale.CauseQuota}, {"quota", scale.CauseQuota},
		{"nodes are available", scale.CauseNodes}, {"insufficient", scale.CauseNodes},
		{"pull", scale.CauseImage}, {"image", scale.CauseImage},
		{"oomkilled", scale.CauseMemory}, {"crashloop", scale.CauseCrash},
	} {
		if strings.Contains(text, sign.words) {
			return sign.cause
		}
	}
	return scale.CauseOther
}
