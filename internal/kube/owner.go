package kube

import (
	"context"
	"fmt"
	"slices"
	"strconv"
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

// Owner finds who else sets the replica count: a ScaledObject first, because a fully
// paused one has no HPA and still owns the workload (T-04), then an HPA (T-01), then a
// GitOps tool by managedFields. An HPA of its own beside a ScaledObject is a conflict
// (T-03).
func (c *Cluster) Owner(ctx context.Context, component scale.Component) scale.Reading[scale.Owner] {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	object, err := c.scaledObject(ctx, component)
	if err != nil {
		return unknown[scale.Owner]("reading the ScaledObjects of "+component.Namespace, err, c.Clock.Now(), source)
	}
	hpas, err := c.autoscalers(ctx, component)
	if err != nil {
		return unknown[scale.Owner]("reading the HPAs of "+component.Namespace, err, c.Clock.Now(), source)
	}
	own, others := split(hpas, object)
	var owner scale.Owner
	switch {
	case object != nil && len(others) > 0:
		owner = scale.Owner{Kind: scale.OwnerConflict, Name: object.GetName(), Other: others[0].Name, Within: hpaWithin}
	case object != nil:
		owner = kedaOwner(object, own)
	case len(others) > 1:
		owner = scale.Owner{Kind: scale.OwnerConflict, Name: others[0].Name, Other: others[1].Name, Within: hpaWithin}
	case len(others) == 1:
		owner = hpaOwner(others[0])
	default:
		if owner, err = c.gitOps(ctx, component); err != nil {
			return unknown[scale.Owner]("reading "+kubectlName(component), err, c.Clock.Now(), source)
		}
	}
	return scale.Known(owner, c.Clock.Now(), source)
}

// scaledObject is the one that targets the deployment, nil when there is none or KEDA is
// not installed.
func (c *Cluster) scaledObject(ctx context.Context, component scale.Component) (*unstructured.Unstructured, error) {
	if c.Dynamic == nil {
		return nil, nil
	}
	list, err := c.Dynamic.Resource(scaledObjects).Namespace(component.Namespace).List(ctx, metav1.ListOptions{})
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range list.Items {
		name, _, _ := unstructured.NestedString(list.Items[i].Object, "spec", "scaleTargetRef", "name")
		kind, set, _ := unstructured.NestedString(list.Items[i].Object, "spec", "scaleTargetRef", "kind")
		if name == component.Deployment && (!set || kind == "Deployment") {
			return &list.Items[i], nil
		}
	}
	return nil, nil
}

// autoscalers are the HPAs that target the deployment.
func (c *Cluster) autoscalers(ctx context.Context, component scale.Component) ([]*autoscalingv2.HorizontalPodAutoscaler, error) {
	list, err := c.Kubernetes.AutoscalingV2().HorizontalPodAutoscalers(component.Namespace).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	var found []*autoscalingv2.HorizontalPodAutoscaler
	for i := range list.Items {
		ref := list.Items[i].Spec.ScaleTargetRef
		if ref.Kind == "Deployment" && ref.Name == component.Deployment {
			found = append(found, &list.Items[i])
		}
	}
	return found, nil
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

// kedaOwner describes a ScaledObject, with the numbers of its HPA where it has one.
func kedaOwner(object *unstructured.Unstructured, hpa *autoscalingv2.HorizontalPodAutoscaler) scale.Owner {
	o := scale.Owner{Kind: scale.OwnerKEDA, Name: object.GetName(), Max: 100, Within: hpaWithin}
	if hpa != nil {
		inner := hpaOwner(hpa)
		o.Wants, o.LastEvent = inner.Wants, inner.LastEvent
	}
	if n, ok := nestedInt(object, "spec", "minReplicaCount"); ok {
		o.Min = n
	}
	if n, ok := nestedInt(object, "spec", "maxReplicaCount"); ok {
		o.Max = n
	}
	o.Targets = kedaTriggers(object)
	if o.Paused = pause(object.GetAnnotations()); resting(object, o.Paused) {
		o.Within = 0
	}
	return o
}

// resting reports whether KEDA has stopped looking, so that a count set by hand stays
// (T-04). Paused as it is, it stops at once; paused at a count, it first goes there and
// records that in the status.
func resting(object *unstructured.Unstructured, paused string) bool {
	if strings.HasPrefix(paused, "at ") {
		_, there := nestedInt(object, "status", "pausedReplicaCount")
		return there
	}
	return paused == pausedFully
}

// nestedInt reads a number; clients and fixtures store it as different types.
func nestedInt(object *unstructured.Unstructured, fields ...string) (int, bool) {
	value, ok, err := unstructured.NestedFieldNoCopy(object.Object, fields...)
	if !ok || err != nil {
		return 0, false
	}
	switch n := value.(type) {
	case int64:
		return int(n), true
	case int:
		return n, true
	case float64:
		return int(n), true
	}
	return 0, false
}

// kedaTriggers says what the triggers want. lagThreshold is lag per replica, whatever
// comments in the manifest say (T-02).
func kedaTriggers(object *unstructured.Unstructured) []string {
	triggers, _, _ := unstructured.NestedSlice(object.Object, "spec", "triggers")
	var out []string
	for _, t := range triggers {
		trigger, _ := t.(map[string]any)
		kind, _, _ := unstructured.NestedString(trigger, "type")
		values, _, _ := unstructured.NestedStringMap(trigger, "metadata")
		if threshold := values["lagThreshold"]; threshold != "" {
			out = append(out, fmt.Sprintf("lag of group %s ÷ %s, in replicas", values["consumerGroup"], threshold))
			continue
		}
		out = append(out, "a trigger of type "+kind)
	}
	return out
}

// pausedFully is the pause in which KEDA does nothing at all.
const pausedFully = "fully"

// pause describes KEDA's pause annotations. Any value but a false one pauses, also one
// that is no boolean (T-04).
func pause(annotations map[string]string) string {
	const prefix = "autoscaling.keda.sh/"
	if n, ok := annotations[prefix+"paused-replicas"]; ok {
		return "at " + n + " replicas"
	}
	for _, kind := range []struct{ annotation, words string }{
		{"paused", pausedFully}, {"paused-scale-in", "scale-in only"}, {"paused-scale-out", "scale-out only"},
	} {
		value, ok := annotations[prefix+kind.annotation]
		if on, err := strconv.ParseBool(strings.TrimSpace(value)); ok && (err != nil || on) {
			return kind.words
		}
	}
	return ""
}

// gitOpsManagers are the field managers of tools that write what is in a repository.
var gitOpsManagers = []string{"argocd", "kustomize-controller", "helm-controller", "flux", "fleet", "rancher"}

// gitOps finds a GitOps tool among the managers of spec.replicas.
func (c *Cluster) gitOps(ctx context.Context, component scale.Component) (scale.Owner, error) {
	d, err := c.Kubernetes.AppsV1().Deployments(component.Namespace).Get(ctx, component.Deployment, metav1.GetOptions{})
	if err != nil {
		return scale.Owner{}, err
	}
	if manager := gitOpsManager(d); manager != "" {
		return scale.Owner{Kind: scale.OwnerGitOps, Name: manager, Within: gitOpsWithin}, nil
	}
	return scale.Owner{Kind: scale.OwnerNone}, nil
}

func gitOpsManager(d *appsv1.Deployment) string {
	for _, entry := range d.ManagedFields {
		for _, name := range gitOpsManagers {
			if strings.HasPrefix(entry.Manager, name) && ownsReplicas(entry) {
				return entry.Manager
			}
		}
	}
	return ""
}
