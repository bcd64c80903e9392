package demo

import (
	"fmt"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// The annotations that pause a ScaledObject.
const (
	pausedReplicas = "autoscaling.keda.sh/paused-replicas"
	pausedAll      = "autoscaling.keda.sh/paused"
	pausedScaleIn  = "autoscaling.keda.sh/paused-scale-in"
	pausedScaleOut = "autoscaling.keda.sh/paused-scale-out"
)

// newScaledObject is the runbook's own example.
func newScaledObject(now time.Time) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"spec": map[string]any{
			"scaleTargetRef":  map[string]any{"name": downloadWorker},
			"minReplicaCount": int64(ownedLeast), "maxReplicaCount": int64(ownedMost),
			"pollingInterval": int64(30), "cooldownPeriod": int64(300),
			"triggers": []any{map[string]any{"type": "kafka", "metadata": map[string]any{
				"consumerGroup": "xact-download-worker", "topic": "xact.downloads.pending",
				"lagThreshold": "1000", "offsetResetPolicy": "latest",
			}}},
		},
		"status": map[string]any{
			"hpaName": kedaHPAName, "scaleTargetKind": "apps/v1.Deployment", "originalReplicaCount": int64(6),
			"conditions": []any{
				map[string]any{"type": "Ready", "status": "True", "reason": "ScaledObjectReady", "message": "ScaledObject is defined correctly and is ready for scaling"},
				map[string]any{"type": "Active", "status": "True", "reason": "ScalerActive", "message": "Scaling is performed because triggers are active"},
				map[string]any{"type": "Paused", "status": "False", "reason": "ScaledObjectUnpaused", "message": "ScaledObject is not paused"},
			},
		},
	}}
	o.SetAPIVersion("keda.sh/v1alpha1")
	o.SetKind("ScaledObject")
	o.SetName(scaledObjectName)
	o.SetNamespace(Namespace)
	o.SetGeneration(1)
	o.SetCreationTimestamp(metav1.NewTime(now))
	return o
}

// followPause does what KEDA does for a paused ScaledObject. It removes its HPA, sets the count
// that the annotation names, if any, and restores the HPA when the pause ends. It reports whether
// KEDA is paused or gone.
func (c *cluster) followPause(d *appsv1.Deployment, now time.Time) bool {
	object := c.scaledObject()
	if object == nil {
		c.remove(hpaResource, Namespace, kedaHPAName)
		return true
	}
	count, counted := object.GetAnnotations()[pausedReplicas]
	if !counted && !pausedBy(object, pausedAll) {
		c.autoscaler.pinned = ""
		if c.autoscalerObject() == nil {
			c.put(hpaResource, c.newKEDAHPA(d, object, now))
		}
		return false
	}
	c.remove(hpaResource, Namespace, kedaHPAName)
	if counted {
		c.pin(d, object, count, now)
	}
	return true
}

// pin sets the count of a pause once, whatever the maximum: KEDA does nothing more until the
// ScaledObject is edited. A count that is not a number is not set.
func (c *cluster) pin(d *appsv1.Deployment, object *unstructured.Unstructured, count string, now time.Time) {
	pinned := fmt.Sprintf("%s in generation %d", count, object.GetGeneration())
	if pinned == c.autoscaler.pinned {
		return
	}
	c.autoscaler.pinned = pinned
	n, err := strconv.ParseInt(count, 10, 32)
	if err != nil || n < 0 {
		c.reportScaledObject(object, "False", "ScaledObjectCheckFailed", "failed to scale target to paused replica count: failed to parse paused replica count: "+fmt.Sprint(err), nil)
		return
	}
	c.setReplicas(d, int32(n), "keda-operator")
	c.reportScaledObject(object, "True", "ScaledObjectReady", "ScaledObject is paused", n)
}

// reportScaledObject writes the status of the ScaledObject, with the count it is paused at unless
// that is nil.
func (c *cluster) reportScaledObject(object *unstructured.Unstructured, ready, reason, message string, pausedAt any) {
	object = object.DeepCopy()
	conditions := []any{
		map[string]any{"type": "Ready", "status": ready, "reason": reason, "message": message},
		map[string]any{"type": "Active", "status": "Unknown", "reason": "UnknownState", "message": ""},
		map[string]any{"type": "Paused", "status": "True", "reason": "ScaledObjectPaused", "message": "ScaledObject is paused"},
	}
	err := unstructured.SetNestedSlice(object.Object, conditions, "status", "conditions")
	if err == nil && pausedAt != nil {
		err = unstructured.SetNestedField(object.Object, pausedAt, "status", "pausedReplicaCount")
	}
	if err == nil {
		c.stamp(object)
		err = c.dynamic.Tracker().Update(scaledObjectResource, object, Namespace)
	}
	if err != nil {
		c.log.Error("the ScaledObject could not be updated", "error", err)
	}
}

// directionPaused reports whether a one-way pause stops the HPA from going from one count to
// another. KEDA implements such a pause as a disabled scaling policy, which does not preserve a
// count outside the bounds.
func (c *cluster) directionPaused(count, wants int32) bool {
	object := c.scaledObject()
	if c.autoscaler.kind != ownerKEDA || object == nil || count > ownedMost || count < ownedLeast {
		return false
	}
	return count > wants && pausedBy(object, pausedScaleIn) || count < wants && pausedBy(object, pausedScaleOut)
}

// pausedBy reports whether an annotation pauses: any value but a false one does.
func pausedBy(object *unstructured.Unstructured, annotation string) bool {
	value, found := object.GetAnnotations()[annotation]
	on, err := strconv.ParseBool(value)
	return found && (err != nil || on)
}

func (c *cluster) scaledObject() *unstructured.Unstructured {
	found, err := c.dynamic.Tracker().Get(scaledObjectResource, Namespace, scaledObjectName)
	if err != nil {
		return nil
	}
	object, _ := found.(*unstructured.Unstructured)
	return object
}
