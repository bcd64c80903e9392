package kube

import (
	"fmt"
	"strconv"
	"time"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/scale"
)

// kedaPoll is how often KEDA looks at its triggers by default (spec.pollingInterval).
const kedaPoll = 30 * time.Second

// kedaOwner describes a ScaledObject, paused or not, with the numbers of its HPA if it
// has one.
func kedaOwner(object *unstructured.Unstructured, hpa *autoscalingv2.HorizontalPodAutoscaler, group string, at time.Time) scale.Owner {
	o := scale.Owner{Kind: scale.OwnerKEDA, Name: object.GetName(), Max: 100, Within: hpaWithin, Higher: scale.Undo{Window: hpaWindow}}
	if hpa != nil {
		inner := hpaOwner(hpa)
		o.Wants, o.LastEvent, o.Higher, o.Lower, o.Rest, o.RestWhy = inner.Wants, inner.LastEvent, inner.Higher, inner.Lower, inner.Rest, inner.RestWhy
	}
	if n, ok := nestedInt(object, "spec", "minReplicaCount"); ok {
		o.Min = n
	}
	if n, ok := nestedInt(object, "spec", "maxReplicaCount"); ok {
		o.Max = n
	}
	if n, ok := nestedInt(object, "spec", "idleReplicaCount"); ok {
		o.Idle = &n
	}
	o.Targets, o.Triggers = kedaTriggers(object, group)
	for _, t := range o.Triggers {
		if o.LagPerReplica == 0 || t.Threshold < o.LagPerReplica {
			o.LagPerReplica = t.Threshold
		}
	}
	if o.Paused = pause(object.GetAnnotations()); o.Paused == scale.PausedFully || pinnedAt(object) {
		o.Within = 0
	}
	ailing(&o, object, hpa, at)
	deactivated(&o, object)
	return o
}

// ailing notes what KEDA cannot do. A ScaledObject that is not ready has no HPA, or an outdated
// one; one with a failing trigger may use a fallback count.
func ailing(o *scale.Owner, object *unstructured.Unstructured, hpa *autoscalingv2.HorizontalPodAutoscaler, at time.Time) {
	if status, _ := kedaCondition(object, "Fallback"); status == "True" {
		o.Fallback, _, _ = unstructured.NestedString(object.Object, "spec", "fallback", "behavior")
		if o.Fallback == "" {
			o.Fallback = scale.FallbackStatic
		}
		o.FallbackTo, _ = nestedInt(object, "spec", "fallback", "replicas")
		return
	}
	status, why := kedaCondition(object, "Ready")
	switch {
	case hpa == nil && unseen(object, at):
		o.Rest, o.RestWhy, o.Wants = scale.RestNotReady, "KEDA has said nothing of it since it was made, and it has no HPA, so nobody scales: does KEDA's operator run and watch this namespace?", 0
	case status != "False" || stopped(object):
	case hpa == nil:
		o.Rest, o.RestWhy, o.Wants = scale.RestNotReady, why+"; it has no HPA, so nobody scales", 0
	case o.Rest == scale.RestNone && kedaReason(object, "Ready") == "TriggerError":
		o.Rest, o.RestWhy, o.Wants = scale.RestMetrics, why, 0
	}
}

// deactivated notes that KEDA scales to zero, or to its idle count, when no trigger is active and
// the cooldown has passed, whatever the count is.
func deactivated(o *scale.Owner, object *unstructured.Unstructured) {
	status, _ := kedaCondition(object, "Active")
	if status != "False" || o.Min > 0 && o.Idle == nil || o.Paused != "" || o.Rest != scale.RestNone || o.Fallback != "" {
		return
	}
	every := kedaPoll
	if seconds, set := nestedInt(object, "spec", "pollingInterval"); set && seconds > 0 {
		every = time.Duration(seconds) * time.Second
	}
	o.Higher = scale.Undo{After: every}
}

// atRest reports whether it is normal that a ScaledObject has no HPA: it is paused or not ready,
// or KEDA does not manage it.
func atRest(object *unstructured.Unstructured, at time.Time) bool {
	status, _ := kedaCondition(object, "Ready")
	return status == "False" || stopped(object) || unseen(object, at)
}

// kedaGreets is how long after the creation of a ScaledObject KEDA has certainly written its
// status, if it runs and watches the namespace.
const kedaGreets = 5 * time.Minute

// unseen reports whether KEDA has never processed a ScaledObject. The custom resource may be
// installed without the operator, or the operator may watch other namespaces only.
func unseen(object *unstructured.Unstructured, at time.Time) bool {
	made := object.GetCreationTimestamp()
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	return len(conditions) == 0 && !made.IsZero() && at.Sub(made.Time) >= kedaGreets
}

