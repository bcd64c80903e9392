package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// byCPU is a trigger whose numbers do not come from KEDA, so that the HPA made for it has metrics.
const byCPU = `{type: cpu, metricType: Utilization, metadata: {value: "90"}}`

// scaledBy puts a ScaledObject from 1 to 3 on a deployment, or changes the one that is there.
func scaledBy(t *testing.T, name, deployment, annotations, trigger string) {
	t.Helper()
	furnish(t, "scaledobject/"+name, fmt.Sprintf(`
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: %s, namespace: kafka-pipeline, annotations: {%s}}
spec:
  scaleTargetRef: {name: %s}
  minReplicaCount: 1
  maxReplicaCount: 3
  triggers: [%s]
`, name, annotations, deployment, trigger))
}

// hpas waits until KEDA keeps an HPA for a ScaledObject, or none.
func hpas(t *testing.T, name string, want bool) {
	t.Helper()
	eventually(t, time30, func(context.Context) error {
		out := kubectl(t, "get", "hpa", "-l", "scaledobject.keda.sh/name="+name, "-o", "name")
		if got := strings.TrimSpace(out) != ""; got != want {
			return fmt.Errorf("KEDA keeps an HPA for %s: %v, want %v", name, got, want)
		}
		return nil
	})
}

// TestKEDA is what the bot says of ScaledObjects, and what KEDA's own operator does with them (T-02 to T-04). Without KEDA the API server answers
// that there is no such resource, which is a known absence.
func TestKEDA(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-scaled", Replicas: 1})
	owned(t, worker, scale.OwnerNone)
	if err := real.StartKEDA(t.Context()); err != nil {
		t.Fatal(err)
	}
	owned(t, worker, scale.OwnerNone)
	t.Run("is not ready", kedaIsNotReady)
	t.Run("has no adapter", kedaHasNoAdapter)
	t.Run("is paused", kedaIsPaused)
	t.Run("is paused at a count", kedaIsPausedAt)
	t.Run("is paused in both directions", kedaIsPausedBothWays)
	t.Run("meets an HPA", kedaMeetsAnHPA)
	// Last, because this one needs metrics, which the worker has by now.
	t.Run("scales", func(t *testing.T) { kedaScales(t, worker) })
}

// kedaScales: the HPA that KEDA keeps is the ScaledObject's and no second owner, and what it wants is said as the ScaledObject's.
func kedaScales(t *testing.T, worker scale.Component) {
	scaledBy(t, "scaler", worker.Deployment, "", byCPU)
	hpas(t, "scaler", true)
	says(t, worker, 2, "Will be undone: ScaledObject scaler sets the replica count between 1 and 3: a higher count set by hand stands for about 5 min 30 s, then it sets its own",
		"The way out: raise minReplicaCount of ScaledObject scaler to 2")
	says(t, worker, 5, "ScaledObject scaler keeps the count between 1 and 3 and sets 5 back to 3", "5 is above the maximum of 3 of ScaledObject scaler")
	if owner := owned(t, worker, scale.OwnerKEDA); owner.Name != "scaler" || owner.Other != "" || owner.Min != 1 || owner.Max != 3 {
		t.Errorf("owner %+v, want the ScaledObject alone, from 1 to 3", owner)
	}
	sets(t, worker, 5)
	isSet(t, worker, 3)
}

// kedaIsNotReady: the runbook's own ScaledObject names an address that nobody expands, KEDA makes no HPA of it, and nothing is undone, not even
// above its maximum.
func kedaIsNotReady(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-unready", Replicas: 1})
	scaledBy(t, "unready", worker.Deployment, "", `{type: kafka, metadata: {bootstrapServers: $KAFKA_BROKER, consumerGroup: g, topic: x, lagThreshold: "1000", offsetResetPolicy: latest}}`)
	says(t, worker, 5, "Who else sets the count: ScaledObject unready stands still (ScaledObjectCheckFailed", "it has no HPA, so nobody scales",
		"it undoes nothing until that is mended", "The way out: mend ScaledObject unready")
	hpas(t, "unready", false)
	sets(t, worker, 5)
	seen(t, worker, ready(5))
}

// kedaHasNoAdapter: without KEDA's metrics adapter its HPA has nothing to go by.
func kedaHasNoAdapter(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-blind", Replicas: 1})
	scaledBy(t, "blind", worker.Deployment, "", `{type: kubernetes-workload, metadata: {podSelector: "app=keda-blind", value: "1"}}`)
	says(t, worker, 2, "Who else sets the count: ScaledObject blind stands still (FailedGetExternalMetric", "a count between 1 and 3 stays until it has metrics again",
		"The way out: mend the triggers of ScaledObject blind")
}

