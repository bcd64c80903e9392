package kube

import (
	"strings"
	"testing"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/scalebot/scalebot/internal/scale"
)

// steering makes an HPA steer by the metrics given.
func steering(metrics ...autoscalingv2.MetricSpec) func(*autoscalingv2.HorizontalPodAutoscaler) {
	return func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Spec.Metrics = metrics }
}

func amount() *resource.Quantity { return resource.NewQuantity(1000, resource.DecimalSI) }

var (
	external = autoscalingv2.MetricSpec{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{Target: autoscalingv2.MetricTarget{AverageValue: amount()}}}
	plainly  = autoscalingv2.MetricSpec{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{Target: autoscalingv2.MetricTarget{Value: amount()}}}
	podwise  = autoscalingv2.MetricSpec{Type: autoscalingv2.PodsMetricSourceType, Pods: &autoscalingv2.PodsMetricSource{Target: autoscalingv2.MetricTarget{AverageValue: amount()}}}
	ofObject = autoscalingv2.MetricSpec{Type: autoscalingv2.ObjectMetricSourceType, Object: &autoscalingv2.ObjectMetricSource{Target: autoscalingv2.MetricTarget{AverageValue: amount()}}}
)

func behaving(up, down *autoscalingv2.HPAScalingRules) func(*autoscalingv2.HorizontalPodAutoscaler) {
	return func(h *autoscalingv2.HorizontalPodAutoscaler) {
		h.Spec.Behavior = &autoscalingv2.HorizontalPodAutoscalerBehavior{ScaleUp: up, ScaleDown: down}
	}
}

func window(seconds int32) *autoscalingv2.HPAScalingRules {
	return &autoscalingv2.HPAScalingRules{StabilizationWindowSeconds: &seconds}
}

// T-01: how long a count set by hand stands is a matter of the metric's type, the window and
// the policy. The runbook's HPA kept a manual 9 for 5 min 32 s, a trigger of KEDA for 13 s.
func TestHowLongAnHPALetsACountStand(t *testing.T) {
	disabled := autoscalingv2.DisabledPolicySelect
	off := &autoscalingv2.HPAScalingRules{SelectPolicy: &disabled}
	for _, c := range []struct {
		name          string
		change        []func(*autoscalingv2.HorizontalPodAutoscaler)
		higher, lower scale.Undo
	}{
		{"utilisation", nil, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{After: 30 * time.Second}},
		{"a metric of the pods", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(podwise)}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{After: 30 * time.Second}},
		{"a plain value", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(plainly)}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{After: 30 * time.Second}},
		{"an average value", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(external)}, scale.Undo{Window: 5 * time.Minute}, scale.Undo{}},
		{"an object's average value", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(ofObject)}, scale.Undo{Window: 5 * time.Minute}, scale.Undo{}},
		{"both", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(podwise, external)}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{}},
		{"no metrics named, which is CPU", []func(*autoscalingv2.HorizontalPodAutoscaler){steering()}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{After: 30 * time.Second}},
		{"a short window", []func(*autoscalingv2.HorizontalPodAutoscaler){behaving(nil, window(60))}, scale.Undo{After: 90 * time.Second, Window: time.Minute}, scale.Undo{After: 30 * time.Second}},
		{"no window", []func(*autoscalingv2.HorizontalPodAutoscaler){steering(external), behaving(nil, window(0))}, scale.Undo{}, scale.Undo{}},
		{"a window up", []func(*autoscalingv2.HorizontalPodAutoscaler){behaving(window(120), nil)}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute}, scale.Undo{After: 150 * time.Second, Window: 2 * time.Minute}},
		{"no way down", []func(*autoscalingv2.HorizontalPodAutoscaler){behaving(nil, off)}, scale.Undo{After: 330 * time.Second, Window: 5 * time.Minute, Never: true}, scale.Undo{After: 30 * time.Second}},
	} {
		got := known(t, newStand(deployment(6), hpa("h", c.change...)).Owner(t.Context(), worker))
		if got.Higher != c.higher || got.Lower != c.lower || got.Within != hpaWithin {
			t.Errorf("%s: got higher %+v and lower %+v, want %+v and %+v", c.name, got.Higher, got.Lower, c.higher, c.lower)
		}
	}
}

func saying(kind autoscalingv2.HorizontalPodAutoscalerConditionType, status corev1.ConditionStatus, reason, message string) func(*autoscalingv2.HorizontalPodAutoscaler) {
	return func(h *autoscalingv2.HorizontalPodAutoscaler) {
		h.Status.Conditions = append(h.Status.Conditions, autoscalingv2.HorizontalPodAutoscalerCondition{Type: kind, Status: status, Reason: reason, Message: message})
	}
}

func scaledObjectSaying(annotations map[string]string, conditions ...map[string]any) *unstructured.Unstructured {
	o := scaledObject(annotations)
	var all []any
	for _, c := range conditions {
		all = append(all, c)
	}
	_ = unstructured.SetNestedSlice(o.Object, all, "status", "conditions")
	return o
}

