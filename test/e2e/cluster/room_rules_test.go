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

// bare deploys a worker of one pod whose specification says no more than this beside its container's name and image.
func bare(t *testing.T, name, resources, more string) scale.Component {
	t.Helper()
	furnish(t, "deployment/"+name, fmt.Sprintf(`
apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: kafka-pipeline}
spec:
  replicas: 1
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      terminationGracePeriodSeconds: 1
      containers: [{name: worker, image: "registry.example/worker:1", resources: {%[2]s}}]
      %[3]s
`, name, resources, more))
	return scale.Component{Name: name, Namespace: cluster.Namespace, Deployment: name}
}

// furnish applies one object, and removes it with the test.
func furnish(t *testing.T, name, document string) {
	t.Helper()
	if err := real.Apply(t.Context(), document); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kubectl(t, "delete", name, "--wait=false", "--ignore-not-found") })
}

// counted adds a quota, and waits until the controller has counted what it bounds.
func counted(t *testing.T, name, spec string) {
	t.Helper()
	furnish(t, "resourcequota/"+name, fmt.Sprintf("apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: %s, namespace: kafka-pipeline}\nspec: %s\n", name, spec))
	eventually(t, time30, func(context.Context) error {
		if kubectl(t, "get", "resourcequota", name, "-o", "jsonpath={.status.used}") == "" {
			return errors.New("the quota has not been counted")
		}
		return nil
	})
}

// grows has the administrator set a count, and waits until the bot sees that so many are ready and the rest does not come for that reason.
func grows(t *testing.T, c scale.Component, to, comes int, cause scale.PodCause, stuck string) {
	t.Helper()
	kubectl(t, "scale", "deployment", c.Deployment, fmt.Sprintf("--replicas=%d", to))
	seen(t, c, func(w scale.Workload) error {
		if w.Ready != comes || w.StuckCause != cause || !strings.Contains(w.Stuck, stuck) {
			return fmt.Errorf("%d of %d ready, stuck on %q (%q), want %d and %q", w.Ready, to, w.Stuck, w.StuckCause, comes, stuck)
		}
		return nil
	})
}

// A quota with a scope is full for those that are in it, and for nobody else.
func TestAScopedQuotaCountsWhatItScopes(t *testing.T) {
	furnish(t, "priorityclass/in-scope", "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: in-scope}\nvalue: 1\n")
	const asks = `requests: {cpu: 100m, memory: 64Mi}`
	inside := bare(t, "in-scope", asks, "priorityClassName: in-scope")
	outside := bare(t, "out-of-scope", asks, "")
	seen(t, inside, ready(1))
	seen(t, outside, ready(1))
	counted(t, "of-class", `{hard: {pods: "1"}, scopeSelector: {matchExpressions: [{scopeName: PriorityClass, operator: In, values: [in-scope]}]}}`)
	counted(t, "best-effort", `{hard: {pods: "0"}, scopes: [BestEffort]}`)
	says(t, inside, 2, "quota allows no more pods of this size, 1 are needed", "quota of-class: pods 1 of 1 used")
	if text := card(t.Context(), t, outside, 2); strings.Contains(text, "quota") {
		t.Errorf("the card of a worker out of scope speaks of a quota:\n%s", text)
	}
	grows(t, inside, 2, 1, scale.CauseQuota, "exceeded quota: of-class")
	grows(t, outside, 2, 2, "", "")
}

// A quota on limits refuses every pod that has none, however much of it is free; a LimitRange that fills them in ends that, and what it fills in is
// what a pod takes of the quota.
func TestAQuotaOnLimits(t *testing.T) {
	worker := bare(t, "unlimited", `requests: {cpu: 100m, memory: 64Mi}`, "")
	seen(t, worker, ready(1))
	counted(t, "limits", `{hard: {limits.cpu: "2"}}`)
	says(t, worker, 2, "every new pod would be refused", "quota limits: a pod must specify limits.cpu for worker")
	grows(t, worker, 2, 1, scale.CauseRefused, "must specify limits.cpu for: worker")
	kubectl(t, "scale", "deployment", worker.Deployment, "--replicas=1")
	seen(t, worker, ready(1))
	furnish(t, "limitrange/defaults", `
apiVersion: v1
kind: LimitRange
metadata: {name: defaults, namespace: kafka-pipeline}
spec: {limits: [{type: Container, default: {cpu: 500m}}]}
`)
	says(t, worker, 6, "the quota allows 4 more pods of this size, 5 are needed", "quota limits: limits.cpu 0 of 2 used")
	grows(t, worker, 6, 5, scale.CauseQuota, "exceeded quota: limits")
}
