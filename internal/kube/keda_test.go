package kube

import (
	"reflect"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/scalebot/scalebot/internal/scale"
)

// T-04: KEDA's pauses as its operator 2.21 takes them. A value that strconv.ParseBool does
// not read pauses, also one with a blank; a count comes before everything else.
func TestKEDAsPauses(t *testing.T) {
	there := func(count int64) func(*unstructured.Unstructured) {
		return func(o *unstructured.Unstructured) {
			_ = unstructured.SetNestedField(o.Object, count, "status", "pausedReplicaCount")
		}
	}
	for _, c := range []struct {
		name        string
		annotations map[string]string
		change      func(*unstructured.Unstructured)
		paused      string
		within      time.Duration
	}{
		{"none", nil, nil, "", hpaWithin},
		{"true", map[string]string{paused: "true"}, nil, scale.PausedFully, 0},
		{"a word", map[string]string{paused: "until friday"}, nil, scale.PausedFully, 0},
		{"empty", map[string]string{paused: ""}, nil, scale.PausedFully, 0},
		{"false with a blank", map[string]string{paused: "false "}, nil, scale.PausedFully, 0},
		{"false", map[string]string{paused: "false"}, nil, "", hpaWithin},
		{"F", map[string]string{paused: "F"}, nil, "", hpaWithin},
		{"0", map[string]string{paused: "0"}, nil, "", hpaWithin},
		{"no", map[string]string{paused: "no"}, nil, scale.PausedFully, 0},
		{"scale-in", map[string]string{pausedScaleIn: "true"}, nil, scale.PausedIn, hpaWithin},
		{"scale-out with a word", map[string]string{pausedScaleOut: "yes"}, nil, scale.PausedOut, hpaWithin},
		{"both directions", map[string]string{pausedScaleIn: "true", pausedScaleOut: "true"}, nil, scale.PausedBoth, hpaWithin},
		{"both, one of them off", map[string]string{pausedScaleIn: "true", pausedScaleOut: "false"}, nil, scale.PausedIn, hpaWithin},
		{"one direction and all", map[string]string{pausedScaleIn: "true", paused: "true"}, nil, scale.PausedFully, 0},
		{"a count, on the way", map[string]string{pausedReplicas: "6"}, nil, "at 6 replicas", hpaWithin},
		{"a count, there", map[string]string{pausedReplicas: "6"}, there(6), "at 6 replicas", 0},
		{"another count, still at the old", map[string]string{pausedReplicas: "8"}, there(6), "at 8 replicas", hpaWithin},
		{"zero, there", map[string]string{pausedReplicas: "0"}, there(0), "at 0 replicas", 0},
		{"a count beats paused: false", map[string]string{pausedReplicas: "6", paused: "false"}, there(6), "at 6 replicas", 0},
		{"a count with a blank", map[string]string{pausedReplicas: "6 "}, there(4), "at 6  replicas", 0},
		{"no number", map[string]string{pausedReplicas: "six"}, nil, "at six replicas", 0},
		{"below zero", map[string]string{pausedReplicas: "-1"}, nil, "at -1 replicas", 0},
		{"beyond 32 bits", map[string]string{pausedReplicas: "99999999999"}, nil, "at 99999999999 replicas", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := scaledObject(c.annotations)
			if c.change != nil {
				c.change(o)
			}
			got := known(t, newStand(o, deployment(6)).Owner(t.Context(), worker))
			if got.Kind != scale.OwnerKEDA || got.Paused != c.paused || got.Within != c.within {
				t.Errorf("got %s, paused %q, within %s; want %q and %s", got.Kind, got.Paused, got.Within, c.paused, c.within)
			}
		})
	}
}

func triggered(fields map[string]any, metadata map[string]any) runtime.Object {
	o := scaledObject(nil)
	trigger := map[string]any{"type": "kafka", "metadata": metadata}
	for k, v := range fields {
		trigger[k] = v
	}
	_ = unstructured.SetNestedSlice(o.Object, []any{trigger}, "spec", "triggers")
	return o
}

