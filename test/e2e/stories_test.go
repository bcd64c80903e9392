package e2e

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestStories are what people live through while all servers are well. The main job waits for its reports for minutes; the others, on other
// components, are told meanwhile, one after another.
func TestStories(t *testing.T) {
	pair(t)
	t.Run("the main job", func(t *testing.T) {
		t.Parallel()
		mainJob(t)
	})
	t.Run("meanwhile", func(t *testing.T) {
		t.Parallel()
		t.Run("doctor", doctor)
		t.Run("a pod has several targets", severalTargets)
		t.Run("a pod is not a consumer", severalConsumers)
		t.Run("an application of Kafka Streams", streams)
		t.Run("an autoscaler takes it back", autoscaler)
		t.Run("a ScaledObject owns the count", scaledObject)
		t.Run("an image that never starts", imageless)
		t.Run("the quota is exhausted", overQuota)
		t.Run("Prometheus is down", withoutPrometheus)
	})
}

// mainJob is on real servers: lag crosses the limit, the bot speaks first, somebody presses the button
// and is told who may, somebody on call presses it, pods start and their consumers really join, lag falls, and each report comes once.
func mainJob(t *testing.T) {
	const backlog = 40_000
	if err := real.Backlog(t.Context(), "download-worker", backlog); err != nil {
		t.Fatal(err)
	}
	breached := time.Now()
	alert := see(t, soon, "the alert", inChannel, saying("download-worker", "Critical", "R-001"), offering("scale_recommended"))
	t.Logf("the alert came %v after the lag", moment(t, alert).Sub(breached).Round(time.Millisecond))
	before := newest(t)
	click(t, carl, alert, "scale_recommended")
	see(t, soon, "the refusal", after(before), func(m message) bool { return m.private }, saying("Only people on call may decide"))
	click(t, ben, alert, "scale_recommended")
	card := see(t, soon, "the card", after(before), inChannel, saying("answers download-worker-alert"))
	to := target(t, card)
	see(t, soon, "the rollout on the card", at(card.ts), saying(fmt.Sprintf("%d/%d ready", to, to), "Approved by <@"+ben+">", fmt.Sprintf("Stable, %d members", to)))
	scaled(t, "download-worker", to)
	id := operation(t, card, "download-worker")
	see(t, 2*soon, "the first report", inThread(card.ts), saying("*60 s after scaling"))
	see(t, 2*soon, "the second report", inThread(card.ts), saying("*2 min after scaling"))
	see(t, 2*soon, "the third report", inThread(card.ts), saying("*3 min after scaling"))
	becomes(t, id, "done")
	for _, horizon := range []string{"60 s", "2 min", "3 min"} {
		if n := len(only(messages(t, carl), inThread(card.ts), saying("*"+horizon+" after scaling"))); n != 1 {
			t.Errorf("got %d reports after %s, want one", n, horizon)
		}
	}
	events := kubectl(t, "describe", "deployment", "download-worker")
	for _, want := range []string{"scalebot", id} {
		if !strings.Contains(events, want) {
			t.Errorf("kubectl describe prints\n%s\nwithout %q", events, want)
		}
	}
}

