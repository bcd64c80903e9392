package cluster_test

import (
	"strings"
	"testing"

	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// allowed are the calls the bot makes, as kubectl asks for them.
var allowed = []string{
	"get deployments.apps", "update deployments.apps/scale", "list replicasets.apps", "list pods", "list events", "list resourcequotas", "list limitranges",
	"create events.events.k8s.io", "list pods.metrics.k8s.io", "list horizontalpodautoscalers.autoscaling",
	"list scalingoperations.scalebot.dev", "create scalingoperations.scalebot.dev", "update scalingepisodes.scalebot.dev",
	"watch scalingoperations.scalebot.dev", "delete scalingepisodes.scalebot.dev", "get leases.coordination.k8s.io", "update leases.coordination.k8s.io",
}

// forbidden is what a bot that was taken over must not be able to do.
var forbidden = []string{
	"update deployments.apps", "patch deployments.apps", "create deployments.apps", "delete deployments.apps", "delete pods", "create pods",
	"create pods/exec", "get secrets", "list secrets", "get configmaps", "update configmaps", "create rolebindings.rbac.authorization.k8s.io",
	"update roles.rbac.authorization.k8s.io", "update statefulsets.apps/scale", "update horizontalpodautoscalers.autoscaling",
	"deletecollection scalingoperations.scalebot.dev", "delete leases.coordination.k8s.io", "impersonate serviceaccounts", "create serviceaccounts/token",
}

// TestRights asks the real authoriser about the token that the bot runs with, in its own namespace and in another one, where it may do nothing.
func TestRights(t *testing.T) {
	for _, right := range allowed {
		if !can(t, cluster.Namespace, right) {
			t.Errorf("it may not %s, want it allowed", right)
		}
		if can(t, "default", right) {
			t.Errorf("it may %s in another namespace", right)
		}
	}
	for _, right := range forbidden {
		if can(t, cluster.Namespace, right) {
			t.Errorf("it may %s, want it forbidden", right)
		}
	}
}

// can is kubectl's answer, which is "yes" or "no".
func can(t *testing.T, namespace, right string) bool {
	t.Helper()
	verb, resource, _ := strings.Cut(right, " ")
	resource, part, _ := strings.Cut(resource, "/")
	out, err := real.KubectlAs(t.Context(), bot, "", "-n", namespace, "auth", "can-i", verb, resource, "--subresource="+part)
	switch answer := strings.TrimSpace(out); answer {
	case "yes":
		return true
	case "no":
		return false
	default:
		t.Fatalf("kubectl auth can-i %s: answered %q, %v", right, answer, err)
		return false
	}
}

// What is forbidden is refused when it is tried, too.
func TestForbiddenCallsAreRefused(t *testing.T) {
	worker := deploy(t, cluster.Deployment{Name: "guarded", Replicas: 1})
	seen(t, worker, ready(1))
	for _, call := range [][]string{
		{"set", "image", "deployment/guarded", "worker=registry.example/other:1"},
		{"delete", "deployment", "guarded"},
		{"delete", "pods", "-l", "app=guarded"},
		{"get", "secrets"},
	} {
		_, err := real.KubectlAs(t.Context(), bot, "", append([]string{"-n", cluster.Namespace}, call...)...)
		if err == nil || !strings.Contains(err.Error(), "Forbidden") && !strings.Contains(err.Error(), "forbidden") {
			t.Errorf("kubectl %s: got %v, want forbidden", strings.Join(call, " "), err)
		}
	}
}
