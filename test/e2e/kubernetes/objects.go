package main

import (
	"fmt"

	"sigs.k8s.io/kwok/kustomize/crd"
	"sigs.k8s.io/kwok/kustomize/metrics/resource"
	"sigs.k8s.io/kwok/kustomize/metrics/usage"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

// objects prints what KWOK needs in a cluster, as YAML documents: "crds" its custom resource definitions, "rules" its stock rules for nodes,
// pods that run to an end, and usage figures. The rules for pods that start and stop are the caller's.
func objects(args []string) {
	if len(args) == 1 && args[0] == "crds" {
		printDocuments(string(crd.Stage), string(crd.Metric), string(crd.ResourceUsage), string(crd.ClusterResourceUsage), string(crd.Logs), string(crd.ClusterLogs))
		return
	}
	if len(args) == 1 && args[0] == "rules" {
		printDocuments(nodefast.DefaultNodeInit, heartbeat.DefaultNodeHeartbeatWithLease, podfast.DefaultPodComplete,
			resource.DefaultMetricsResource, usage.DefaultUsageFromAnnotation)
		return
	}
	exitOn(fmt.Errorf("objects: one of crds and rules is wanted, got %q", args))
}

func printDocuments(documents ...string) {
	for _, document := range documents {
		fmt.Printf("---\n%s\n", document)
	}
}
