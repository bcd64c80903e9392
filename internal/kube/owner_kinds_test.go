package kube

import (
	"errors"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	fakediscovery "k8s.io/client-go/discovery/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// rollout is an Argo Rollout that uses an object as its template.
func rollout(name, apiVersion, kind, target string) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout",
		"metadata": map[string]any{"name": name, "namespace": namespace},
		"spec":     map[string]any{"replicas": int64(12), "workloadRef": map[string]any{"apiVersion": apiVersion, "kind": kind, "name": target}},
	}}
}

// wrote adds a whole managedFields entry.
func wrote(manager string, operation metav1.ManagedFieldsOperationType, subresource, fields string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		managedBy(manager, fields)(d)
		entry := &d.ManagedFields[len(d.ManagedFields)-1]
		entry.Operation, entry.Subresource = operation, subresource
		if subresource == "scale" {
			entry.Time = nil
		}
	}
}

const specFields = `{"f:spec":{"f:selector":{},"f:template":{}}}`

// scaled is what the bot's own write leaves: the count is taken from whoever applied it.
func scaled(d *appsv1.Deployment) {
	wrote(api.FieldManager, metav1.ManagedFieldsOperationUpdate, "scale", replicasField)(d)
}

func lastApplied(manifest string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) { d.Annotations[corev1.LastAppliedConfigAnnotation] = manifest }
}

func marked(annotations, labels map[string]string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		for k, v := range annotations {
			d.Annotations[k] = v
		}
		d.Labels = map[string]string{}
		for k, v := range labels {
			d.Labels[k] = v
		}
	}
}

func belongsTo(apiVersion, kind, name string) func(*appsv1.Deployment) {
	return func(d *appsv1.Deployment) {
		yes := true
		d.OwnerReferences = []metav1.OwnerReference{{APIVersion: apiVersion, Kind: kind, Name: name, UID: "u", Controller: &yes}}
	}
}

