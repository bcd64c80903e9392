package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// A write carries the version that was seen: the API server refuses it once anybody else has written, and takes it otherwise.
func TestScalingIsConditional(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "conditional", Replicas: 2})
	w := seen(t, worker, ready(2))
	stale := w.ResourceVersion
	eyes := eyes(t)
	if _, err := eyes.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 3}}, w.ResourceVersion, true); err != nil {
		t.Errorf("a dry run: got %v", err)
	}
	if _, err := eyes.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 3}}, w.ResourceVersion, false); err != nil {
		t.Fatalf("the version that was seen: got %v", err)
	}
	w = seen(t, worker, ready(3))
	if w.ReplicasBy != "scalebot" {
		t.Errorf("the replica count is %q's, want scalebot's", w.ReplicasBy)
	}
	var fault *scale.Fault
	if _, err := eyes.Set(t.Context(), worker, change.Step{Do: change.Replicas{From: 2, To: 9}}, stale, false); !errors.As(err, &fault) || fault.Kind != scale.FaultConflict {
		t.Errorf("a stale version: got %v, want a conflict", err)
	}
	if w := seen(t, worker, ready(3)); w.Desired != 3 {
		t.Errorf("%d replicas after a refused write, want 3", w.Desired)
	}
}

func TestAnImageThatNeverStarts(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "imageless", Replicas: 2, Annotations: map[string]string{"e2e/hold": "ImagePullBackOff"}})
	w := seen(t, worker, func(w scale.Workload) error {
		pods := w.Counted()
		if len(pods) != 2 {
			return fmt.Errorf("%d pods, want 2", len(pods))
		}
		for _, p := range pods {
			if p.Waiting != "ImagePullBackOff" || p.Cause != scale.CauseImage || p.Trouble == "" {
				return fmt.Errorf("pod %s waits for %q because of %q (%q)", p.Name, p.Waiting, p.Cause, p.Trouble)
			}
		}
		return nil
	})
	if w.Ready != 0 {
		t.Errorf("%d are ready, want none", w.Ready)
	}
}

func TestPodsThatFitOnNoNode(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "giant", Replicas: 1, CPU: "100"})
	seen(t, worker, func(w scale.Workload) error {
		for _, p := range w.Counted() {
			if p.Cause == scale.CauseNodes && strings.Contains(p.Trouble, "Insufficient cpu") {
				return nil
			}
		}
		return fmt.Errorf("pods %+v, want one that the scheduler finds no room for", w.Pods)
	})
}

func TestPodsThatTheQuotaForbids(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "rationed", Replicas: 1})
	w := seen(t, worker, ready(1))
	limit := len(strings.Fields(kubectl(t, "get", "pods", "-o", "name"))) + 1
	quota(t, limit)
	eyes := eyes(t)
	eventually(t, time30, func(ctx context.Context) error {
		reading := eyes.Room(ctx, worker, w)
		if room, ok := reading.Get(); !ok || len(room.Quota) == 0 || room.QuotaPods < 0 || room.QuotaPods > limit {
			return fmt.Errorf("room %+v, known %v %s, want the quota to be seen", room, ok, reading.Why())
		}
		return nil
	})
	kubectl(t, "scale", "deployment", "rationed", fmt.Sprintf("--replicas=%d", limit+3))
	seen(t, worker, func(w scale.Workload) error {
		if w.StuckCause != scale.CauseQuota || !strings.Contains(w.Stuck, "exceeded quota") {
			return fmt.Errorf("stuck on %q (%q), want the quota", w.Stuck, w.StuckCause)
		}
		return nil
	})
}

// quota bounds the pods of the namespace until the test ends, and waits until the controller has counted them.
func quota(t *testing.T, pods int) {
	t.Helper()
	if err := real.Apply(t.Context(), fmt.Sprintf("apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: tight, namespace: %s}\nspec: {hard: {pods: %q}}\n",
		cluster.Namespace, fmt.Sprint(pods))); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", "resourcequota", "tight") })
	eventually(t, time30, func(context.Context) error {
		if used := kubectl(t, "get", "resourcequota", "tight", "-o", "jsonpath={.status.used.pods}"); used == "" {
			return errors.New("the quota has not been counted")
		}
		return nil
	})
}

func TestPodsThatFail(t *testing.T) {
	crashing := deploy(t, cluster.Deployment{Name: "crashing", Replicas: 1, Annotations: map[string]string{"e2e/crashloop": "true"}})
	starving := deploy(t, cluster.Deployment{Name: "starving", Replicas: 1, Annotations: map[string]string{"e2e/oom": "2"}})
	seen(t, crashing, func(w scale.Workload) error {
		for _, p := range w.Counted() {
			if p.Restarts > 0 && p.Cause == scale.CauseCrash {
				return nil
			}
		}
		return fmt.Errorf("pods %+v, want one that crashes", w.Pods)
	})
	seen(t, starving, func(w scale.Workload) error {
		for _, p := range w.Counted() {
			if p.Restarts == 2 && p.LastExit == "OOMKilled" {
				return nil
			}
		}
		return fmt.Errorf("pods %+v, want one that was killed twice for its memory", w.Pods)
	})
}

// every pod uses a quarter of both limits, as the metrics server measures it.
func TestUsage(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "busy", Replicas: 2})
	w := seen(t, worker, ready(2))
	eyes := eyes(t)
	eventually(t, 3*time30, func(ctx context.Context) error {
		reading := eyes.Usage(ctx, worker, w)
		u, ok := reading.Get()
		if !ok || u.Pods != 2 {
			return fmt.Errorf("%d of %d pods: %s", u.Pods, u.Of, reading.Why())
		}
		if math.Abs(u.CPULimit-0.25) > 0.02 || math.Abs(u.CPURequest-0.5) > 0.02 || math.Abs(u.MemoryLimit-0.25) > 0.02 {
			return fmt.Errorf("shares %+v, want a quarter of the limits and half of the requests", u)
		}
		return nil
	})
}

// The API server takes the events, and refuses the second one of the same name, which is how a second leader finds out.
func TestEventsOnTheDeployment(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "told", Replicas: 1})
	seen(t, worker, ready(1))
	writer := kube.NewEvents(as(t, bot).kubernetes, "pod-1")
	op := operation("told", 1)
	for range 2 {
		if next, err := writer.Record(t.Context(), worker, op, 0); err != nil || next != len(op.Events) {
			t.Fatalf("got %d, %v, want %d", next, err, len(op.Events))
		}
	}
	if out := kubectl(t, "describe", "deployment", "told"); strings.Count(out, "Ana") != 1 {
		t.Errorf("kubectl describe prints\n%s\nwant one event that names Ana", out)
	}
}
