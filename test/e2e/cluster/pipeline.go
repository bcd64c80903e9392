package cluster

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// Namespace is where the bot and its workers are.
const Namespace = "kafka-pipeline"

// Install applies the bot's own manifests, as its README says, and returns a kubeconfig of its service account.
func (c *Cluster) Install(ctx context.Context, repository string) (kubeconfig string, err error) {
	if err := c.Apply(ctx, "apiVersion: v1\nkind: Namespace\nmetadata: {name: "+Namespace+"}\n"); err != nil {
		return "", err
	}
	if _, err := c.Kubectl(ctx, "apply", "-k", filepath.Join(repository, "manifests")); err != nil {
		return "", err
	}
	if err := c.established(ctx, "crd/scalingoperations.scalebot.dev", "crd/scalingepisodes.scalebot.dev"); err != nil {
		return "", err
	}
	return c.ServiceAccount(ctx, Namespace, "scalebot")
}

// established waits until the API server serves these definitions. kubectl's own waiting fails at once where a definition has no status yet.
func (c *Cluster) established(ctx context.Context, definitions ...string) error {
	return process.Until(ctx, startTime, func(ctx context.Context) error {
		_, err := c.Kubectl(ctx, append([]string{"wait", "--for=condition=Established", "--timeout=5s"}, definitions...)...)
		return err
	})
}

// Deployment is a worker's Deployment.
type Deployment struct {
	Name     string
	Replicas int
	// CPU is what a pod asks for; empty means half a core.
	CPU string
	// Annotations are of its pods; see pods.yaml.
	Annotations map[string]string
}

// YAML is the Deployment as kubectl applies it. Every pod says that it uses half of the processor time it asked for.
func (d Deployment) YAML() string {
	annotations := map[string]string{"kwok.x-k8s.io/usage-cpu": "250m", "kwok.x-k8s.io/usage-memory": "256Mi"}
	for key, value := range d.Annotations {
		annotations[key] = value
	}
	var lines strings.Builder
	for key, value := range annotations {
		fmt.Fprintf(&lines, "        %s: %q\n", key, value)
	}
	return fmt.Sprintf(`---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: %[1]s
  namespace: %[2]s
  labels: {app: %[1]s}
spec:
  replicas: %[3]d
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata:
      labels: {app: %[1]s}
      annotations:
%[4]s    spec:
      terminationGracePeriodSeconds: 5
      containers:
        - name: worker
          image: registry.example/%[1]s:1
          resources:
            requests: {cpu: %[5]q, memory: 512Mi}
            limits: {cpu: %[6]q, memory: 1Gi}
`, d.Name, Namespace, d.Replicas, lines.String(), cmp.Or(d.CPU, "500m"), cmp.Or(d.CPU, "1"))
}
