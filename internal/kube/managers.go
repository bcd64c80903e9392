package kube

import (
	"encoding/json"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// replicasManager is who last wrote spec.replicas, and when, by managedFields; empty
// when nobody is recorded.
func replicasManager(fields []metav1.ManagedFieldsEntry) (manager string, at time.Time) {
	for _, entry := range fields {
		if !ownsReplicas(entry) {
			continue
		}
		when := time.Time{}
		if entry.Time != nil {
			when = entry.Time.Time
		}
		if manager == "" || when.After(at) {
			manager, at = entry.Manager, when
		}
	}
	return manager, at
}

// ownsReplicas reports whether an entry covers spec.replicas, through the deployment or
// its scale subresource.
func ownsReplicas(entry metav1.ManagedFieldsEntry) bool {
	if entry.FieldsV1 == nil {
		return false
	}
	var tree struct {
		Spec map[string]json.RawMessage `json:"f:spec"`
	}
	if json.Unmarshal(entry.FieldsV1.GetRawBytes(), &tree) != nil {
		return false
	}
	_, ok := tree.Spec["f:replicas"]
	return ok
}
