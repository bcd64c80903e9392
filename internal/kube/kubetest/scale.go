package kubetest

import (
	"encoding/json"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/testing"
)

// writeScale writes a replica count as a real API server does: writing the present count changes
// nothing, another count increases the generation, and managedFields change as in ClaimScale.
func (s *Server) writeScale(update testing.UpdateActionImpl, sent *autoscalingv1.Scale) (bool, runtime.Object, error) {
	head := metav1.ObjectMeta{Name: sent.Name, UID: sent.UID, ResourceVersion: sent.ResourceVersion}
	if head.ResourceVersion == "0" {
		head.ResourceVersion = "" // an empty version matches any
	}
	if err := s.matches(update, &head); err != nil {
		return true, nil, err
	}
	d, err := s.deployment(update, sent.Name)
	if err != nil {
		return true, nil, err
	}
	if d.Spec.Replicas != nil && *d.Spec.Replicas == sent.Spec.Replicas {
		return true, scaleOf(d), nil
	}
	d.Spec.Replicas = &sent.Spec.Replicas
	if len(update.UpdateOptions.DryRun) > 0 {
		return true, scaleOf(d), nil
	}
	fields := d.DeepCopy()
	ClaimScale(fields, update.UpdateOptions.FieldManager)
	d.Generation++
	s.stamp(d)
	if err := s.tracker.Update(update.GetResource(), d, update.GetNamespace()); err != nil {
		return true, nil, err
	}
	// A tracker with managed fields has recorded a write of the deployment itself. It ignores an
	// update that changes nothing but managedFields.
	d.ManagedFields = fields.ManagedFields
	return true, scaleOf(d), s.tracker.Update(update.GetResource(), d, update.GetNamespace())
}

// ClaimScale changes managedFields as a write of a new count through the scale subresource does
// (seen on Kubernetes 1.37.2): spec.replicas is taken away from its owners, and an entry without
// a time names the writer. A count of 0 has no owner, because the server leaves it out of its
// comparison. A count without an owner gets none through the scale subresource, until somebody
// writes the deployment itself.
func ClaimScale(d *appsv1.Deployment, manager string) {
	owned := false
	for i := range d.ManagedFields {
		owned = dropReplicas(&d.ManagedFields[i]) || owned
	}
	d.ManagedFields = slices.DeleteFunc(d.ManagedFields, func(e metav1.ManagedFieldsEntry) bool {
		return e.FieldsV1 == nil || e.FieldsV1.GetRawString() == "{}"
	})
	if !owned || *d.Spec.Replicas == 0 {
		return
	}
	d.ManagedFields = append(d.ManagedFields, metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1", FieldsType: "FieldsV1",
		Subresource: "scale", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:replicas":{}}}`),
	})
}

// dropReplicas removes spec.replicas from an entry and reports whether it was there.
func dropReplicas(entry *metav1.ManagedFieldsEntry) bool {
	var all map[string]json.RawMessage
	var spec map[string]json.RawMessage
	if entry.FieldsV1 == nil || json.Unmarshal(entry.FieldsV1.GetRawBytes(), &all) != nil || json.Unmarshal(all["f:spec"], &spec) != nil {
		return false
	}
	if _, ok := spec["f:replicas"]; !ok {
		return false
	}
	delete(spec, "f:replicas")
	left, err := json.Marshal(spec)
	if all["f:spec"] = left; len(spec) == 0 {
		delete(all, "f:spec")
	}
	raw, failed := json.Marshal(all)
	if err != nil || failed != nil {
		return true // what was decoded can always be encoded
	}
	entry.FieldsV1 = metav1.NewFieldsV1(string(raw))
	return true
}
