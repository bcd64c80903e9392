package kube

import (
	"encoding/json"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// gitOpsManagers are the field managers of tools that apply manifests from a repository.
var gitOpsManagers = []string{"argocd", "kustomize-controller", "helm-controller", "flux", "fleet", "rancher"}

// How soon these tools reconcile again: Argo CD every three minutes by default, a Kustomization
// of Flux at its interval, for which its guides use ten.
const (
	argoWithin = 3 * time.Minute
	fluxWithin = 10 * time.Minute
)

// gitOpsOwner is the tool that applies the deployment from a repository, unless it certainly does
// not set the count. A write through the scale subresource takes spec.replicas away from the tool
// that applied it, so managedFields may no longer show that the tool set it. gitOpsOwner
// therefore recognises the tool by the rest of the specification that it wrote, and by the copy
// of what it applied.
func gitOpsOwner(d *appsv1.Deployment) (scale.Owner, bool) {
	entry, found := specEntry(d, gitOpsManagers)
	if !found {
		return scale.Owner{}, false
	}
	stated := stated(d, entry)
	if stated == statedNot {
		return scale.Owner{}, false
	}
	o := scale.Owner{Kind: scale.OwnerGitOps, Name: entry.Manager, Ref: applied(d), Unsure: stated == statedUnknown}
	switch {
	case strings.HasPrefix(entry.Manager, "helm-controller"):
	case strings.HasPrefix(entry.Manager, "kustomize-controller"):
		o.Within = fluxWithin
	default:
		o.Within = argoWithin
	}
	return o, true
}

// specEntry finds an entry of one of the managers that covers the specification. It prefers the
// entry that also covers the count.
func specEntry(d *appsv1.Deployment, managers []string) (found metav1.ManagedFieldsEntry, ok bool) {
	for _, entry := range d.ManagedFields {
		for _, name := range managers {
			if !strings.HasPrefix(entry.Manager, name) || entry.Subresource != "" || !ownsSpec(entry) {
				continue
			}
			if !ok || ownsReplicas(entry) {
				found, ok = entry, true
			}
		}
	}
	return found, ok
}

// ownsSpec reports whether an entry covers part of the specification.
func ownsSpec(entry metav1.ManagedFieldsEntry) bool {
	if entry.FieldsV1 == nil {
		return false
	}
	var tree struct {
		Spec map[string]json.RawMessage `json:"f:spec"`
	}
	return json.Unmarshal(entry.FieldsV1.GetRawBytes(), &tree) == nil && len(tree.Spec) > 0
}

// Whether what a tool applies states a count.
const (
	statedUnknown = iota
	statedYes
	statedNot
)

// stated reports whether the manifest that the tool applies contains a count. It does when the
// tool's own managedFields entry covers the count. Otherwise only the copy of what was applied
// can show it: client-side apply stores one, server-side apply does not.
func stated(d *appsv1.Deployment, entry metav1.ManagedFieldsEntry) int {
	if ownsReplicas(entry) {
		return statedYes
	}
	last, owned := d.Annotations[corev1.LastAppliedConfigAnnotation]
	if !owned || entry.Operation == metav1.ManagedFieldsOperationApply {
		return statedUnknown
	}
	var manifest struct {
		Spec map[string]json.RawMessage `json:"spec"`
	}
	if json.Unmarshal([]byte(last), &manifest) != nil {
		return statedUnknown
	}
	if _, ok := manifest.Spec["replicas"]; ok {
		return statedYes
	}
	return statedNot
}

// applied names the GitOps source of the deployment, from the labels and annotations that the
// tool leaves.
func applied(d *appsv1.Deployment) string {
	if id, _, ok := strings.Cut(d.Annotations["argocd.argoproj.io/tracking-id"], ":"); ok {
		return "application " + id
	}
	for _, mark := range []struct{ words, label string }{
		{"Kustomization", "kustomize.toolkit.fluxcd.io/"}, {"HelmRelease", "helm.toolkit.fluxcd.io/"},
	} {
		if name := d.Labels[mark.label+"name"]; name != "" {
			return strings.TrimSpace(mark.words + " " + strings.TrimPrefix(d.Labels[mark.label+"namespace"]+"/"+name, "/"))
		}
	}
	return ""
}

// helmOwner is the Helm release that installed the deployment. Whether its chart sets a count is
// known only until somebody else sets it.
func helmOwner(d *appsv1.Deployment) (scale.Owner, bool) {
	release := d.Annotations["meta.helm.sh/release-name"]
	entry, wrote := specEntry(d, []string{"helm"})
	if release == "" && !wrote && d.Labels["app.kubernetes.io/managed-by"] != "Helm" {
		return scale.Owner{}, false
	}
	o := scale.Owner{Kind: scale.OwnerHelm, Name: release, Unsure: !wrote || !ownsReplicas(entry)}
	if o.Name == "" {
		o.Name = d.Labels["app.kubernetes.io/instance"]
	}
	o.Applies = wrote && entry.Operation == metav1.ManagedFieldsOperationApply
	if space := d.Annotations["meta.helm.sh/release-namespace"]; space != "" && space != d.Namespace {
		o.Ref = "in namespace " + space
	}
	return o, true
}