// stopped reports whether a pause stops KEDA completely, not only one direction.
func stopped(object *unstructured.Unstructured) bool {
	_, counted := object.GetAnnotations()[pausedReplicas]
	return counted || pause(object.GetAnnotations()) == scale.PausedFully
}

// kedaCondition is the status of a condition of a ScaledObject, with its reason and message.
func kedaCondition(object *unstructured.Unstructured, kind string) (status, why string) {
	c := kedaConditions(object, kind)
	return c["status"], reasoned(c["reason"], c["message"])
}

func kedaReason(object *unstructured.Unstructured, kind string) string {
	return kedaConditions(object, kind)["reason"]
}

func kedaConditions(object *unstructured.Unstructured, kind string) map[string]string {
	conditions, _, _ := unstructured.NestedSlice(object.Object, "status", "conditions")
	for _, c := range conditions {
		fields, _ := c.(map[string]any)
		if name, _, _ := unstructured.NestedString(fields, "type"); name != kind {
			continue
		}
		out := map[string]string{}
		for _, field := range []string{"status", "reason", "message"} {
			out[field], _, _ = unstructured.NestedString(fields, field)
		}
		return out
	}
	return nil
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

// The annotations that pause a ScaledObject.
const (
	pausedReplicas = "autoscaling.keda.sh/paused-replicas"
	paused         = "autoscaling.keda.sh/paused"
	pausedScaleIn  = "autoscaling.keda.sh/paused-scale-in"
	pausedScaleOut = "autoscaling.keda.sh/paused-scale-out"
)

// pauseWords bounds how much is quoted of a paused count that is not a number.
const pauseWords = 40

// pause describes KEDA's pause annotations (T-04). A count comes first, also beside
// "paused: false"; the two directions add up.
func pause(annotations map[string]string) string {
	if n, ok := annotations[pausedReplicas]; ok {
		return scale.PausedAt(n[:min(len(n), pauseWords)])
	}
	in, out := on(annotations, pausedScaleIn), on(annotations, pausedScaleOut)
	switch {
	case on(annotations, paused):
		return scale.PausedFully
	case in && out:
		return scale.PausedBoth
	case in:
		return scale.PausedIn
	case out:
		return scale.PausedOut
	}
	return ""
}

// on reports whether an annotation pauses. Any value but a false one does, even a value that is
// not a boolean, such as an empty one or "false " with a trailing space.
func on(annotations map[string]string, name string) bool {
	value, ok := annotations[name]
	yes, err := strconv.ParseBool(value)
	return ok && (err != nil || yes)
}

// pinnedAt reports whether KEDA has set the count that a pause names. It sets the count once,
// records that in the status, and does nothing more until the ScaledObject is edited. If it
// cannot parse the count, it does not set one.
func pinnedAt(object *unstructured.Unstructured) bool {
	text, ok := object.GetAnnotations()[pausedReplicas]
	if !ok {
		return false
	}
	count, err := strconv.ParseInt(text, 10, 32)
	there, known := nestedInt(object, "status", "pausedReplicaCount")
	return err != nil || count < 0 || known && int64(there) == count
}

// kedaTriggers says what the triggers want. lagThreshold is lag per replica, whatever comments in
// the manifest say (T-02), and 10 by default. A trigger on another consumer group says nothing
// about this group's lag.
func kedaTriggers(object *unstructured.Unstructured, group string) (out []string, lag []scale.LagTrigger) {
	triggers, _, _ := unstructured.NestedSlice(object.Object, "spec", "triggers")
	formula, _, _ := unstructured.NestedString(object.Object, "spec", "advanced", "scalingModifiers", "formula")
	for _, t := range triggers {
		fields, _ := t.(map[string]any)
		kind, _, _ := unstructured.NestedString(fields, "type")
		values, _, _ := unstructured.NestedStringMap(fields, "metadata")
		if kind != "kafka" && kind != "apache-kafka" {
			out = append(out, "a trigger of type "+kind)
			continue
		}
		trigger, ok := lagTrigger(values)
		out = append(out, fmt.Sprintf("lag of group %s ÷ %d, in replicas", values["consumerGroup"], trigger.Threshold))
		if watched := values["consumerGroup"]; watched != "" && group != "" && watched != group {
			continue
		}
		// A plain value is multiplied by the count, and the effect of a formula is not known.
		if metric, _, _ := unstructured.NestedString(fields, "metricType"); ok && formula == "" && (metric == "" || metric == string(autoscalingv2.AverageValueMetricType)) {
			lag = append(lag, trigger)
		}
	}
	if formula != "" {
		out = append(out, "the formula "+formula)
	}
	return out, lag
}
