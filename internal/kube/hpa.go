package kube

import (
	"fmt"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// hpaWithin is how soon an HPA acts when nothing delays it: its controller runs every 15 s
	// (--horizontal-pod-autoscaler-sync-period).
	hpaWithin = 15 * time.Second
	// hpaWindow is for how long an HPA considers its earlier recommendations before it lowers a
	// count, unless its behaviour says otherwise
	// (--horizontal-pod-autoscaler-downscale-stabilization).
	hpaWindow = 5 * time.Minute
	// hpaMetrics is about how long metrics.k8s.io takes to show the use of a new number of pods.
	// An HPA on utilisation depends on it.
	hpaMetrics = 30 * time.Second
)

// hpaOwner describes an HPA: its bounds, its metrics, what it does with a count that
// somebody else sets, and what stops it from doing so.
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
	o.Higher, o.Lower = undoing(hpa)
	if o.Rest, o.RestWhy = hpaRest(hpa); o.Rest != scale.RestNone && o.Rest != scale.RestZero {
		o.Wants = 0 // the HPA has not been able to compute a count for a while
	}
	for _, condition := range hpa.Status.Conditions {
		if condition.Type == autoscalingv2.AbleToScale || condition.Type == autoscalingv2.ScalingLimited && condition.Status == corev1.ConditionTrue {
			o.LastEvent = condition.Message
		}
	}
	return o
}

// undoing is what an HPA does with a count above and below its own. For a metric that is averaged
// over pods, such as CPU, the wanted count depends on the number of pods. The metrics follow a
// new count late, so the HPA accepts it at first and its window starts again. For a total, such
// as lag, the wanted count does not depend on the number of pods.
func undoing(hpa *autoscalingv2.HorizontalPodAutoscaler) (higher, lower scale.Undo) {
	higher.Window = hpaWindow
	if b := hpa.Spec.Behavior; b != nil {
		higher, lower = rules(b.ScaleDown, hpaWindow), rules(b.ScaleUp, 0)
	}
	shared, fixed := 0, 0
	for _, spec := range hpa.Spec.Metrics {
		if sharedOut(spec) {
			shared++
		} else {
			fixed++
		}
	}
	// With several metrics the highest wanted count wins. So the slowest metric decides how long
	// a higher count lasts, and the fastest one ends a lower count.
	if shared > 0 || fixed == 0 {
		higher.After = higher.Window + hpaMetrics
	}
	if fixed == 0 {
		lower.After = lower.Window + hpaMetrics
	}
	return higher, lower
}

// rules returns the window of one direction, and whether that direction is disabled.
func rules(r *autoscalingv2.HPAScalingRules, window time.Duration) scale.Undo {
	u := scale.Undo{Window: window}
	if r == nil {
		return u
	}
	if r.StabilizationWindowSeconds != nil {
		u.Window = time.Duration(*r.StabilizationWindowSeconds) * time.Second
	}
	u.Never = r.SelectPolicy != nil && *r.SelectPolicy == autoscalingv2.DisabledPolicySelect
	return u
}

// sharedOut reports whether a metric depends on the number of pods. Use and utilisation do, and
// so does a plain value, which is multiplied by the count. A total with an average value does
// not.
func sharedOut(spec autoscalingv2.MetricSpec) bool {
	switch {
	case spec.External != nil:
		return spec.External.Target.AverageValue == nil
	case spec.Object != nil:
		return spec.Object.Target.AverageValue == nil
	}
	return true
}

// hpaRest is what stops an HPA from scaling, by its conditions. Conditions older than its
// specification are ignored.
func hpaRest(hpa *autoscalingv2.HorizontalPodAutoscaler) (scale.OwnerRest, string) {
	if seen := hpa.Status.ObservedGeneration; seen != nil && *seen < hpa.Generation {
		return scale.RestNone, ""
	}
	if able := condition(hpa, autoscalingv2.AbleToScale); able != nil && able.Status == corev1.ConditionFalse && able.Reason == "FailedGetScale" {
		return scale.RestTarget, able.Message
	}
	active := condition(hpa, autoscalingv2.ScalingActive)
	if active == nil || active.Status != corev1.ConditionFalse {
		return scale.RestNone, ""
	}
	switch active.Reason {
	case "ScalingDisabled":
		return scale.RestZero, ""
	case "AmbiguousSelector":
		return scale.RestAmbiguous, active.Message
	}
	return scale.RestMetrics, reasoned(active.Reason, active.Message)
}

// reasoned is a condition's reason with its message, as far as there are any.
func reasoned(reason, message string) string {
	switch {
	case message == "":
		return reason
	case reason == "":
		return message
	}
	return reason + ": " + message
}

func condition(hpa *autoscalingv2.HorizontalPodAutoscaler, kind autoscalingv2.HorizontalPodAutoscalerConditionType) *autoscalingv2.HorizontalPodAutoscalerCondition {
	for i := range hpa.Status.Conditions {
		if hpa.Status.Conditions[i].Type == kind {
			return &hpa.Status.Conditions[i]
		}
	}
	return nil
}

// metricTarget says which metric an HPA uses, its target and its present value. A percentage is
// of the request (T-15).
func metricTarget(spec autoscalingv2.MetricSpec, current []autoscalingv2.MetricStatus) string {
	switch {
	case spec.Resource != nil:
		return aim(string(spec.Resource.Name), spec.Resource.Target) + utilisationNow(spec.Resource.Name, current)
	case spec.ContainerResource != nil:
		return aim(fmt.Sprintf("%s of container %s", spec.ContainerResource.Name, spec.ContainerResource.Container), spec.ContainerResource.Target)
	case spec.Pods != nil:
		return aim(spec.Pods.Metric.Name, spec.Pods.Target)
	case spec.Object != nil:
		on := spec.Object.DescribedObject
		return aim(fmt.Sprintf("%s of %s %s", spec.Object.Metric.Name, on.Kind, on.Name), spec.Object.Target)
	case spec.External != nil:
		return aim(spec.External.Metric.Name, spec.External.Target)
	default:
		return "a metric of type " + string(spec.Type)
	}
}

// aim is the target of an HPA for a metric.
func aim(name string, target autoscalingv2.MetricTarget) string {
	switch {
	case target.AverageUtilization != nil:
		return fmt.Sprintf("%s %d %% of request", name, *target.AverageUtilization)
	case target.AverageValue != nil:
		return fmt.Sprintf("%s %s per replica", name, target.AverageValue)
	case target.Value != nil:
		return fmt.Sprintf("%s %s", name, target.Value)
	}
	return name
}

// utilisationNow is the present utilisation of a resource, if the HPA has reported it.
func utilisationNow(name corev1.ResourceName, current []autoscalingv2.MetricStatus) string {
	for _, status := range current {
		if r := status.Resource; r != nil && r.Name == name && r.Current.AverageUtilization != nil {
			return fmt.Sprintf("%s%d %%", scale.TargetNow, *r.Current.AverageUtilization)
		}
	}
	return ""
}
