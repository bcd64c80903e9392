package demo

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func ptr[T any](v T) *T { return &v }

// merged returns a new map with the entries of both; for equal keys it uses those of over.
func merged(under, over map[string]string) map[string]string {
	all := map[string]string{}
	maps.Copy(all, under)
	maps.Copy(all, over)
	return all
}

func ownedBy(version, kind string, o metav1.Object) metav1.OwnerReference {
	return metav1.OwnerReference{
		APIVersion: version, Kind: kind, Name: o.GetName(), UID: o.GetUID(),
		Controller: ptr(true), BlockOwnerDeletion: ptr(true),
	}
}

func managed(json string) *metav1.FieldsV1 { return metav1.NewFieldsV1(json) }

// claimReplicas makes a field manager the one owner of spec.replicas, as the API server
// does when that manager writes a new value of the whole Deployment.
func claimReplicas(d *appsv1.Deployment, manager string, now time.Time) {
	disclaimReplicas(d)
	ownReplicas(d, manager, "", ptr(metav1.NewTime(now)))
}

// claimScale is claimReplicas for a write through the scale subresource, which is recorded
// without a time. After a write of 0 no manager is recorded as owner, and that remains so until
// somebody writes the Deployment itself.
func claimScale(d *appsv1.Deployment, manager string) {
	if owned := disclaimReplicas(d); owned && *d.Spec.Replicas > 0 {
		ownReplicas(d, manager, scaleSubresource, nil)
	}
}

func ownReplicas(d *appsv1.Deployment, manager, subresource string, at *metav1.Time) {
	d.ManagedFields = append(d.ManagedFields, metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1",
		Time: at, FieldsType: "FieldsV1", Subresource: subresource,
		FieldsV1: managed(`{"f:spec":{"f:replicas":{}}}`),
	})
}

// disclaimReplicas removes spec.replicas from the fields of all managers and reports whether any
// had it.
func disclaimReplicas(d *appsv1.Deployment) (owned bool) {
	for i := range d.ManagedFields {
		fields, had := withoutReplicas(d.ManagedFields[i].FieldsV1)
		d.ManagedFields[i].FieldsV1, owned = fields, owned || had
	}
	d.ManagedFields = slices.DeleteFunc(d.ManagedFields, func(e metav1.ManagedFieldsEntry) bool {
		return e.FieldsV1.GetRawString() == "{}"
	})
	return owned
}

// withoutReplicas removes spec.replicas from a set of fields and reports whether it was there. It
// does not change a set that it cannot decode.
func withoutReplicas(f *metav1.FieldsV1) (fields *metav1.FieldsV1, had bool) {
	var all map[string]map[string]any
	if f == nil || json.Unmarshal(f.GetRawBytes(), &all) != nil {
		return managed("{}"), false
	}
	if _, had = all["f:spec"]["f:replicas"]; !had {
		return f, false
	}
	delete(all["f:spec"], "f:replicas")
	if len(all["f:spec"]) == 0 {
		delete(all, "f:spec")
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return f, false
	}
	return managed(string(raw)), true
}
