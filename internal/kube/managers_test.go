package kube

import (
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// asDeployed is a deployment as kubectl apply leaves it: kubectl owns the count.
func asDeployed(replicas int32) *appsv1.Deployment {
	return deployment(replicas, managedBy("kubectl-client-side-apply", replicasField), func(d *appsv1.Deployment) { d.Generation = 3 })
}

// scaled is somebody's write through the scale subresource.
func (s stand) scaled(t *testing.T, manager string, replicas int32) {
	t.Helper()
	_, err := s.kubernetes.AppsV1().Deployments(namespace).UpdateScale(t.Context(), "download-worker", &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: "download-worker", Namespace: namespace}, Spec: autoscalingv1.ScaleSpec{Replicas: replicas},
	}, metav1.UpdateOptions{FieldManager: manager})
	if err != nil {
		t.Fatal(err)
	}
}

// T-01: who owns the count is who wrote it; after a pass through 0 nobody is recorded, and
// what nobody owns is not taken for somebody's. The generation tells each write.
func TestWhoseCountItIs(t *testing.T) {
	s := newStand(asDeployed(6))
	read := func(want string, generation int64) scale.Workload {
		t.Helper()
		w := known(t, s.Workload(t.Context(), worker))
		if w.ReplicasBy != want || w.Generation != generation {
			t.Errorf("%d replicas: got %q in generation %d, want %q in %d", w.Desired, w.ReplicasBy, w.Generation, want, generation)
		}
		return w
	}
	seen := read("kubectl-client-side-apply", 3)
	if _, err := s.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 6, To: 9}}, seen.ResourceVersion, false); err != nil {
		t.Fatal(err)
	}
	written := read("scalebot", 4)
	if !ledger.SeenOf(seen).Changed(written) || ledger.SeenOf(written).Changed(written) {
		t.Error("a write is not told by the generation")
	}
	s.scaled(t, "kube-controller-manager", 6)
	if back := read("kube-controller-manager", 5); !ledger.SeenOf(seen).Changed(back) {
		t.Error("written and set back looks as if nothing had been written")
	}
	s.scaled(t, "kubectl", 0)
	read("", 6)
	s.scaled(t, "kube-controller-manager", 6)
	read("", 7)
	s.scaled(t, "kube-controller-manager", 6)
	read("", 7)
	d, err := s.kubernetes.AppsV1().Deployments(namespace).Get(t.Context(), "download-worker", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range d.ManagedFields {
		if entry.Subresource == "scale" && entry.Time != nil {
			t.Errorf("%s has a time, want none for a write through the scale subresource", entry.Manager)
		}
	}
}

// Several managers that have applied the same count share the field: nothing tells who
// was first, and the bot is not accused of another's write nor robbed of its own.
func TestSharedCount(t *testing.T) {
	for _, c := range []struct {
		managers []string
		want     string
	}{
		{nil, ""}, {[]string{"argocd-controller"}, "argocd-controller"}, {[]string{"kubectl", "argocd-controller"}, "argocd-controller or kubectl"},
		{[]string{"kubectl", "scalebot"}, "scalebot"}, {[]string{"scalebot", "kubectl"}, "scalebot"}, {[]string{"helm", "helm"}, "helm"},
	} {
		var fields []metav1.ManagedFieldsEntry
		for _, manager := range c.managers {
			fields = append(fields, deployment(1, managedBy(manager, replicasField)).ManagedFields...)
		}
		if got := replicasManager(fields); got != c.want {
			t.Errorf("%v: got %q, want %q", c.managers, got, c.want)
		}
	}
}
