package cluster

import (
	"context"
	_ "embed"
	"fmt"
	"os/exec"
	"strings"

	"github.com/scalebot/scalebot/test/e2e/process"
)

// podRules are KWOK's rules for how pods start, fail and stop.
//
//go:embed pods.yaml
var podRules string

// nodes is how many there are.
const nodes = 3

// furnish adds what makes an API server a cluster: nodes, pods that start, and the metrics API.
func (c *Cluster) furnish(ctx context.Context) error {
	definitions, err := c.objects("crds")
	if err != nil {
		return err
	}
	if err := c.Apply(ctx, definitions); err != nil {
		return err
	}
	rules, err := c.objects("rules")
	if err != nil {
		return err
	}
	// The new resources are not served at once.
	err = process.Until(ctx, startTime, func(ctx context.Context) error { return c.Apply(ctx, rules+"\n---\n"+podRules) })
	if err != nil {
		return err
	}
	if err := c.run("kwok", c.kwokFlags()); err != nil {
		return err
	}
	var furniture strings.Builder
	for i := range nodes {
		furniture.WriteString(node(i + 1))
	}
	furniture.WriteString(c.metricsAPI())
	if err := c.Apply(ctx, furniture.String()); err != nil {
		return err
	}
	return c.run("metrics-server", c.metricsServerFlags())
}

// objects are what the program carries for KWOK.
func (c *Cluster) objects(kind string) (string, error) {
	out, err := exec.Command(c.binary, "objects", kind).Output()
	if err != nil {
		return "", fmt.Errorf("asking for KWOK's %s: %w", kind, err)
	}
	return string(out), nil
}

func node(i int) string {
	return strings.ReplaceAll(`---
apiVersion: v1
kind: Node
metadata:
  name: NAME
  labels: {kubernetes.io/hostname: NAME, kubernetes.io/os: linux, kubernetes.io/arch: amd64}
  annotations:
    kwok.x-k8s.io/node: fake
    # Where the metrics server finds the figures of this node's pods.
    metrics.k8s.io/resource-metrics-path: /metrics/nodes/NAME/metrics/resource
status:
  allocatable: {cpu: "16", memory: 64Gi, pods: "110"}
  capacity: {cpu: "16", memory: 64Gi, pods: "110"}
`, "NAME", fmt.Sprintf("node-%d", i))
}

// metricsAPI makes the API server pass metrics.k8s.io on to the metrics server.
func (c *Cluster) metricsAPI() string {
	return strings.ReplaceAll(`---
apiVersion: v1
kind: Service
metadata: {name: metrics-server, namespace: kube-system}
spec:
  type: ExternalName
  externalName: localhost
  ports: [{port: PORT}]
---
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: {name: v1beta1.metrics.k8s.io}
spec:
  service: {name: metrics-server, namespace: kube-system, port: PORT}
  group: metrics.k8s.io
  version: v1beta1
  insecureSkipTLSVerify: true
  groupPriorityMinimum: 100
  versionPriority: 100
`, "PORT", fmt.Sprint(c.ports.metrics))
}
