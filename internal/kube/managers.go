package kube

import (
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/kube/api"
)

// replicasManager is the field manager of the present spec.replicas; empty when none is recorded.
// Writing another value takes the field away from all other managers. So if there are several,
// all of them wrote this value and the order is not known. It returns the bot if it is among
// them, else all names.
func replicasManager(fields []metav1.ManagedFieldsEntry) string {
	var managers []string
	for _, entry := range fields {
		if ownsReplicas(entry) && !slices.Contains(managers, entry.Manager) {
			managers = append(managers, entry.Manager)
		}
	}
	if slices.Contains(managers, api.FieldManager) {
		return api.FieldManager
	}
	slices.Sort(managers)
	return strings.Join(managers, " or ")
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
