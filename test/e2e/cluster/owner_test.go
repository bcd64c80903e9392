package cluster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// scaledObjectDefinition has the shape of KEDA's own, as far as the bot reads it.
const scaledObjectDefinition = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: scaledobjects.keda.sh}
spec:
  group: keda.sh
  scope: Namespaced
  names: {kind: ScaledObject, listKind: ScaledObjectList, plural: scaledobjects, singular: scaledobject}
  versions:
    - name: v1alpha1
      served: true
      storage: true
      subresources: {status: {}}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, x-kubernetes-preserve-unknown-fields: true}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`

// owned waits until the bot finds an owner of a kind.
func owned(t *testing.T, c scale.Component, kind scale.OwnerKind) scale.Owner {
	t.Helper()
	var last scale.Owner
	eyes := eyes(t)
	eventually(t, time30, func(ctx context.Context) error {
		reading := eyes.Owner(ctx, c)
		owner, ok := reading.Get()
		if !ok || owner.Kind != kind {
			return fmt.Errorf("owner %+v, known %v %s, want kind %q", owner, ok, reading.Why(), kind)
		}
		last = owner
		return nil
	})
	return last
}

// The real controller takes a plain change back, and the bot has said before that it would (T-01).
func TestTheAutoscalerRevertsAPlainChange(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "autoscaled", Replicas: 2})
	w := seen(t, worker, ready(2))
	owned(t, worker, scale.OwnerNone)
	if err := real.Apply(t.Context(), `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: autoscaled-hpa, namespace: kafka-pipeline}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: autoscaled}
  minReplicas: 1
  maxReplicas: 3
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}]
`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "hpa", "autoscaled-hpa") })
	if owner := owned(t, worker, scale.OwnerHPA); owner.Name != "autoscaled-hpa" || owner.Min != 1 || owner.Max != 3 {
		t.Errorf("owner %+v, want autoscaled-hpa from 1 to 3", owner)
	}
	if _, err := eyes(t).SetReplicas(t.Context(), worker, scale.Write{From: w.Desired, To: 6, ResourceVersion: seen(t, worker, ready(w.Desired)).ResourceVersion}); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, func(ctx context.Context) error {
		if w, _ := eyes(t).Workload(ctx, worker).Get(); w.Desired > 3 || w.ReplicasBy != "kube-controller-manager" {
			return fmt.Errorf("%d replicas by %q, want the autoscaler to take them back", w.Desired, w.ReplicasBy)
		}
		return nil
	})
}

// Without KEDA the API server answers that there is no such resource, which is a known absence; with it, an object that is paused owns the
// count all the same (T-04).
func TestScaledObjects(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-owned", Replicas: 1})
	seen(t, worker, ready(1))
	owned(t, worker, scale.OwnerNone)
	if err := real.Apply(t.Context(), scaledObjectDefinition); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "crd", "scaledobjects.keda.sh") })
	owned(t, worker, scale.OwnerNone)
	object := `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata:
  name: keda-scaler
  namespace: kafka-pipeline
  annotations: {%s}
spec:
  scaleTargetRef: {name: keda-owned}
  minReplicaCount: 1
  maxReplicaCount: 8
`
	eventually(t, time30, func(ctx context.Context) error { return real.Apply(ctx, fmt.Sprintf(object, "")) })
	if owner := owned(t, worker, scale.OwnerKEDA); owner.Name != "keda-scaler" || owner.Paused != "" || owner.Max != 8 {
		t.Errorf("owner %+v, want keda-scaler to 8, not paused", owner)
	}
	if err := real.Apply(t.Context(), fmt.Sprintf(object, `autoscaling.keda.sh/paused: "true"`)); err != nil {
		t.Fatal(err)
	}
	if owner := owned(t, worker, scale.OwnerKEDA); owner.Paused == "" {
		t.Errorf("owner %+v, want it paused", owner)
	}
}
