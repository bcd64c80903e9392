package kube

import (
	"fmt"
	"strconv"
	"strings"

	autoscalingv2 "k8s.io/api/autoscaling/v2"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/scale"
)

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
	o.Targets, o.LagPerReplica = kedaTriggers(object)
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
// comments in the manifest say (T-02); the smallest one asks for the most.
func kedaTriggers(object *unstructured.Unstructured) (out []string, lagPerReplica int64) {
	triggers, _, _ := unstructured.NestedSlice(object.Object, "spec", "triggers")
	for _, t := range triggers {
		trigger, _ := t.(map[string]any)
		kind, _, _ := unstructured.NestedString(trigger, "type")
		values, _, _ := unstructured.NestedStringMap(trigger, "metadata")
		if threshold := values["lagThreshold"]; threshold != "" {
			out = append(out, fmt.Sprintf("lag of group %s ÷ %s, in replicas", values["consumerGroup"], threshold))
			if n, err := strconv.ParseInt(threshold, 10, 64); err == nil && n > 0 && (lagPerReplica == 0 || n < lagPerReplica) {
				lagPerReplica = n
			}
			continue
		}
		out = append(out, "a trigger of type "+kind)
	}
	return out, lagPerReplica
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
