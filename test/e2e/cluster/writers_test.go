package cluster_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// rolloutDefinition has the shape of Argo's own, as far as the bot reads it.
const rolloutDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.argoproj.io}
spec:
  group: argoproj.io
  scope: Namespaced
  names: {kind: Rollout, listKind: RolloutList, plural: rollouts, singular: rollout}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
`

// A Rollout that uses a deployment as its template owns it, although nothing on the deployment says so; one that only has its name does not.
func TestARolloutOwnsItsTemplate(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "templated", Replicas: 1})
	owned(t, worker, scale.OwnerNone)
	if err := real.Apply(t.Context(), rolloutDefinition); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "crd", "rollouts.argoproj.io") })
	object := `
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: templated, namespace: kafka-pipeline}
spec: {workloadRef: {apiVersion: apps/v1, kind: %s, name: templated}}
`
	eventually(t, time30, func(ctx context.Context) error { return real.Apply(ctx, fmt.Sprintf(object, "ReplicaSet")) })
	owned(t, worker, scale.OwnerNone)
	if err := real.Apply(t.Context(), fmt.Sprintf(object, "Deployment")); err != nil {
		t.Fatal(err)
	}
	if owner := owned(t, worker, scale.OwnerRollout); owner.Lever != "kubectl scale rollout/templated -n kafka-pipeline" {
		t.Errorf("owner %+v, want the Rollout's own command", owner)
	}
}

// The bot's own write takes the count from whoever applied it, and the tool is still known by the rest of what it applied.
func TestAScaleDoesNotHideWhoApplied(t *testing.T) {
	for manager, kind := range map[string]scale.OwnerKind{"argocd-controller": scale.OwnerGitOps, "helm": scale.OwnerHelm} {
		worker := deploy(t, cluster.Deployment{Name: "applied-by-" + manager, Replicas: 1})
		_, err := real.KubectlAs(t.Context(), real.Kubeconfig(), fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %s, namespace: kafka-pipeline}
spec: {replicas: 2, revisionHistoryLimit: 5}
`, worker.Deployment), "apply", "--server-side", "--force-conflicts", "--field-manager="+manager, "-f", "-")
		if err != nil {
			t.Fatal(err)
		}
		if owner := owned(t, worker, kind); owner.Unsure {
			t.Errorf("%s: owner %+v, want the count to be its own", manager, owner)
		}
		w := seen(t, worker, ready(2))
		if _, err := eyes(t).Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 3}}, w.ResourceVersion, false); err != nil {
			t.Fatal(err)
		}
		seen(t, worker, ready(3))
		if owner := owned(t, worker, kind); !owner.Unsure {
			t.Errorf("%s: owner %+v, want the count to be somebody else's now", manager, owner)
		}
	}
}

// What has the name of a missing deployment is named.
func TestAStatefulSetIsNoMissingDeployment(t *testing.T) {
	if err := real.Apply(t.Context(), `
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: ordered, namespace: kafka-pipeline}
spec:
  replicas: 0
  serviceName: ordered
  selector: {matchLabels: {app: ordered}}
  template:
    metadata: {labels: {app: ordered}}
    spec: {containers: [{name: worker, image: "registry.example.com/worker:1"}]}
`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "statefulset", "ordered") })
	reading := eyes(t).Workload(t.Context(), scale.Component{Name: "ordered", Namespace: "kafka-pipeline", Deployment: "ordered"})
	if !strings.Contains(reading.Why(), "ordered is a StatefulSet, which the bot does not scale yet") {
		t.Errorf("got %q, want the StatefulSet named", reading.Why())
	}
}
