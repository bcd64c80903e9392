package kube

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// rolloutsManager is the field manager of the Argo Rollouts controller. If that controller sets a
// deployment to 0, this is the only sign on the deployment of the Rollout that uses it.
const rolloutsManager = "rollouts-controller"

// templates reads the Argo Rollouts of a namespace, by the deployment that each uses as its
// template (spec.workloadRef). There are none where Argo Rollouts is not installed; hidden is
// not nil when they could not be read.
func (c *Cluster) templates(ctx context.Context, namespace string) (of map[string]string, hidden *unread) {
	of = map[string]string{}
	if c.Dynamic == nil {
		return of, nil
	}
	err := api.Pages(ctx, c.Timeout, c.Dynamic.Resource(rollouts).Namespace(namespace).List, metav1.ListOptions{}, func() { clear(of) }, func(list *unstructured.UnstructuredList) {
		for i := range list.Items {
			ref, _, _ := unstructured.NestedStringMap(list.Items[i].Object, "spec", "workloadRef")
			if name := targeted(ref["apiVersion"], ref["kind"], ref["name"]); name != "" {
				of[name] = list.Items[i].GetName()
			}
		}
	})
	if err != nil && !apierrors.IsNotFound(err) && !meta.IsNoMatchError(err) {
		return of, &unread{"reading the Argo Rollouts of " + namespace, err}
	}
	return of, nil
}

// rolloutOwner is a Rollout that runs the pods of a deployment; its name may be empty.
func rolloutOwner(name, namespace string) scale.Owner {
	o := scale.Owner{Kind: scale.OwnerRollout, Name: name}
	if name != "" {
		o.Lever = fmt.Sprintf("kubectl scale rollout/%s -n %s", name, namespace)
	}
	return o
}

// steered is a Rollout whose own count an autoscaler sets too. Then the autoscaler's bounds are
// what people have to change.
func steered(rollout, above scale.Owner) scale.Owner {
	if above.Kind != "" {
		rollout.Other, rollout.Lever = above.Title(), ""
	}
	return rollout
}

// note adds to a known owner that another one above it may exist but could not be read.
func (u *unread) note(r scale.Reading[scale.Owner]) scale.Reading[scale.Owner] {
	if u != nil && r.Known() {
		f := api.Fault(u.doing, u.cause, false)
		r.Note = fmt.Sprintf("whether an Argo Rollout runs its pods is unknown: %s: %s", f.Doing, f.Detail)
	}
	return r
}

// writtenByRollout reports whether the controller of Argo Rollouts has written the object.
func writtenByRollout(fields []metav1.ManagedFieldsEntry) bool {
	for _, entry := range fields {
		if strings.HasPrefix(entry.Manager, rolloutsManager) {
			return true
		}
	}
	return false
}
