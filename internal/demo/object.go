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

// merged is a new map with the entries of both; those of over win.
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

// claimReplicas makes a field manager the one owner of spec.replicas, as the API
// server does when that manager writes a new value.
func claimReplicas(d *appsv1.Deployment, manager, subresource string, now time.Time) {
	d.ManagedFields = slices.DeleteFunc(d.ManagedFields, func(e metav1.ManagedFieldsEntry) bool {
		return e.Manager == manager && e.Subresource == subresource && subresource != ""
	})
	for i := range d.ManagedFields {
		d.ManagedFields[i].FieldsV1 = withoutReplicas(d.ManagedFields[i].FieldsV1)
	}
	d.ManagedFields = append(d.ManagedFields, metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1",
		Time: ptr(metav1.NewTime(now)), FieldsType: "FieldsV1", Subresource: subresource,
		FieldsV1: managed(`{"f:spec":{"f:replicas":{}}}`),
	})
	d.ManagedFields = slices.DeleteFunc(d.ManagedFields, func(e metav1.ManagedFieldsEntry) bool {
		return e.FieldsV1.GetRawString() == "{}"
	})
}

// withoutReplicas drops spec.replicas from a set of fields. What it cannot read it
// leaves alone.
func withoutReplicas(f *metav1.FieldsV1) *metav1.FieldsV1 {
	var all map[string]map[string]any
	if f == nil || json.Unmarshal(f.GetRawBytes(), &all) != nil {
		return managed("{}")
	}
	delete(all["f:spec"], "f:replicas")
	if spec, ok := all["f:spec"]; ok && len(spec) == 0 {
		delete(all, "f:spec")
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return f
	}
	return managed(string(raw))
}