// target is the count that a card proposes.
func target(t *testing.T, card message) int {
	t.Helper()
	found := regexp.MustCompile(`→ \*(\d+)\* replicas`).FindStringSubmatch(card.text)
	if found == nil {
		t.Fatalf("the card names no count:\n%s", card.text)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// doctor finds nothing that fails in an installation made as the README says, with the rights of the manifests and of a Kafka user that may
// only describe.
func doctor(t *testing.T) {
	until(t, soon, "the doctor to be content", func(ctx context.Context) error {
		out, err := real.Doctor(ctx)
		if err != nil {
			return fmt.Errorf("%w\n%s", err, out)
		}
		for _, want := range []string{
			"a broker answers and accepts the credentials", "download-worker: 24 partitions, lag", "may update deployments/scale.apps",
			"may create events.events.k8s.io", "operations can be read", "download-worker: metrics throughput, errors, latency", " 0 failed",
		} {
			if !strings.Contains(out, want) {
				return fmt.Errorf("the doctor does not say %q:\n%s", want, out)
			}
		}
		return nil
	})
}

// autoscaler: the card says before who will undo the change; approved all the same, the real controller undoes it, and the card says who did (T-01).
func autoscaler(t *testing.T) {
	byHand(t, "event-ingester", 3)
	apply(t, `
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: ingester-hpa, namespace: kafka-pipeline}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: event-ingester}
  minReplicas: 3
  maxReplicas: 4
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 90}}}]
`)
	card := ask(t, carl, "event-ingester 6")
	if !saying("Will be undone", "HPA ingester-hpa", "above the maximum of 4")(card) {
		t.Errorf("the card is\n%s\nwant it to say who will undo the change", card.text)
	}
	click(t, ben, card, "approve")
	see(t, soon, "one of two approvals", at(card.ts), saying("1 of 2 approvals"))
	click(t, ana, card, "approve")
	// To its maximum, 4; by the time somebody looks it may have gone on to what its metrics ask for.
	undone := see(t, soon, "the undoing", at(card.ts), saying("*Undone:* HPA ingester-hpa (kube-controller-manager) set the count back to "))
	if strings.Contains(undone.text, "does not set the count any more") {
		t.Errorf("the card is\n%s\nand says that an autoscaler which is there is not", undone.text)
	}
	becomes(t, operation(t, card, "event-ingester"), "failed")
}

// scaledObject: without KEDA's operator nobody acts on the object, but it owns the count (T-02, T-04).
func scaledObject(t *testing.T) {
	byHand(t, "event-ingester", 3)
	if err := real.Kubernetes.DefineKEDA(t.Context()); err != nil {
		t.Fatal(err)
	}
	apply(t, `
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: ingester-scaler, namespace: kafka-pipeline}
spec:
  scaleTargetRef: {name: event-ingester}
  minReplicaCount: 2
  maxReplicaCount: 6
  triggers: [{type: cpu, metricType: Utilization, metadata: {value: "90"}}]
`)
	card := ask(t, carl, "event-ingester 4")
	if !saying("ScaledObject ingester-scaler")(card) {
		t.Errorf("the card is\n%s\nwant it to name the ScaledObject", card.text)
	}
	click(t, ben, card, "decline")
	see(t, soon, "the decision", at(card.ts), saying("Declined; nothing was changed"))
	scaled(t, "event-ingester", 3)
}

// imageless: the new pod waits for its image, the card says so while it waits and when the time is over, and rolling back is one click.
func imageless(t *testing.T) {
	byHand(t, "result-processor", 2)
	apply(t, `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicy
metadata: {name: hold-new-pods}
spec:
  matchConstraints:
    resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]
    objectSelector: {matchLabels: {app: result-processor}}
  failurePolicy: Fail
  reinvocationPolicy: Never
  mutations:
    - patchType: ApplyConfiguration
      applyConfiguration: {expression: 'Object{metadata: Object.metadata{annotations: {"e2e/hold": "ImagePullBackOff"}}}'}
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingAdmissionPolicyBinding
metadata: {name: hold-new-pods}
spec: {policyName: hold-new-pods}
`)
	held(t)
	card := ask(t, carl, "result-processor 3")
	click(t, ben, card, "approve")
	see(t, soon, "the trouble", at(card.ts), saying("2/3 ready", "ImagePullBackOff"))
	see(t, 2*soon, "the end", at(card.ts), saying("Not settled after 60 s", "ImagePullBackOff"), offering("rollback"))
	before := newest(t)
	click(t, ben, card, "rollback")
	back := see(t, soon, "the card of the roll back", after(before), inChannel, saying("→ *2* replicas"))
	if offering("approve")(back) {
		click(t, ben, back, "approve")
	}
	scaled(t, "result-processor", 2)
	// The next story asks for another change, which is refused until this one has settled.
	becomes(t, operation(t, back, "result-processor"), "watching")
}

// held waits until the admission policy acts, which it does some time after it was stored.
func held(t *testing.T) {
	t.Helper()
	const probe = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"probe","labels":{"app":"result-processor"}},"spec":{"containers":[{"name":"c","image":"i"}]}}`
	until(t, soon, "the admission policy", func(ctx context.Context) error {
		out, err := real.Kubernetes.KubectlAs(ctx, real.Kubernetes.Kubeconfig(), probe, "-n", "kafka-pipeline", "create", "--dry-run=server", "-o", "yaml", "-f", "-")
		if err == nil && !strings.Contains(out, "e2e/hold") {
			err = fmt.Errorf("it does not act yet")
		}
		return err
	})
}

// overQuota: the card says before that the quota allows no more pods, and takes two people for it; while rolling out it says that it is stuck on
// the quota, and once there is room, it goes on.
func overQuota(t *testing.T) {
	byHand(t, "result-processor", 2)
	pods := len(strings.Fields(kubectl(t, "get", "pods", "-o", "name")))
	apply(t, fmt.Sprintf("apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: tight, namespace: kafka-pipeline}\nspec: {hard: {pods: %q}}\n", strconv.Itoa(pods)))
	until(t, soon, "the quota to be counted", func(context.Context) error {
		if used := kubectl(t, "get", "resourcequota", "tight", "-o", "jsonpath={.status.used.pods}"); used != strconv.Itoa(pods) {
			return fmt.Errorf("it counts %q pods", used)
		}
		return nil
	})
	card := ask(t, carl, "result-processor 3")
	if !saying("quota allows no more pods of this size", "quota tight")(card) {
		t.Errorf("the card is\n%s\nwant it to say that the quota is exhausted", card.text)
	}
	click(t, ben, card, "approve")
	see(t, soon, "one of two approvals", at(card.ts), saying("1 of 2 approvals"))
	click(t, ana, card, "approve")
	see(t, soon, "the trouble", at(card.ts), saying("2/3", "exceeded quota: tight"))
	kubectl(t, "delete", "resourcequota", "tight")
	see(t, soon, "the rollout once there is room", at(card.ts), saying("3/3 ready"))
}

// withoutPrometheus: what Prometheus would tell is unknown and never zero, and everything else goes on.
func withoutPrometheus(t *testing.T) {
	real.StopPrometheus()
	t.Cleanup(func() {
		if err := real.StartPrometheus(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	until(t, soon, "the status without Prometheus", func(context.Context) error {
		if status := answer(t, carl, "retry-scheduler"); !saying("1/1 ready", "*Errors*\nunknown", "Prometheus")(status) {
			return fmt.Errorf("the status is\n%s", status.text)
		}
		return nil
	})
	card := ask(t, carl, "event-ingester 4")
	click(t, ben, card, "approve")
	scaled(t, "event-ingester", 4)
	see(t, 2*soon, "the report without Prometheus", inThread(card.ts), saying("*60 s after scaling", "unknown"))
}

// answer waits for what somebody alone is told in answer to a command.
func answer(t *testing.T, user, text string) message {
	t.Helper()
	before := newest(t)
	slash(t, user, text)
	told := func(m message) bool {
		return m.private && !strings.HasPrefix(m.text, "/scale") && !strings.HasPrefix(m.text, "Still looking")
	}
	return see(t, 20*time.Second, "an answer to "+text, after(before), told)
}
