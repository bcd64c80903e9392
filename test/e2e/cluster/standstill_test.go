package cluster_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// autoscale puts an HPA of processor time on a deployment.
func autoscale(t *testing.T, name, deployment string, least, most int) {
	t.Helper()
	furnish(t, "hpa/"+name, fmt.Sprintf(`
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: %s, namespace: kafka-pipeline}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %s}
  minReplicas: %d
  maxReplicas: %d
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}]
`, name, deployment, least, most))
}

// sets has the bot write a count.
func sets(t *testing.T, c scale.Component, to int) {
	t.Helper()
	eventually(t, time30, func(ctx context.Context) error {
		w, known := eyes(t).Workload(ctx, c).Get()
		if !known {
			return fmt.Errorf("%s cannot be seen", c.Name)
		}
		_, err := eyes(t).Set(ctx, c, change.Step{Do: change.Replicas{From: w.Desired, To: to}}, w.ResourceVersion, false)
		return err
	})
}

// isSet waits until the count is what somebody else has set.
func isSet(t *testing.T, c scale.Component, to int) {
	t.Helper()
	seen(t, c, func(w scale.Workload) error {
		if w.Desired != to {
			return fmt.Errorf("the count is %d, want %d", w.Desired, to)
		}
		return nil
	})
}

// An HPA without metrics undoes nothing inside its bounds, and says "wants" of nothing; outside of them it acts all the same.
func TestAnAutoscalerWithoutMetrics(t *testing.T) {
	worker := bare(t, "unmeasured", "", "")
	seen(t, worker, ready(1))
	autoscale(t, "unmeasured-hpa", worker.Deployment, 1, 3)
	says(t, worker, 3, "Who else sets the count: HPA unmeasured-hpa stands still (FailedGetResourceMetric: ",
		"a count between 1 and 3 stays until it has metrics again", "The way out: mend its metrics")
	says(t, worker, 5, "Will be undone: HPA unmeasured-hpa keeps the count between 1 and 3 and sets 5 back to 3 within about 15 s")
	if owner := owned(t, worker, scale.OwnerHPA); owner.Rest != scale.RestMetrics || owner.Wants != 0 {
		t.Errorf("owner %+v, want it at rest for want of metrics, and to want nothing", owner)
	}
	sets(t, worker, 5)
	isSet(t, worker, 3)
}

// Two HPAs on one deployment stop each other, which the bot says; what one alone would do is not said of them (T-03).
func TestTwoAutoscalers(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "contested", Replicas: 1})
	seen(t, worker, ready(1))
	autoscale(t, "first-hpa", worker.Deployment, 1, 4)
	autoscale(t, "second-hpa", worker.Deployment, 1, 3)
	says(t, worker, 3, "Who else sets the count: Two owners, HPA first-hpa and HPA second-hpa, steer the same pods: neither scales until one is removed, "+
		"and a count between 1 and 3 stays as it is set", "The way out: remove one of the two owners first")
	says(t, worker, 4, "Will be undone: Two owners, HPA first-hpa and HPA second-hpa, still set 4 back to 3")
	if owner := owned(t, worker, scale.OwnerConflict); owner.Rest != scale.RestAmbiguous {
		t.Errorf("owner %+v, want both to have stopped", owner)
	}
}