func says(kind, status, reason, message string) map[string]any {
	return map[string]any{"type": kind, "status": status, "reason": reason, "message": message}
}

// What an autoscaler says of itself decides whether it does anything: the messages are those
// of Kubernetes 1.37 and KEDA 2.21.
func TestAnAutoscalerThatStandsStill(t *testing.T) {
	active := func(reason, message string) func(*autoscalingv2.HorizontalPodAutoscaler) {
		return saying(autoscalingv2.ScalingActive, corev1.ConditionFalse, reason, message)
	}
	works := saying(autoscalingv2.ScalingActive, corev1.ConditionTrue, "ValidMetricFound", "")
	newer := func(h *autoscalingv2.HorizontalPodAutoscaler) {
		seen := int64(1)
		h.Generation, h.Status.ObservedGeneration = 2, &seen
	}
	broker := says("Ready", "False", "ScaledObjectCheckFailed", "error parsing kafka metadata: $KAFKA_BROKER is no address")
	failing := says("Ready", "False", "TriggerError", "Triggers defined in ScaledObject are not working correctly")
	for _, c := range []struct {
		name    string
		objects []runtime.Object
		kind    scale.OwnerKind
		rest    scale.OwnerRest
		why     string
	}{
		{"works", []runtime.Object{hpa("h", works)}, scale.OwnerHPA, scale.RestNone, ""},
		{"nothing said yet", []runtime.Object{hpa("h")}, scale.OwnerHPA, scale.RestNone, ""},
		{"no metrics", []runtime.Object{hpa("h", active("FailedGetResourceMetric", "no metrics returned from resource metrics API"))}, scale.OwnerHPA, scale.RestMetrics, "FailedGetResourceMetric: no metrics returned"},
		{"no metrics, of the specification before", []runtime.Object{hpa("h", active("FailedGetResourceMetric", "x"), newer)}, scale.OwnerHPA, scale.RestNone, ""},
		{"at zero", []runtime.Object{hpa("h", active("ScalingDisabled", "scaling is disabled since the replica count of the target is zero"))}, scale.OwnerHPA, scale.RestZero, ""},
		{"pods of another HPA", []runtime.Object{hpa("h", active("AmbiguousSelector", "pods by selector app=download-worker are controlled by more than one HPA"))}, scale.OwnerHPA, scale.RestAmbiguous, "more than one HPA"},
		{"no selector", []runtime.Object{hpa("h", active("InvalidSelector", "the HPA target's scale is missing a selector"))}, scale.OwnerHPA, scale.RestMetrics, "missing a selector"},
		{"no scale", []runtime.Object{hpa("h", saying(autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedGetScale", "no matches for kind"))}, scale.OwnerHPA, scale.RestTarget, "no matches for kind"},
		{"a write that failed", []runtime.Object{hpa("h", saying(autoscalingv2.AbleToScale, corev1.ConditionFalse, "FailedUpdateScale", "x"), works)}, scale.OwnerHPA, scale.RestNone, ""},
		{"two HPAs", []runtime.Object{hpa("h", active("AmbiguousSelector", "x")), hpa("i", active("AmbiguousSelector", "x"))}, scale.OwnerConflict, scale.RestAmbiguous, ""},
		{"two HPAs, nothing said yet", []runtime.Object{hpa("h"), hpa("i")}, scale.OwnerConflict, scale.RestAmbiguous, ""},
		{"two HPAs that have not met", []runtime.Object{hpa("h", works), hpa("i", works)}, scale.OwnerConflict, scale.RestNone, ""},
		{"two ScaledObjects", []runtime.Object{scaledObject(nil), second(scaledObject(nil)), hpa("keda-hpa-dw", ofKEDA)}, scale.OwnerConflict, scale.RestAmbiguous, ""},
		{"the runbook's own ScaledObject", []runtime.Object{scaledObjectSaying(nil, broker)}, scale.OwnerKEDA, scale.RestNotReady, "$KAFKA_BROKER is no address; it has no HPA"},
		{"paused at no number", []runtime.Object{scaledObjectSaying(map[string]string{pausedReplicas: "six"}, says("Ready", "False", "ScaledObjectCheckFailed", "failed to parse paused replica count"))}, scale.OwnerKEDA, scale.RestNone, ""},
		{"edited into something invalid", []runtime.Object{scaledObjectSaying(nil, broker), hpa("keda-hpa-dw", ofKEDA, works)}, scale.OwnerKEDA, scale.RestNone, ""},
		{"its triggers fail", []runtime.Object{scaledObjectSaying(nil, failing), hpa("keda-hpa-dw", ofKEDA, works)}, scale.OwnerKEDA, scale.RestMetrics, "TriggerError: Triggers defined"},
		{"its HPA has no metrics", []runtime.Object{scaledObjectSaying(nil, failing), hpa("keda-hpa-dw", ofKEDA, active("FailedGetExternalMetric", "unable to get external metric"))}, scale.OwnerKEDA, scale.RestMetrics, "FailedGetExternalMetric"},
		{"some triggers fail", []runtime.Object{scaledObjectSaying(nil, says("Ready", "Unknown", "PartialTriggerError", "x")), hpa("keda-hpa-dw", ofKEDA, works)}, scale.OwnerKEDA, scale.RestNone, ""},
		{"KEDA without its HPA yet", []runtime.Object{scaledObject(nil)}, scale.OwnerKEDA, scale.RestNone, ""},
		{"an HPA beside a ScaledObject that is not ready", []runtime.Object{scaledObjectSaying(nil, broker), hpa("h", works)}, scale.OwnerHPA, scale.RestNone, ""},
		{"an HPA beside a paused ScaledObject", []runtime.Object{scaledObject(map[string]string{paused: "true"}), hpa("h", works)}, scale.OwnerHPA, scale.RestNone, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := known(t, newStand(append(c.objects, deployment(6))...).Owner(t.Context(), worker))
			if got.Kind != c.kind || got.Rest != c.rest || !strings.Contains(got.RestWhy, c.why) {
				t.Errorf("got %s, %q (%s); want %s, %q (%s)", got.Kind, got.Rest, got.RestWhy, c.kind, c.rest, c.why)
			}
			if stale := c.rest == scale.RestMetrics || c.rest == scale.RestAmbiguous; stale && got.Wants != 0 {
				t.Errorf("wants %d, which is from before it stood still", got.Wants)
			}
		})
	}
}

func second(o *unstructured.Unstructured) *unstructured.Unstructured {
	o.SetName("zz-scaler")
	return o
}

// What two autoscalers still do is put counts outside both their bounds back.
func TestTheBoundsOfTwoAutoscalers(t *testing.T) {
	low, high := int32(2), int32(6)
	other := hpa("i", func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Spec.MinReplicas, h.Spec.MaxReplicas = &low, 8 })
	apart := hpa("i", func(h *autoscalingv2.HorizontalPodAutoscaler) { h.Spec.MinReplicas, h.Spec.MaxReplicas = &high, 7 })
	for _, c := range []struct {
		second *autoscalingv2.HorizontalPodAutoscaler
		least  int
		most   int
	}{{other, 4, 8}, {apart, 6, 7}} {
		got := known(t, newStand(deployment(6), hpa("h"), c.second).Owner(t.Context(), worker))
		if got.Name != "HPA h" || got.Other != "HPA i" || got.Min != c.least || got.Max != c.most {
			t.Errorf("got %s and %s, %d to %d; want %d to %d", got.Name, got.Other, got.Min, got.Max, c.least, c.most)
		}
	}
}

// What an HPA steers by is named with its target, whatever the kind of metric: a card says
// it, and an approval does not hold when it has changed.
func TestWhatAnHPASteersBy(t *testing.T) {
	percent := int32(70)
	use := autoscalingv2.MetricTarget{AverageUtilization: &percent}
	each := autoscalingv2.MetricTarget{AverageValue: amount()}
	lag := autoscalingv2.MetricIdentifier{Name: "lag"}
	now := []autoscalingv2.MetricStatus{{Resource: &autoscalingv2.ResourceMetricStatus{Name: corev1.ResourceCPU, Current: autoscalingv2.MetricValueStatus{AverageUtilization: &percent}}}}
	for _, c := range []struct {
		spec autoscalingv2.MetricSpec
		want string
	}{
		{autoscalingv2.MetricSpec{Resource: &autoscalingv2.ResourceMetricSource{Name: corev1.ResourceCPU, Target: use}}, "cpu 70 % of request, now 70 %"},
		{autoscalingv2.MetricSpec{Resource: &autoscalingv2.ResourceMetricSource{Name: corev1.ResourceMemory, Target: each}}, "memory 1k per replica"},
		{autoscalingv2.MetricSpec{ContainerResource: &autoscalingv2.ContainerResourceMetricSource{Name: corev1.ResourceCPU, Container: "worker", Target: use}}, "cpu of container worker 70 % of request"},
		{autoscalingv2.MetricSpec{Pods: &autoscalingv2.PodsMetricSource{Metric: lag, Target: each}}, "lag 1k per replica"},
		{autoscalingv2.MetricSpec{External: &autoscalingv2.ExternalMetricSource{Metric: lag, Target: autoscalingv2.MetricTarget{Value: amount()}}}, "lag 1k"},
		{autoscalingv2.MetricSpec{Object: &autoscalingv2.ObjectMetricSource{Metric: lag, Target: each, DescribedObject: autoscalingv2.CrossVersionObjectReference{Kind: "Service", Name: "api"}}}, "lag of Service api 1k per replica"},
		{autoscalingv2.MetricSpec{Type: "Weather"}, "a metric of type Weather"},
	} {
		if got := metricTarget(c.spec, now); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