// kedaIsPaused: what is no boolean pauses, and only a false one does not; a pause takes the HPA away, and with it the bounds.
func kedaIsPaused(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-paused", Replicas: 1})
	scaledBy(t, "resting", worker.Deployment, `autoscaling.keda.sh/paused: "false"`, byCPU)
	hpas(t, "resting", true)
	if owner := owned(t, worker, scale.OwnerKEDA); owner.Paused != "" {
		t.Errorf("owner %+v, want it not to be paused by a false one", owner)
	}
	scaledBy(t, "resting", worker.Deployment, `autoscaling.keda.sh/paused: "false "`, byCPU)
	hpas(t, "resting", false)
	says(t, worker, 5, "Who else sets the count: ScaledObject resting is paused and leaves the count alone")
	sets(t, worker, 5)
	seen(t, worker, ready(5))
}

// kedaIsPausedAt: KEDA goes to the count once, whatever its maximum, and a count set later stays until the ScaledObject is edited; a count that
// KEDA cannot read holds any.
func kedaIsPausedAt(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-pinned", Replicas: 1})
	scaledBy(t, "pinned", worker.Deployment, `autoscaling.keda.sh/paused-replicas: "4", autoscaling.keda.sh/paused: "false"`, byCPU)
	isSet(t, worker, 4)
	says(t, worker, 2, "Who else sets the count: ScaledObject pinned is paused at 4 replicas: another count stays until the ScaledObject is edited or "+
		"KEDA's operator restarts, and then goes back to 4", "The way out: change the annotation autoscaling.keda.sh/paused-replicas of ScaledObject pinned to 2")
	sets(t, worker, 2)
	seen(t, worker, ready(2))
	kubectl(t, "patch", "scaledobject", "pinned", "--type=merge", "-p", `{"spec":{"cooldownPeriod":301}}`)
	isSet(t, worker, 4)
	scaledBy(t, "pinned", worker.Deployment, `autoscaling.keda.sh/paused-replicas: " 2"`, byCPU)
	eventually(t, time30, func(context.Context) error {
		if kubectl(t, "get", "scaledobject", "pinned", "-o", `jsonpath={.status.conditions[?(@.type=="Ready")].status}`) != "False" {
			return errors.New("KEDA accepts a count with a blank")
		}
		return nil
	})
	says(t, worker, 3, `Who else sets the count: ScaledObject pinned is to pause at " 2", which is no count KEDA can read: it holds whatever count there is`)
	isSet(t, worker, 4)
}

// kedaIsPausedBothWays: both pauses together keep every count inside the bounds and none outside of them; one keeps what goes its way.
func kedaIsPausedBothWays(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-held", Replicas: 1})
	const in, out = `autoscaling.keda.sh/paused-scale-in: "true"`, `autoscaling.keda.sh/paused-scale-out: "true"`
	scaledBy(t, "held", worker.Deployment, in+", "+out, byCPU)
	hpas(t, "held", true)
	says(t, worker, 2, "Who else sets the count: ScaledObject held is paused for scale-in and scale-out: a count between 1 and 3 stays until the pause ends")
	says(t, worker, 5, "Will be undone: ScaledObject held keeps the count between 1 and 3 and sets 5 back to 3")
	sets(t, worker, 5)
	isSet(t, worker, 3)
	scaledBy(t, "held", worker.Deployment, in, byCPU)
	says(t, worker, 2, "Will be undone: ScaledObject held is paused for scale-in only: it still raises the count between 1 and 3")
	kubectl(t, "scale", "deployment", worker.Deployment, "--replicas=1")
	says(t, worker, 2, "Who else sets the count: ScaledObject held is paused for scale-in: it keeps a higher count")
}

// kedaMeetsAnHPA: an HPA of somebody else's on the same deployment, and neither of them scales (T-03).
func kedaMeetsAnHPA(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "keda-contested", Replicas: 1})
	scaledBy(t, "contender", worker.Deployment, "", byCPU)
	hpas(t, "contender", true)
	autoscale(t, "foreign-hpa", worker.Deployment, 1, 4)
	says(t, worker, 2, "Who else sets the count: two owners, ScaledObject contender and HPA foreign-hpa, steer the same pods: neither scales until one is removed",
		"The way out: remove one of the two owners first: ScaledObject contender or HPA foreign-hpa")
	if owner := owned(t, worker, scale.OwnerConflict); owner.Rest != scale.RestAmbiguous || owner.Max != 3 {
		t.Errorf("owner %+v, want both to have stopped, and the smaller maximum", owner)
	}
}