// Who writes a deployment is told from what it wrote besides the count, so that the bot's own
// write, which takes the count from whoever applied it, does not hide the owner.
func TestWhoWritesTheDeployment(t *testing.T) {
	const apply, update = metav1.ManagedFieldsOperationApply, metav1.ManagedFieldsOperationUpdate
	helm := map[string]string{"meta.helm.sh/release-name": "dw", "meta.helm.sh/release-namespace": "kafka-pipeline"}
	for _, c := range []struct {
		name   string
		change []func(*appsv1.Deployment)
		want   scale.Owner
	}{
		{"Argo CD, client side", []func(*appsv1.Deployment){wrote("argocd-controller", update, "", specFields), scaled, lastApplied(`{"spec":{"replicas":6}}`),
			marked(map[string]string{"argocd.argoproj.io/tracking-id": "downloads:apps/Deployment:kafka-pipeline/download-worker"}, nil)},
			scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Ref: "application downloads", Within: argoWithin}},
		{"Argo CD, whose manifest leaves the count out", []func(*appsv1.Deployment){wrote("argocd-controller", update, "", specFields), scaled, lastApplied(`{"spec":{"template":{}}}`)}, scale.Owner{Kind: scale.OwnerNone}},
		{"Argo CD, server side, before", []func(*appsv1.Deployment){wrote("argocd-controller", apply, "", `{"f:spec":{"f:replicas":{},"f:template":{}}}`)}, scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Within: argoWithin}},
		{"Argo CD, server side, after a scale", []func(*appsv1.Deployment){wrote("argocd-controller", apply, "", specFields), scaled}, scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Within: argoWithin, Unsure: true}},
		{"Argo CD, after a pass through 0", []func(*appsv1.Deployment){wrote("argocd-controller", apply, "", specFields)}, scale.Owner{Kind: scale.OwnerGitOps, Name: "argocd-controller", Within: argoWithin, Unsure: true}},
		{"a last-applied from before server-side apply", []func(*appsv1.Deployment){wrote("kustomize-controller", apply, "", specFields), scaled, lastApplied(`{"spec":{"template":{}}}`)},
			scale.Owner{Kind: scale.OwnerGitOps, Name: "kustomize-controller", Within: fluxWithin, Unsure: true}},
		{"Flux", []func(*appsv1.Deployment){wrote("kustomize-controller", apply, "", replicasField), marked(nil, map[string]string{"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"})},
			scale.Owner{Kind: scale.OwnerGitOps, Name: "kustomize-controller", Ref: "Kustomization flux-system/apps", Within: fluxWithin}},
		{"Flux with Helm", []func(*appsv1.Deployment){wrote("helm-controller", update, "", replicasField), marked(helm, map[string]string{"helm.toolkit.fluxcd.io/name": "dw", "helm.toolkit.fluxcd.io/namespace": "apps"})},
			scale.Owner{Kind: scale.OwnerGitOps, Name: "helm-controller", Ref: "HelmRelease apps/dw"}},
		{"its status alone", []func(*appsv1.Deployment){wrote("argocd-controller", update, "status", specFields)}, scale.Owner{Kind: scale.OwnerNone}},
		{"its labels alone", []func(*appsv1.Deployment){wrote("argocd-controller", update, "", `{"f:metadata":{"f:labels":{}}}`)}, scale.Owner{Kind: scale.OwnerNone}},
		{"Helm 4", []func(*appsv1.Deployment){wrote("helm", apply, "", `{"f:spec":{"f:replicas":{},"f:template":{}}}`), marked(helm, nil)}, scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Applies: true}},
		{"Helm 4, after a scale", []func(*appsv1.Deployment){wrote("helm", apply, "", specFields), scaled, marked(helm, nil)}, scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Applies: true, Unsure: true}},
		{"Helm 3", []func(*appsv1.Deployment){wrote("helm", update, "", replicasField), marked(helm, nil)}, scale.Owner{Kind: scale.OwnerHelm, Name: "dw"}},
		{"Helm by its labels", []func(*appsv1.Deployment){marked(nil, map[string]string{"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "dw"})}, scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Unsure: true}},
		{"Helm from another namespace", []func(*appsv1.Deployment){wrote("helm", apply, "", replicasField), marked(map[string]string{"meta.helm.sh/release-name": "dw", "meta.helm.sh/release-namespace": "ops"}, nil)},
			scale.Owner{Kind: scale.OwnerHelm, Name: "dw", Ref: "in namespace ops", Applies: true}},
		{"an operator", []func(*appsv1.Deployment){belongsTo("example.com/v1", "Pipeline", "p"), wrote("helm", apply, "", replicasField)},
			scale.Owner{Kind: scale.OwnerController, Name: "Pipeline p (example.com)", Lever: "kubectl scale pipelines.example.com/p -n kafka-pipeline"}},
		{"an operator without a scale", []func(*appsv1.Deployment){belongsTo("example.com/v1", "Worker", "w")}, scale.Owner{Kind: scale.OwnerController, Name: "Worker w (example.com)"}},
		{"an operator whose API is away", []func(*appsv1.Deployment){belongsTo("gone.io/v1", "Worker", "w")}, scale.Owner{Kind: scale.OwnerController, Name: "Worker w (gone.io)"}},
		{"an owner that is no controller", []func(*appsv1.Deployment){belongsTo("example.com/v1", "Pipeline", "p"), func(d *appsv1.Deployment) { d.OwnerReferences[0].Controller = nil }}, scale.Owner{Kind: scale.OwnerNone}},
		{"people", []func(*appsv1.Deployment){wrote("kubectl-client-side-apply", update, "", replicasField), scaled}, scale.Owner{Kind: scale.OwnerNone}},
		{"a Rollout that is gone", []func(*appsv1.Deployment){wrote(rolloutsManager, update, "", replicasField)}, scale.Owner{Kind: scale.OwnerNone}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newStand(deployment(6, c.change...))
			s.kubernetes.Discovery().(*fakediscovery.FakeDiscovery).Resources = []*metav1.APIResourceList{{GroupVersion: "example.com/v1", APIResources: []metav1.APIResource{
				{Name: "pipelines", Kind: "Pipeline"}, {Name: "pipelines/scale", Kind: "Scale"}, {Name: "workers", Kind: "Worker"}, {Name: "workers/status", Kind: "Worker"},
			}}}
			got := known(t, s.Owner(t.Context(), worker))
			if got.Kind != c.want.Kind || got.Name != c.want.Name || got.Ref != c.want.Ref || got.Lever != c.want.Lever ||
				got.Within != c.want.Within || got.Unsure != c.want.Unsure || got.Applies != c.want.Applies {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// A Rollout that uses the deployment owns it, whatever else there is; one of the same name
// that uses something else does not.
func TestARolloutOwnsItsTemplate(t *testing.T) {
	for _, c := range []struct {
		name    string
		objects []runtime.Object
		kind    scale.OwnerKind
	}{
		{"by workloadRef", []runtime.Object{rollout("dw", "apps/v1", "Deployment", "download-worker")}, scale.OwnerRollout},
		{"beside an HPA", []runtime.Object{rollout("dw", "apps/v1", "Deployment", "download-worker"), hpa("dw-hpa")}, scale.OwnerRollout},
		{"another kind", []runtime.Object{rollout("dw", "apps/v1", "ReplicaSet", "download-worker")}, scale.OwnerNone},
		{"another group", []runtime.Object{rollout("dw", "example.com/v1", "Deployment", "download-worker")}, scale.OwnerNone},
		{"another deployment", []runtime.Object{rollout("download-worker", "apps/v1", "Deployment", "other")}, scale.OwnerNone},
	} {
		got := known(t, newStand(append(c.objects, deployment(0))...).Owner(t.Context(), worker))
		if got.Kind != c.kind {
			t.Errorf("%s: got %s, want %s", c.name, got.Kind, c.kind)
		}
		if c.kind == scale.OwnerRollout && (got.Name != "dw" || got.Lever != "kubectl scale rollout/dw -n kafka-pipeline") {
			t.Errorf("%s: got %q with %q, want the Rollout and its command", c.name, got.Name, got.Lever)
		}
	}
}

// Where an autoscaler sets the count of the Rollout, scaling the Rollout by hand is no way.
func TestARolloutBeneathAnAutoscaler(t *testing.T) {
	dw := rollout("dw", "apps/v1", "Deployment", "download-worker")
	onRollout := hpa("dw-hpa", func(h *autoscalingv2.HorizontalPodAutoscaler) {
		h.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "argoproj.io/v1alpha1", Kind: "Rollout", Name: "dw"}
	})
	object := scaledObject(nil)
	_ = unstructured.SetNestedStringMap(object.Object, map[string]string{"apiVersion": "argoproj.io/v1alpha1", "kind": "Rollout", "name": "dw"}, "spec", "scaleTargetRef")
	other := hpa("other", func(h *autoscalingv2.HorizontalPodAutoscaler) {
		h.Spec.ScaleTargetRef = autoscalingv2.CrossVersionObjectReference{APIVersion: "argoproj.io/v1alpha1", Kind: "Rollout", Name: "other"}
	})
	for name, c := range map[string]struct {
		object runtime.Object
		above  string
	}{"an HPA": {onRollout, "HPA dw-hpa"}, "KEDA": {object, "ScaledObject dw-scaler"}, "another Rollout's": {other, ""}} {
		got := known(t, newStand(deployment(0), dw, c.object).Owner(t.Context(), worker))
		if got.Kind != scale.OwnerRollout || got.Name != "dw" || got.Other != c.above || (got.Lever == "") != (c.above != "") {
			t.Errorf("%s: got %s %q beneath %q with %q, want %q", name, got.Kind, got.Name, got.Other, got.Lever, c.above)
		}
	}
}

// Where Rollouts may not be read, nobody is never the answer: the trace of their controller
// tells of one, a known owner has a note, and everything else is unknown.
func TestRolloutsThatMayNotBeRead(t *testing.T) {
	forbidden := apierrors.NewForbidden(rollouts.GroupResource(), "", errors.New("no right"))
	for _, c := range []struct {
		name    string
		err     error
		objects []runtime.Object
		kind    scale.OwnerKind
		note    bool
	}{
		{"not installed", apierrors.NewNotFound(rollouts.GroupResource(), ""), []runtime.Object{deployment(6)}, scale.OwnerNone, false},
		{"forbidden", forbidden, []runtime.Object{deployment(6)}, "", false},
		{"forbidden, with its trace", forbidden, []runtime.Object{deployment(0, wrote(rolloutsManager, "Update", "", replicasField))}, scale.OwnerRollout, true},
		{"forbidden, with an HPA", forbidden, []runtime.Object{deployment(6), hpa("dw-hpa")}, scale.OwnerHPA, true},
		{"forbidden, with Argo CD", forbidden, []runtime.Object{deployment(6, managedBy("argocd-controller", replicasField))}, scale.OwnerGitOps, true},
	} {
		s := newStand(c.objects...)
		s.dynamic.PrependReactor("list", "rollouts", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, c.err })
		got := s.Owner(t.Context(), worker)
		if got.Known() != (c.kind != "") || got.Value.Kind != c.kind || (got.Note != "") != c.note {
			t.Errorf("%s: got %q %q, note %q; want %q", c.name, got.Value.Kind, got.Why(), got.Note, c.kind)
		}
		if text := got.Why() + got.Note; text != "" && !strings.Contains(text, "Argo Rollout") {
			t.Errorf("%s: %q does not say what may not be read", c.name, text)
		}
	}
}

// An autoscaler is matched by group, kind and name of its target.
func TestAnAutoscalerOfSomethingElseOfThatName(t *testing.T) {
	of := func(apiVersion, kind string) func(*autoscalingv2.HorizontalPodAutoscaler) {
		return func(h *autoscalingv2.HorizontalPodAutoscaler) {
			h.Spec.ScaleTargetRef.APIVersion, h.Spec.ScaleTargetRef.Kind = apiVersion, kind
		}
	}
	object := func(apiVersion, kind string) *unstructured.Unstructured {
		o := scaledObject(nil)
		_ = unstructured.SetNestedStringMap(o.Object, map[string]string{"apiVersion": apiVersion, "kind": kind, "name": "download-worker"}, "spec", "scaleTargetRef")
		return o
	}
	for _, c := range []struct {
		name   string
		object runtime.Object
		kind   scale.OwnerKind
	}{
		{"the deployment", hpa("download-worker", of("apps/v1", "Deployment")), scale.OwnerHPA},
		{"the Rollout", hpa("download-worker", of("argoproj.io/v1alpha1", "Rollout")), scale.OwnerNone},
		{"a Deployment of another group", hpa("download-worker", of("example.com/v1", "Deployment")), scale.OwnerNone},
		{"the StatefulSet", hpa("download-worker", of("apps/v1", "StatefulSet")), scale.OwnerNone},
		{"KEDA: the deployment", object("apps/v1", "Deployment"), scale.OwnerKEDA},
		{"KEDA: the Rollout", object("argoproj.io/v1alpha1", "Rollout"), scale.OwnerNone},
		{"KEDA: a Deployment of another group", object("example.com/v1", "Deployment"), scale.OwnerNone},
	} {
		if got := known(t, newStand(deployment(6), c.object).Owner(t.Context(), worker)); got.Kind != c.kind {
			t.Errorf("%s: got %s, want %s", c.name, got.Kind, c.kind)
		}
	}
}

// What has the name of a missing deployment is named, and not called missing.
func TestWhatThereIsInsteadOfADeployment(t *testing.T) {
	set := &appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "download-worker", Namespace: namespace}}
	forbidden := apierrors.NewForbidden(rollouts.GroupResource(), "download-worker", errors.New("no right"))
	for _, c := range []struct {
		name   string
		object []runtime.Object
		refuse error
		want   string
	}{
		{"a StatefulSet", []runtime.Object{set}, nil, "download-worker is a StatefulSet, which the bot does not scale yet"},
		{"a Rollout", []runtime.Object{rollout("download-worker", "", "", "")}, nil, "download-worker is an Argo Rollout, which the bot does not scale yet: kubectl scale rollout/download-worker -n kafka-pipeline --replicas=N"},
		{"nothing", nil, nil, "reading deployment download-worker: it does not exist"},
		{"nothing that may be read", nil, forbidden, "there is no deployment download-worker, and whether it is an Argo Rollout is unknown: the API server does not allow it"},
	} {
		s := newStand(c.object...)
		if c.refuse != nil {
			s.dynamic.PrependReactor("get", "rollouts", func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, c.refuse })
		}
		if got := s.Workload(t.Context(), worker); got.Known() || !strings.HasPrefix(got.Why(), c.want) {
			t.Errorf("%s: got %q, want %q", c.name, got.Why(), c.want)
		}
	}
}
