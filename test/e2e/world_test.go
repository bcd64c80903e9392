package e2e

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/test/e2e/cluster"
	"github.com/scalebot/scalebot/test/e2e/kafka"
	"github.com/scalebot/scalebot/test/e2e/process"
	"github.com/scalebot/scalebot/test/e2e/world"
)

// real is the one world of all stories.
var real *world.World

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "scalebot-e2e-*")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	real, err = world.Start(context.Background(), dir, world.Options{Brokers: 3, Runbook: runbook, More: more})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer real.Stop()
	return m.Run()
}

// more are components whose groups are not as simple as those of the embedded runbook: of three consumers in each pod, which Prometheus scrapes
// by three targets; of a workload that reads another topic in the same group, and which the bot does not know; and of an application of Kafka Streams.
var more = []world.Component{
	{Name: "image-resizer", Group: "xact-images", Topic: "xact.images", Partitions: 12, Replicas: 2, Rate: 10, Consumers: 3, Targets: 3},
	{Name: "image-archiver", Group: "xact-images", Topic: "xact.images.archive", Partitions: 6, Replicas: 2, Rate: 5},
	{Name: "word-counter", Topic: kafka.WordCountTopic, Partitions: 3, Replicas: 1, Rate: 5, Streams: true},
}

// runbook is the team's file: the rules are the embedded ones, and the durations are short.
const runbook = `
components:
  - {name: download-worker, max: 12}
  - {name: image-resizer, deployment: image-resizer, selector: app=image-resizer, group: xact-images, topics: [xact.images], min: 1, low: 1, high: 4}
  - name: word-counter
    deployment: word-counter
    selector: app=word-counter
    group: xact-word-counter
    topics: [streams-plaintext-input]
    min: 1
    low: 1
    high: 3
    metrics: {consumed: none, errors: none, latency: none, breaker: none}
scaleUp:
  cpu: {for: 5s}
  memory: {for: 5s}
scaleDown:
  lag: {for: 1m}
  cpu: {for: 1m}
  memory: {for: 1m}
sizing: {recovery: 1m, podStart: 3s, rebalance: 3s}
rollout: {podsLate: 5s, rebalanceLate: 10s, deadline: 1m, revertChecks: [3s, 10s]}
alert: {closeFor: 2s, grace: 10s, editEvery: 3s}
times: {sample: 1s, live: 1s, stale: 20s, gap: 20s, rateWindow: 30s, reports: [1m, 2m, 3m]}
`

// soon is what a person would wait for, on a machine that does other things as well.
const soon = time.Minute

func until(t testing.TB, within time.Duration, what string, check func(ctx context.Context) error) {
	t.Helper()
	if err := process.Until(t.Context(), within, check); err != nil {
		t.Fatalf("waiting for %s: %v\n%s", what, err, transcript(t))
	}
}

// kubectl is the administrator's, in the workers' namespace.
func kubectl(t testing.TB, args ...string) string {
	t.Helper()
	out, err := real.Kubernetes.Kubectl(context.WithoutCancel(t.Context()), append([]string{"-n", cluster.Namespace}, args...)...)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

// apply gives YAML to the API server, and takes the same away when the test ends.
func apply(t testing.TB, documents string) {
	t.Helper()
	if err := real.Kubernetes.Apply(t.Context(), documents); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := real.Kubernetes.KubectlAs(context.WithoutCancel(t.Context()), real.Kubernetes.Kubeconfig(), documents, "delete", "--ignore-not-found", "-f", "-"); err != nil {
			t.Error(err)
		}
	})
}

// scaled waits until a Deployment has so many pods, all of them ready.
func scaled(t testing.TB, deployment string, n int) {
	t.Helper()
	want := fmt.Sprintf("%d/%d", n, n)
	until(t, soon, deployment+" to have "+want, func(context.Context) error {
		if got := kubectl(t, "get", "deployment", deployment, "-o", "jsonpath={.spec.replicas}/{.status.readyReplicas}"); got != want {
			return fmt.Errorf("it has %s", got)
		}
		return nil
	})
}

// byHand sets a replica count as an administrator does, and waits for it.
func byHand(t testing.TB, deployment string, n int) {
	t.Helper()
	kubectl(t, "scale", "deployment", deployment, fmt.Sprintf("--replicas=%d", n))
	scaled(t, deployment, n)
}
