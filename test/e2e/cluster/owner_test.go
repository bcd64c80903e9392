package cluster_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

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
	if _, err := eyes(t).Set(t.Context(), worker, change.Step{Do: change.Replicas{From: w.Desired, To: 6}}, seen(t, worker, ready(w.Desired)).ResourceVersion, false); err != nil {
		t.Fatal(err)
	}
	eventually(t, 2*time.Minute, func(ctx context.Context) error {
		if w, _ := eyes(t).Workload(ctx, worker).Get(); w.Desired > 3 || w.ReplicasBy != "kube-controller-manager" {
			return fmt.Errorf("%d replicas by %q, want the autoscaler to take them back", w.Desired, w.ReplicasBy)
		}
		return nil
	})
}
