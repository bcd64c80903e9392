package kube

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

var (
	scaledObjects = schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}
	rollouts      = schema.GroupVersionResource{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}
)

// Owners finds who else sets the replica counts, in this order. An Argo Rollout that uses the
// deployment as its template. A ScaledObject, because a fully paused one has no HPA and still
// owns the workload (T-04), or an HPA (T-01); two autoscalers are a conflict (T-03). Then whoever
// writes the deployment itself: the controller it belongs to, a GitOps tool, Helm. The answer has
// an entry for every component.
func (c *Cluster) Owners(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	var spaces [][]scale.Component
	for _, space := range byNamespace(components) {
		spaces = append(spaces, space)
	}
	return gather(spaces, func(space []scale.Component) map[string]scale.Reading[scale.Owner] {
		return c.ownersIn(ctx, space[0].Namespace, space)
	})
}

// Owner is Owners for one component.
func (c *Cluster) Owner(ctx context.Context, component scale.Component) scale.Reading[scale.Owner] {
	return c.Owners(ctx, []scale.Component{component})[component.Name]
}

// ownersIn finds the owners in one namespace. It examines the deployment itself only if it finds
// no Rollout and no autoscaler. A missing permission for one kind does not hide what is found of
// another, and never counts as "none".
func (c *Cluster) ownersIn(ctx context.Context, namespace string, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	at, began := c.Clock.Now(), time.Now()
	templates, hidden := c.templates(ctx, namespace)
	scalers, unreadable := c.scalers(ctx, namespace, components, templates)
	owners := make(map[string]scale.Reading[scale.Owner], len(components))
	var rest []scale.Component
	for _, component := range components {
		rollout := templates[component.Deployment]
		switch owner, found := scalers[component.Deployment].owner(component.Group, at); {
		case rollout != "":
			above, _ := scalers[rolloutKey(rollout)].owner(component.Group, at)
			owners[component.Name] = scale.Known(steered(rolloutOwner(rollout, namespace), above), at, source)
		case unreadable != nil:
			owners[component.Name] = api.Unknown[scale.Owner](unreadable.doing, unreadable.cause, at, source)
		case found:
			owners[component.Name] = hidden.note(scale.Known(owner, at, source))
		default:
			rest = append(rest, component)
		}
	}
	maps.Copy(owners, gather(shares(rest), func(share []scale.Component) map[string]scale.Reading[scale.Owner] {
		return c.writers(ctx, share, hidden, at, began)
	}))
	return owners
}

// scalers are the autoscalers that target one deployment.
type scalers struct {
	objects []*unstructured.Unstructured
	hpas    []*autoscalingv2.HorizontalPodAutoscaler
}

// owner is the autoscaler that sets the count, if there is one. A ScaledObject that is paused or
// not ready has no HPA, so another HPA may act alone beside it. group is the component's consumer
// group.
func (s *scalers) owner(group string, at time.Time) (scale.Owner, bool) {
	if s == nil || len(s.objects)+len(s.hpas) == 0 {
		return scale.Owner{}, false
	}
	own, others := split(s.hpas, s.objects)
	var idle []*unstructured.Unstructured
	acting := len(others)
	for _, object := range s.objects {
		if own[object] == nil && atRest(object, at) {
			idle = append(idle, object)
			continue
		}
		acting++
	}
	switch {
	case acting > 1:
		return s.conflict(own, others), true
	case len(others) == 1:
		return beside(hpaOwner(others[0]), idle), true
	}
	object := s.objects[0]
	for _, one := range s.objects {
		if own[one] != nil {
			object = one
		}
	}
	return kedaOwner(object, own[object], group, at), true
}

// beside notes that an inactive ScaledObject targets the same deployment.
func beside(o scale.Owner, idle []*unstructured.Unstructured) scale.Owner {
	if len(idle) > 0 {
		o.LastEvent = fmt.Sprintf("ScaledObject %s targets the same deployment and does nothing at present", idle[0].GetName())
	}
	return o
}

// conflict describes what several autoscalers of the same pods do. Each stops when its selector
// finds the others (AmbiguousSelector); one that reports that it scales has not found them.
func (s *scalers) conflict(own map[*unstructured.Unstructured]*autoscalingv2.HorizontalPodAutoscaler, others []*autoscalingv2.HorizontalPodAutoscaler) scale.Owner {
	o := scale.Owner{Kind: scale.OwnerConflict, Within: hpaWithin}
	var names []string
	for _, object := range s.objects {
		names = append(names, "ScaledObject "+object.GetName())
	}
	for _, hpa := range others {
		names = append(names, "HPA "+hpa.Name)
	}
	o.Name, o.Other = names[0], strings.Join(names[1:], " and ")
	for _, hpa := range s.hpas {
		inner := hpaOwner(hpa)
		o.Min, o.Max = max(o.Min, inner.Min), minSet(o.Max, inner.Max)
		if active := condition(hpa, autoscalingv2.ScalingActive); active == nil || active.Status != corev1.ConditionTrue {
			o.Rest = scale.RestAmbiguous
		}
	}
	if o.Max < o.Min {
		o.Min, o.Max = 0, 0
	}
	return o
}

