package kube

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/scalebot/scalebot/internal/scale"
)

// How soon an owner undoes a change by hand. The HPA controller looks every 15 s by
// default; KEDA works through an HPA of its own, so the same holds. GitOps tools look
// every few minutes.
const (
	hpaWithin    = 15 * time.Second
	gitOpsWithin = 3 * time.Minute
)

var scaledObjects = schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}

// Owners finds who else sets the replica counts: a ScaledObject first, because a fully
// paused one has no HPA and still owns the workload (T-04), then an HPA (T-01), then a
// GitOps tool by managedFields. An HPA of its own beside a ScaledObject is a conflict
// (T-03). The answer has an entry for every component.
func (c *Cluster) Owners(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	var spaces [][]scale.Component
	for _, space := range byNamespace(components) {
		spaces = append(spaces, space)
	}
	return gather(spaces, func(space []scale.Component) map[string]scale.Reading[scale.Owner] {
		return c.ownersIn(ctx, space[0].Namespace, space)
	})
}

// Owner is Owners of one component.
func (c *Cluster) Owner(ctx context.Context, component scale.Component) scale.Reading[scale.Owner] {
	return c.Owners(ctx, []scale.Component{component})[component.Name]
}

// ownersIn finds the owners in one namespace. Only where no autoscaler is found the
// deployment itself is asked.
func (c *Cluster) ownersIn(ctx context.Context, namespace string, components []scale.Component) map[string]scale.Reading[scale.Owner] {
	at := c.Clock.Now()
	scalers, err := c.scalers(ctx, namespace, components)
	if err != nil {
		return everyone(components, unknown[scale.Owner](err.doing, err.cause, at, source))
	}
	owners := make(map[string]scale.Reading[scale.Owner], len(components))
	var rest []scale.Component
	for _, component := range components {
		if owner, found := scalers[component.Deployment].owner(); found {
			owners[component.Name] = scale.Known(owner, at, source)
			continue
		}
		rest = append(rest, component)
	}
	maps.Copy(owners, gather(shares(rest), func(share []scale.Component) map[string]scale.Reading[scale.Owner] { return c.gitOps(ctx, share, at) }))
	return owners
}

// scalers are the autoscalers that target one deployment.
type scalers struct {
	object *unstructured.Unstructured
	hpas   []*autoscalingv2.HorizontalPodAutoscaler
}

// owner is who of the autoscalers sets the count, if there is any.
func (s *scalers) owner() (scale.Owner, bool) {
	own, others := split(s.hpas, s.object)
	switch {
	case s.object != nil && len(others) > 0:
		return scale.Owner{Kind: scale.OwnerConflict, Name: s.object.GetName(), Other: others[0].Name, Within: hpaWithin}, true
	case s.object != nil:
		return kedaOwner(s.object, own), true
	case len(others) > 1:
		return scale.Owner{Kind: scale.OwnerConflict, Name: others[0].Name, Other: others[1].Name, Within: hpaWithin}, true
	case len(others) == 1:
		return hpaOwner(others[0]), true
	}
	return scale.Owner{}, false
}

// unread is what could not be read, and why.
type unread struct {
	doing string
	cause error
}

// scalers reads the autoscalers of a namespace, by the deployment that they target.
func (c *Cluster) scalers(ctx context.Context, namespace string, components []scale.Component) (map[string]*scalers, *unread) {
	of := make(map[string]*scalers, len(components))
	for _, component := range components {
		of[component.Deployment] = &scalers{}
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
			s.object = nil
		}
	}
	err := pages(ctx, c.Timeout, c.Dynamic.Resource(scaledObjects).Namespace(namespace).List, metav1.ListOptions{}, none, func(list *unstructured.UnstructuredList) {
		for i := range list.Items {
			if s := of[target(&list.Items[i])]; s != nil && s.object == nil {
				s.object = &list.Items[i]
			}
		}
	})
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil
	}
	return err
}

// target is the deployment that a ScaledObject scales; empty when it is none.
func target(object *unstructured.Unstructured) string {
	name, _, _ := unstructured.NestedString(object.Object, "spec", "scaleTargetRef", "name")
	kind, set, _ := unstructured.NestedString(object.Object, "spec", "scaleTargetRef", "kind")
	if set && kind != "Deployment" {
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
	return pages(ctx, c.Timeout, list, metav1.ListOptions{}, none, func(list *autoscalingv2.HorizontalPodAutoscalerList) {
		for i := range list.Items {
			ref := list.Items[i].Spec.ScaleTargetRef
			if s := of[ref.Name]; s != nil && ref.Kind == "Deployment" {
				s.hpas = append(s.hpas, &list.Items[i])
			}
		}
	})
}

// split tells the HPA that KEDA keeps for the ScaledObject from those of others.
func split(hpas []*autoscalingv2.HorizontalPodAutoscaler, object *unstructured.Unstructured) (own *autoscalingv2.HorizontalPodAutoscaler, others []*autoscalingv2.HorizontalPodAutoscaler) {
	for _, hpa := range hpas {
		if object != nil && madeByKEDA(hpa, object) {
			own = hpa
			continue
		}
		others = append(others, hpa)
	}
	return own, others
}

// madeByKEDA reports whether the HPA is the one KEDA keeps for the ScaledObject.
func madeByKEDA(hpa *autoscalingv2.HorizontalPodAutoscaler, object *unstructured.Unstructured) bool {
	return slices.ContainsFunc(hpa.OwnerReferences, func(r metav1.OwnerReference) bool {
		return r.Kind == "ScaledObject" && r.Name == object.GetName()
	}) || hpa.Labels["scaledobject.keda.sh/name"] == object.GetName()
}

// hpaOwner describes an HPA.
func hpaOwner(hpa *autoscalingv2.HorizontalPodAutoscaler) scale.Owner {
	o := scale.Owner{
		Kind: scale.OwnerHPA, Name: hpa.Name, Min: 1, Max: int(hpa.Spec.MaxReplicas), Wants: int(hpa.Status.DesiredReplicas), Within: hpaWithin,
	}
	if hpa.Spec.MinReplicas != nil {
		o.Min = int(*hpa.Spec.MinReplicas)
	}
	for _, spec := range hpa.Spec.Metrics {
		o.Targets = append(o.Targets, metricTarget(spec, hpa.Status.CurrentMetrics))
	}
	for _, condition := range hpa.Status.Conditions {
		if condition.Type == autoscalingv2.AbleToScale || condition.Type == autoscalingv2.ScalingLimited && condition.Status == corev1.ConditionTrue {
			o.LastEvent = condition.Message
		}
	}
	return o
}

// metricTarget says what an HPA steers by and where that is now. A percentage is of the
// request (T-15).
func metricTarget(spec autoscalingv2.MetricSpec, current []autoscalingv2.MetricStatus) string {
	switch {
	case spec.Resource != nil && spec.Resource.Target.AverageUtilization != nil:
		text := fmt.Sprintf("%s %d %% of request", spec.Resource.Name, *spec.Resource.Target.AverageUtilization)
		for _, status := range current {
			if r := status.Resource; r != nil && r.Name == spec.Resource.Name && r.Current.AverageUtilization != nil {
				text += fmt.Sprintf(", now %d %%", *r.Current.AverageUtilization)
			}
		}
		return text
	case spec.External != nil && spec.External.Target.AverageValue != nil:
		return fmt.Sprintf("%s %s per replica", spec.External.Metric.Name, spec.External.Target.AverageValue)
	default:
		return "a metric of type " + string(spec.Type)
	}
}
