package kube

import (
	"errors"
	"strings"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

func recorded() ledger.Operation {
	return ledger.Operation{
		ID: "download-worker-7", Component: worker.Name, Number: 7, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}}),
		Events: []ledger.Event{
			{State: ledger.Proposed, At: seenAt, By: scale.Person{ID: "U0ANA", Name: "Ana"}},
			{At: seenAt, Code: scale.RefusedNotOnCall},
			{State: ledger.Failed, At: seenAt, Note: strings.Repeat("ä", 2000)},
		},
	}
}

// Each transition is one event of the Deployment, found by its uid, also when a second
// leader writes them again (issue 3, audit).
func TestTransitionsAreEventsOnce(t *testing.T) {
	d := deployment(2)
	d.UID = "uid-1"
	s := newStand(d)
	for range 2 {
		if next, err := NewEvents(s.kubernetes, "scalebot-0").Record(t.Context(), worker, recorded(), 0); err != nil || next != 3 {
			t.Fatalf("got %d and %v, want 3", next, err)
		}
	}
	list, err := s.kubernetes.EventsV1().Events(namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(list.Items) != 2 {
		t.Fatalf("got %d events and %v, want 2", len(list.Items), err)
	}
	first, last := list.Items[0], list.Items[1]
	if first.Name != "download-worker-7.0" || first.Reason != "ScalingProposed" || first.Regarding.UID != "uid-1" || first.ReportingController != "scalebot.dev/scalebot" {
		t.Errorf("got %+v", first)
	}
	if !strings.Contains(first.Note, "from 6 to 9 replicas proposed by Ana") {
		t.Errorf("the note is %q", first.Note)
	}
	if last.Name != "download-worker-7.2" || last.Type != "Warning" || len(last.Note) > maxEventNote {
		t.Errorf("got %s, %s, a note of %d bytes", last.Name, last.Type, len(last.Note))
	}
}

// What failed is written later from where it failed; what is forbidden stays so.
func TestEventsThatCannotBeWritten(t *testing.T) {
	resource := schema.GroupResource{Group: "events.k8s.io", Resource: "events"}
	for _, test := range []struct {
		err      error
		hopeless bool
	}{
		{apierrors.NewForbidden(resource, "x", errors.New("no")), true},
		{apierrors.NewServiceUnavailable("away"), false},
	} {
		s := newStand(deployment(2))
		s.kubernetes.PrependReactor("create", "events", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, test.err })
		next, err := NewEvents(s.kubernetes, "").Record(t.Context(), worker, recorded(), 1)
		if err == nil || next != 2 || Hopeless(err) != test.hopeless {
			t.Errorf("%v: got %d, %v, hopeless %v; want 2 and hopeless %v", test.err, next, err, Hopeless(err), test.hopeless)
		}
	}
}