// minSet is the smaller of two bounds; 0 means not set.
func minSet(a, b int) int {
	if a == 0 {
		return b
	}
	return min(a, b)
}

// unread is what could not be read, and why.
type unread struct {
	doing string
	cause error
}

// scalers reads the autoscalers of a namespace, by the deployment that they target, or the
// Rollout that uses one as its template.
func (c *Cluster) scalers(ctx context.Context, namespace string, components []scale.Component, templates map[string]string) (map[string]*scalers, *unread) {
	of := make(map[string]*scalers, len(components))
	for _, component := range components {
		of[component.Deployment] = &scalers{}
		if rollout := templates[component.Deployment]; rollout != "" {
			of[rolloutKey(rollout)] = &scalers{}
		}
	}
	if err := c.scaledObjects(ctx, namespace, of); err != nil {
		return nil, &unread{"reading the ScaledObjects of " + namespace, err}
	}
	if err := c.autoscalers(ctx, namespace, of); err != nil {
		return nil, &unread{"reading the HPAs of " + namespace, err}
	}
	return of, nil
}

// scaledObjects adds the ScaledObjects; there are none where KEDA is not installed.
func (c *Cluster) scaledObjects(ctx context.Context, namespace string, of map[string]*scalers) error {
	if c.Dynamic == nil {
		return nil
	}
	none := func() {
		for _, s := range of {
			s.objects = nil
		}
	}
	err := api.Pages(ctx, c.Timeout, c.Dynamic.Resource(scaledObjects).Namespace(namespace).List, metav1.ListOptions{}, none, func(list *unstructured.UnstructuredList) {
		for i := range list.Items {
			if s := of[target(&list.Items[i])]; s != nil {
				s.objects = append(s.objects, &list.Items[i])
			}
		}
	})
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil
	}
	return err
}

// target is the key of what a ScaledObject scales; empty when it is neither a Deployment nor a
// Rollout.
func target(object *unstructured.Unstructured) string {
	ref, _, _ := unstructured.NestedStringMap(object.Object, "spec", "scaleTargetRef")
	return targetKey(ref["apiVersion"], cmp.Or(ref["kind"], "Deployment"), ref["name"])
}

// targetKey is the name of a deployment, or what stands for a Rollout among such names.
func targetKey(apiVersion, kind, name string) string {
	if group, _, _ := strings.Cut(apiVersion, "/"); group == rollouts.Group && kind == "Rollout" {
		return rolloutKey(name)
	}
	return targeted(apiVersion, kind, name)
}

// rolloutKey is a key for a Rollout that no deployment's name can equal.
func rolloutKey(name string) string { return "rollout/" + name }

// targeted is the name of the deployment that a reference means; empty when it means something
// else. A Deployment, a Rollout and an object of any other group may have the same name.
func targeted(apiVersion, kind, name string) string {
	version, err := schema.ParseGroupVersion(apiVersion)
	if err != nil || kind != "Deployment" || version.Group != appsv1.GroupName && apiVersion != "" {
		return ""
	}
	return name
}

// autoscalers adds the HPAs.
func (c *Cluster) autoscalers(ctx context.Context, namespace string, of map[string]*scalers) error {
	none := func() {
		for _, s := range of {
			s.hpas = nil
		}
	}
	list := c.Kubernetes.AutoscalingV2().HorizontalPodAutoscalers(namespace).List
	return api.Pages(ctx, c.Timeout, list, metav1.ListOptions{}, none, func(list *autoscalingv2.HorizontalPodAutoscalerList) {
		for i := range list.Items {
			ref := list.Items[i].Spec.ScaleTargetRef
			if s := of[targetKey(ref.APIVersion, ref.Kind, ref.Name)]; s != nil {
				s.hpas = append(s.hpas, &list.Items[i])
			}
		}
	})
}

// split separates the HPAs that KEDA manages for the ScaledObjects from all others.
func split(hpas []*autoscalingv2.HorizontalPodAutoscaler, objects []*unstructured.Unstructured) (own map[*unstructured.Unstructured]*autoscalingv2.HorizontalPodAutoscaler, others []*autoscalingv2.HorizontalPodAutoscaler) {
	own = map[*unstructured.Unstructured]*autoscalingv2.HorizontalPodAutoscaler{}
	for _, hpa := range hpas {
		i := slices.IndexFunc(objects, func(object *unstructured.Unstructured) bool { return madeByKEDA(hpa, object) })
		if i < 0 {
			others = append(others, hpa)
			continue
		}
		own[objects[i]] = hpa
	}
	return own, others
}

// madeByKEDA reports whether KEDA manages the HPA for the ScaledObject.
func madeByKEDA(hpa *autoscalingv2.HorizontalPodAutoscaler, object *unstructured.Unstructured) bool {
	return slices.ContainsFunc(hpa.OwnerReferences, func(r metav1.OwnerReference) bool {
		return r.Kind == "ScaledObject" && r.Name == object.GetName()
	}) || hpa.Labels["scaledobject.keda.sh/name"] == object.GetName()
}
