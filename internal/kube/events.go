package kube

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// controllerName is how the bot signs its events.
const controllerName = records.Group + "/scalebot"

// The API server's bounds of an event's texts, in bytes.
const (
	maxEventNote     = 1024
	maxEventInstance = 128
)

// Events writes the transitions of operations as Kubernetes Events of the Deployment that
// is scaled, so that kubectl describe tells who changed it and why.
type Events struct {
	client   kubernetes.Interface
	instance string
	timeout  time.Duration
}

// NewEvents returns a writer that signs with the given instance, such as the pod's name.
func NewEvents(client kubernetes.Interface, instance string) *Events {
	instance = cmp.Or(instance, "scalebot")
	return &Events{client: client, instance: instance[:min(len(instance), maxEventInstance)], timeout: api.CallTimeout}
}

// Record writes the transitions among the operation's events from the given index on. An event's
// name is made of the operation and the index. A second writer, after a crash or as a new leader,
// finds the event there, which counts as success. It returns the index from which to continue;
// with an error, a *scale.Fault, that is the index that failed.
func (e *Events) Record(ctx context.Context, c scale.Component, op ledger.Operation, from int) (next int, err error) {
	ctx, cancel := context.WithTimeout(ctx, e.timeout)
	defer cancel()
	about := e.target(ctx, c, op)
	for i := from; i < len(op.Events); i++ {
		if op.Events[i].State == "" {
			continue
		}
		event := e.event(about, op, i)
		_, err := e.client.EventsV1().Events(c.Namespace).Create(ctx, event, metav1.CreateOptions{FieldManager: api.FieldManager})
		if err != nil && !apierrors.IsAlreadyExists(err) {
			return i, api.Fault("writing the event "+event.Name, err, true)
		}
	}
	return len(op.Events), nil
}

// target refers to the Deployment. kubectl describe finds events by the object's uid, so target
// uses the uid of the Deployment that the change was proposed for. It asks the API server only if
// that uid was never read. An event without a uid is still listed by kubectl get events.
func (e *Events) target(ctx context.Context, c scale.Component, op ledger.Operation) corev1.ObjectReference {
	about := corev1.ObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Namespace: c.Namespace, Name: c.Deployment}
	if w, known := op.Before.Workload.Get(); known && w.UID != "" {
		about.UID = types.UID(w.UID)
		return about
	}
	if d, err := e.client.AppsV1().Deployments(c.Namespace).Get(ctx, c.Deployment, metav1.GetOptions{}); err == nil {
		about.UID = d.UID
	}
	return about
}

func (e *Events) event(about corev1.ObjectReference, op ledger.Operation, i int) *eventsv1.Event {
	fact := op.Events[i]
	event := &eventsv1.Event{
		ObjectMeta:          metav1.ObjectMeta{Name: fmt.Sprintf("%s.%d", op.ID, i), Namespace: about.Namespace, Labels: map[string]string{records.ComponentLabel: op.Component}},
		EventTime:           metav1.NewMicroTime(fact.At),
		ReportingController: controllerName, ReportingInstance: e.instance,
		Action: "Scale", Reason: reasonOf(fact.State), Regarding: about,
		Note: noteOf(op, fact), Type: corev1.EventTypeNormal,
	}
	if fact.State == ledger.Failed {
		event.Type = corev1.EventTypeWarning
	}
	return event
}

// reasonOf is the state as an event reason that people can filter by: "ScalingApproved".
func reasonOf(s ledger.State) string {
	return "Scaling" + strings.ToUpper(string(s[:1])) + string(s[1:])
}

func noteOf(op ledger.Operation, fact ledger.Event) string {
	note := fmt.Sprintf("%s: %s %s %s %s", op.ID, op.Component, op.Change(), op.Change().Kind(), fact.State)
	if by := fact.By.Title(); by != "" {
		note += " by " + by
	}
	if fact.Note != "" {
		note += ": " + fact.Note
	}
	if len(note) > maxEventNote {
		note = strings.ToValidUTF8(note[:maxEventNote-len("…")], "") + "…"
	}
	return note
}

// Hopeless reports whether retrying soon cannot help after an error of Record: the Role does not
// allow it, or the event itself is refused.
func Hopeless(err error) bool {
	var fault *scale.Fault
	return errors.As(err, &fault) && !fault.Retryable() && fault.Kind != scale.FaultUnknownOutcome
}