// every option of the Kafka trigger that changes what it asks for is read; one that
// KEDA would refuse is no trigger.
func TestTheOptionsOfAKafkaTrigger(t *testing.T) {
	for _, c := range []struct {
		name     string
		fields   map[string]any
		metadata map[string]any
		want     []scale.LagTrigger
	}{
		{"the default of 10", nil, map[string]any{"consumerGroup": "g"}, []scale.LagTrigger{{Threshold: 10}}},
		{"all options", nil, map[string]any{
			"topic": "t", "lagThreshold": "1000", "activationLagThreshold": "50", "offsetResetPolicy": "earliest", "allowIdleConsumers": "true",
			"excludePersistentLag": "true", "scaleToZeroOnInvalidOffset": "True", "partitionLimitation": "0-2, 7",
		}, []scale.LagTrigger{{
			Topic: "t", Threshold: 1000, Activation: 50, Earliest: true, IdleConsumers: true, ExcludePersistent: true, ZeroWithoutCommit: true, Partitions: []int32{0, 1, 2, 7},
		}}},
		{"partitions that lag", nil, map[string]any{"topic": "t", "lagThreshold": "5", "limitToPartitionsWithLag": "true"}, []scale.LagTrigger{{Topic: "t", Threshold: 5, LaggingOnly: true}}},
		{"evenly", nil, map[string]any{"topic": "t", "lagThreshold": "5", "ensureEvenDistributionOfPartitions": "true"}, []scale.LagTrigger{{Topic: "t", Threshold: 5, Even: true}}},
		{"Apache", map[string]any{"type": "apache-kafka"}, map[string]any{"lagThreshold": "5"}, []scale.LagTrigger{{Threshold: 5}}},
		{"average value", map[string]any{"metricType": "AverageValue"}, map[string]any{"lagThreshold": "5"}, []scale.LagTrigger{{Threshold: 5}}},
		{"a plain value", map[string]any{"metricType": "Value"}, map[string]any{"lagThreshold": "5"}, nil},
		{"no number", nil, map[string]any{"lagThreshold": "many"}, nil},
		{"zero", nil, map[string]any{"lagThreshold": "0"}, nil},
		{"no range", nil, map[string]any{"topic": "t", "partitionLimitation": "3-"}, nil},
		{"a range without an end", nil, map[string]any{"topic": "t", "partitionLimitation": "0-2000000000"}, nil},
		{"partitions without a topic", nil, map[string]any{"partitionLimitation": "0-2"}, []scale.LagTrigger{{Threshold: 10}}},
		{"another kind", map[string]any{"type": "cpu"}, map[string]any{"value": "60"}, nil},
	} {
		got := known(t, newStand(triggered(c.fields, c.metadata), deployment(6)).Owner(t.Context(), worker))
		if !reflect.DeepEqual(got.Triggers, c.want) || len(got.Targets) != 1 {
			t.Errorf("%s: got %+v by %q, want %+v", c.name, got.Triggers, got.Targets, c.want)
		}
	}
}

// T-02: a trigger that watches another group says nothing about the lag of this one, also
// where the component's own trigger stands beside it.
func TestATriggerOfAnotherGroup(t *testing.T) {
	component := worker
	component.Group = "xact-download-worker"
	kafka := func(group, threshold string) any {
		return map[string]any{"type": "kafka", "metadata": map[string]any{"consumerGroup": group, "topic": "t", "lagThreshold": threshold}}
	}
	own := scale.LagTrigger{Topic: "t", Threshold: 1000}
	for name, c := range map[string]struct {
		triggers []any
		want     []scale.LagTrigger
	}{
		"its own":                 {[]any{kafka("xact-download-worker", "1000")}, []scale.LagTrigger{own}},
		"another's":               {[]any{kafka("billing", "10")}, nil},
		"another's beside its":    {[]any{kafka("billing", "10"), kafka("xact-download-worker", "1000")}, []scale.LagTrigger{own}},
		"one from an environment": {[]any{kafka("", "1000")}, []scale.LagTrigger{own}},
	} {
		o := scaledObject(nil)
		_ = unstructured.SetNestedSlice(o.Object, c.triggers, "spec", "triggers")
		got := known(t, newStand(o, deployment(6)).Owner(t.Context(), component))
		least := int64(0)
		if c.want != nil {
			least = 1000
		}
		if !reflect.DeepEqual(got.Triggers, c.want) || got.LagPerReplica != least || len(got.Targets) != len(c.triggers) {
			t.Errorf("%s: got %+v, %d per replica, by %q; want %+v", name, got.Triggers, got.LagPerReplica, got.Targets, c.want)
		}
	}
}

