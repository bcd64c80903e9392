package kube

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// eventsPages bounds how many pages of warnings are read. The server orders them by name and not
// by time, so the newest may be on any page.
const eventsPages = 10

// explain adds the newest warning events to pods that do not run. Whether a
// ReplicaSet can create pods comes from its condition, which disappears when it can again; its
// events stay for another hour. Events are read only when something is wrong. Without the right
// to read them, the pods keep what their own status says.
func (s *survey) explain(ctx context.Context) {
	ill := slices.DeleteFunc(slices.Clone(s.found), func(f *finding) bool { return f.missing != nil || !troubled(f.Workload) })
	if len(ill) == 0 {
		return
	}
	newest, err := s.warnings(ctx, about(ill))
	if err != nil {
		s.Log.InfoContext(ctx, "events could not be read", "namespace", s.namespace, "error", err)
		return
	}
	for _, f := range ill {
		f.explain(newest)
	}
}

// about returns the objects whose warnings would explain something, each without a warning yet.
func about(ill []*finding) map[string]*trouble {
	objects := map[string]*trouble{}
	for _, f := range ill {
		for i := range f.Pods {
			objects["Pod/"+f.Pods[i].Name] = nil
		}
	}
	return objects
}

// trouble is the used part of a warning event.
type trouble struct {
	reason, message string
	at              time.Time
}

// warnings reads the newest warning of each of the given objects, named by kind and name.
func (s *survey) warnings(ctx context.Context, objects map[string]*trouble) (map[string]*trouble, error) {
	read := 0
	list := func(ctx context.Context, options metav1.ListOptions) (*corev1.EventList, error) {
		page, err := s.Kubernetes.CoreV1().Events(s.namespace).List(ctx, options)
		if read++; err == nil && read >= eventsPages {
			page.Continue = ""
		}
		return page, err
	}
	var newest map[string]*trouble
	options := metav1.ListOptions{FieldSelector: "type=" + corev1.EventTypeWarning}
	err := api.Pages(ctx, s.Timeout, list, options, func() { newest = maps.Clone(objects) }, func(page *corev1.EventList) {
		for i := range page.Items {
			noteWarning(newest, &page.Items[i])
		}
	})
	return newest, err
}

// noteWarning stores a warning about one of the wanted objects, unless a newer one is stored.
func noteWarning(newest map[string]*trouble, e *corev1.Event) {
	name := e.InvolvedObject.Kind + "/" + e.InvolvedObject.Name
	old, asked := newest[name]
	if !asked || e.Type != corev1.EventTypeWarning {
		return
	}
	if at := eventTime(e); old == nil || at.After(old.at) {
		newest[name] = &trouble{e.Reason, e.Message, at}
	}
}

// explain adds to one workload what the warnings tell.
func (f *finding) explain(newest map[string]*trouble) {
	for i := range f.Pods {
		explainPod(&f.Pods[i], newest["Pod/"+f.Pods[i].Name])
	}
}

// troubled reports whether there are pods that may need explaining.
func troubled(w scale.Workload) bool {
	return slices.ContainsFunc(w.Counted(), func(p scale.Pod) bool { return !p.Ready })
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

// explainPod gives a pod that is not ready the message of its newest warning, unless the pod's
// own status has a better one.
func explainPod(p *scale.Pod, event *trouble) {
	if p.Ready || p.Terminating || event == nil {
		return
	}
	if p.Trouble == "" || len(event.message) > len(p.Trouble) {
		p.Trouble = event.message
	}
	if p.Cause == scale.CauseNone || p.Cause == scale.CauseStarting || p.Cause == scale.CauseOther {
		p.Cause = eventCause(event)
	}
}

func eventCause(t *trouble) scale.PodCause {
	switch {
	case t.reason == "FailedScheduling":
		return scale.CauseNodes
	case t.reason == "BackOff" && strings.Contains(t.message, "restarting"):
		return scale.CauseCrash
	}
	return causeOf(t.message)
}

// causeOf classifies a message of the cluster by its words.
func causeOf(message string) scale.PodCause {
	text := strings.ToLower(message)
	for _, sign := range []struct {
		words string
		cause scale.PodCause
	}{
		{"must specify", scale.CauseRefused}, {"usage per container", scale.CauseRefused}, {"usage per pod", scale.CauseRefused},
		{"limit to request ratio", scale.CauseRefused}, {"denied the request", scale.CauseRefused}, {"denied request", scale.CauseRefused}, {"violates podsecurity", scale.CauseRefused},
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
