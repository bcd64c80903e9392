package demo

import (
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/testing"
)

// serveAPI adds to client-go's in-memory clients what a real API server does: resource versions
// as preconditions, generations, the scale subresource, graceful deletion of pods, field
// selectors and access reviews.
func (c *cluster) serveAPI() {
	for _, verb := range []string{"create", "update"} {
		c.client.PrependReactor(verb, "*", c.versioned(c.client.Tracker()))
		c.dynamic.PrependReactor(verb, "*", c.versioned(c.dynamic.Tracker()))
	}
	c.client.PrependReactor("update", "deployments", c.writeDeployment)
	c.client.PrependReactor("patch", "deployments", c.writeDeployment)
	c.client.PrependReactor("get", "deployments", c.getScale)
	c.client.PrependReactor("update", "deployments", c.updateScale)
	c.client.PrependReactor("patch", "deployments", c.patchScale)
	c.client.PrependReactor("delete", "pods", c.deletePod)
	c.client.PrependReactor("list", "events", c.listEvents)
	c.client.PrependReactor("create", "selfsubjectaccessreviews", allow)
}

// versioned stores a created or updated object under a new resource version. It refuses an update
// of an outdated version.
func (c *cluster) versioned(tracker testing.ObjectTracker) testing.ReactionFunc {
	store := testing.ObjectReaction(tracker)
	return func(action testing.Action) (bool, runtime.Object, error) {
		if s := action.GetSubresource(); s != "" && s != "status" {
			return false, nil, nil
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		sent, dry, err := written(action)
		if err != nil {
			return true, nil, err
		}
		if action.GetVerb() == "update" {
			old, err := tracker.Get(action.GetResource(), action.GetNamespace(), sent.GetName())
			if err != nil {
				return true, nil, err
			}
			if err := unchanged(action.GetResource(), old, sent.GetResourceVersion()); err != nil {
				return true, nil, err
			}
		} else if created := sent.GetCreationTimestamp(); created.IsZero() {
			sent.SetCreationTimestamp(metav1.NewTime(c.clock.Now()))
		}
		if dry {
			return true, sent.(runtime.Object), nil
		}
		c.stamp(sent)
		return store(action)
	}
}

// written returns the object of a create or update.
func written(action testing.Action) (sent metav1.Object, dry bool, err error) {
	var object runtime.Object
	switch a := action.(type) {
	case testing.CreateActionImpl:
		object, dry = a.GetObject(), len(a.CreateOptions.DryRun) > 0
	case testing.UpdateActionImpl:
		object, dry = a.GetObject(), len(a.UpdateOptions.DryRun) > 0
	}
	sent, err = meta.Accessor(object)
	if err != nil {
		return nil, dry, apierrors.NewBadRequest("the object has no metadata")
	}
	return sent, dry, nil
}

// unchanged checks the precondition of a write; an empty version means none.
func unchanged(resource schema.GroupVersionResource, stored runtime.Object, version string) error {
	old, err := meta.Accessor(stored)
	if err != nil {
		return apierrors.NewInternalError(err)
	}
	if version != "" && version != old.GetResourceVersion() {
		return conflict(resource, old.GetName())
	}
	return nil
}

func conflict(resource schema.GroupVersionResource, name string) error {
	return apierrors.NewConflict(resource.GroupResource(), name,
		fmt.Errorf("the object has been modified; please apply your changes to the latest version and try again"))
}

// deletePod deletes a worker's pod as the API does: its process ends at once, and the pod
// disappears a little later.
func (c *cluster) deletePod(action testing.Action) (bool, runtime.Object, error) {
	deletion, ok := action.(testing.DeleteActionImpl)
	if !ok || action.GetNamespace() != Namespace {
		return false, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.pods {
		if p.name == deletion.GetName() {
			if len(deletion.DeleteOptions.DryRun) == 0 {
				c.terminate(p, c.clock.Now())
			}
			return true, nil, nil
		}
	}
	return false, nil, nil
}

// listEvents adds the field selectors that kubectl describe and the like rely on.
func (c *cluster) listEvents(action testing.Action) (bool, runtime.Object, error) {
	list, ok := action.(testing.ListActionImpl)
	if !ok {
		return false, nil, nil
	}
	handled, found, err := testing.ObjectReaction(c.client.Tracker())(action)
	events, ok := found.(*corev1.EventList)
	if err != nil || !ok {
		return handled, found, err
	}
	selector := list.GetListRestrictions().Fields
	left := &corev1.EventList{ListMeta: events.ListMeta}
	for _, e := range events.Items {
		if selector == nil || selector.Matches(eventFields(e)) {
			left.Items = append(left.Items, e)
		}
	}
	return true, left, nil
}

// eventFields are the fields by which the API server selects events.
func eventFields(e corev1.Event) fields.Set {
	return fields.Set{
		"metadata.name": e.Name, "metadata.namespace": e.Namespace,
		"involvedObject.kind": e.InvolvedObject.Kind, "involvedObject.name": e.InvolvedObject.Name,
		"involvedObject.namespace": e.InvolvedObject.Namespace, "involvedObject.uid": string(e.InvolvedObject.UID),
		"reason": e.Reason, "type": e.Type, "source": e.Source.Component,
		"reportingComponent": e.ReportingController,
	}
}

// allow answers access reviews: in the demo the bot may do everything.
func allow(action testing.Action) (bool, runtime.Object, error) {
	create, ok := action.(testing.CreateActionImpl)
	if !ok {
		return false, nil, nil
	}
	review, ok := create.GetObject().(*authorizationv1.SelfSubjectAccessReview)
	if !ok {
		return false, nil, nil
	}
	answer := review.DeepCopy()
	answer.Status = authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: "everything is allowed in the demo"}
	return true, answer, nil
}