// T-01: KEDA's resource may be there where its operator is not, or watches other namespaces:
// nobody acts then, and an HPA beside it acts alone.
func TestAScaledObjectThatKEDANeverSaw(t *testing.T) {
	made := func(ago time.Duration) *unstructured.Unstructured {
		o := scaledObject(nil)
		o.SetCreationTimestamp(metav1.NewTime(newStand().Clock.Now().Add(-ago)))
		return o
	}
	for name, c := range map[string]struct {
		ago  time.Duration
		rest scale.OwnerRest
		kind scale.OwnerKind // beside an HPA of the team's own
	}{
		"a minute ago": {time.Minute, scale.RestNone, scale.OwnerConflict},
		"an hour ago":  {time.Hour, scale.RestNotReady, scale.OwnerHPA},
	} {
		got := known(t, newStand(made(c.ago), deployment(6)).Owner(t.Context(), worker))
		if got.Kind != scale.OwnerKEDA || got.Rest != c.rest || c.rest != scale.RestNone && !strings.Contains(got.RestWhy, "does KEDA's operator run") {
			t.Errorf("%s: got %s at rest %q (%s), want %q", name, got.Kind, got.Rest, got.RestWhy, c.rest)
		}
		if got := known(t, newStand(made(c.ago), deployment(6), hpa("own")).Owner(t.Context(), worker)); got.Kind != c.kind {
			t.Errorf("%s, beside an HPA: got %s, want %s", name, got.Kind, c.kind)
		}
	}
}

// The fallback, the idle count and the lack of activity are told with what they do to a count.
func TestWhatKEDADoesBesideItsHPA(t *testing.T) {
	object := func(spec map[string]any, conditions ...map[string]any) *unstructured.Unstructured {
		o := scaledObjectSaying(nil, conditions...)
		for k, v := range spec {
			_ = unstructured.SetNestedField(o.Object, v, "spec", k)
		}
		return o
	}
	fallen := says("Fallback", "True", "FallbackExists", "At least one trigger is falling back on this scaled object")
	quiet := says("Active", "False", "ScalerNotActive", "x")
	fallback := func(behaviour string) map[string]any {
		f := map[string]any{"failureThreshold": int64(3), "replicas": int64(7)}
		if behaviour != "" {
			f["behavior"] = behaviour
		}
		return map[string]any{"fallback": f}
	}
	for _, c := range []struct {
		name     string
		object   *unstructured.Unstructured
		fallback string
		higher   time.Duration
	}{
		{"fallen back", object(fallback(""), fallen), scale.FallbackStatic, 0},
		{"fallen back to the present count", object(fallback("currentReplicas"), fallen), scale.FallbackCurrent, 0},
		{"a fallback that is not used", object(fallback("")), "", 0},
		{"not active, with a minimum", object(nil, quiet), "", 0},
		{"not active, to zero", object(map[string]any{"minReplicaCount": int64(0)}, quiet), "", kedaPoll},
		{"not active, looked at every five minutes", object(map[string]any{"minReplicaCount": int64(0), "pollingInterval": int64(300)}, quiet), "", 5 * time.Minute},
		{"not active, a polling interval that is none", object(map[string]any{"minReplicaCount": int64(0), "pollingInterval": int64(0)}, quiet), "", kedaPoll},
		{"not active, to its idle count", object(map[string]any{"idleReplicaCount": int64(2)}, quiet), "", kedaPoll},
	} {
		got := known(t, newStand(c.object, deployment(6), hpa("keda-hpa-dw", ofKEDA, steering(external))).Owner(t.Context(), worker))
		if got.Fallback != c.fallback || got.Higher.After != c.higher || c.fallback != "" && got.FallbackTo != 7 {
			t.Errorf("%s: got fallback %q to %d, a higher count for %s; want %q and %s", c.name, got.Fallback, got.FallbackTo, got.Higher.After, c.fallback, c.higher)
		}
	}
	formula := object(nil)
	_ = unstructured.SetNestedField(formula.Object, "a + b", "spec", "advanced", "scalingModifiers", "formula")
	if got := known(t, newStand(formula, deployment(6)).Owner(t.Context(), worker)); len(got.Triggers) != 0 || !strings.Contains(strings.Join(got.Targets, "; "), "the formula a + b") {
		t.Errorf("a formula: got %+v by %q, want no claim about the lag", got.Triggers, got.Targets)
	}
}
