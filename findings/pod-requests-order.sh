#!/bin/sh
# What a pod requests depends on the order of its init containers: a sidecar that stands before a migration adds to
# it, one that stands behind does not. And PodLimits of a pod with one unlimited container is the sum of the others,
# as if that bounded it; a limit of the pod alone changes the limit and not the request.
set -eu
version=v0.37.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	resources "k8s.io/component-helpers/resource"
)

func memory(text string) v1.ResourceList {
	return v1.ResourceList{v1.ResourceMemory: resource.MustParse(text)}
}

func container(name, size string) v1.Container {
	return v1.Container{Name: name, Resources: v1.ResourceRequirements{Requests: memory(size), Limits: memory(size)}}
}

func main() {
	worker, migration, sidecar := container("worker", "1Gi"), container("migration", "2Gi"), container("sidecar", "512Mi")
	always := v1.ContainerRestartPolicyAlways
	sidecar.RestartPolicy = &always
	for _, c := range []struct {
		name string
		spec v1.PodSpec
	}{
		{"worker", v1.PodSpec{Containers: []v1.Container{worker}}},
		{"migration, sidecar; worker", v1.PodSpec{InitContainers: []v1.Container{migration, sidecar}, Containers: []v1.Container{worker}}},
		{"sidecar, migration; worker", v1.PodSpec{InitContainers: []v1.Container{sidecar, migration}, Containers: []v1.Container{worker}}},
		{"worker and one without a limit", v1.PodSpec{Containers: []v1.Container{worker, {Name: "free"}}}},
		{"worker in a pod limited to 4Gi", v1.PodSpec{Containers: []v1.Container{worker}, Resources: &v1.ResourceRequirements{Limits: memory("4Gi")}}},
		{"sidecar, migration; worker in a pod that requests 1Gi", v1.PodSpec{InitContainers: []v1.Container{sidecar, migration}, Containers: []v1.Container{worker},
			Resources: &v1.ResourceRequirements{Requests: memory("1Gi")}}},
	} {
		pod := &v1.Pod{Spec: c.spec}
		requests, limits := resources.PodRequests(pod, resources.PodResourcesOptions{}), resources.PodLimits(pod, resources.PodResourcesOptions{})
		fmt.Printf("%s: requests %s, limit %s\n", c.name, requests.Memory(), limits.Memory())
	}
}
GO
cat >expected <<'SEEN'
worker: requests 1Gi, limit 1Gi
migration, sidecar; worker: requests 2Gi, limit 2Gi
sidecar, migration; worker: requests 2560Mi, limit 2560Mi
worker and one without a limit: requests 1Gi, limit 1Gi
worker in a pod limited to 4Gi: requests 1Gi, limit 4Gi
sidecar, migration; worker in a pod that requests 1Gi: requests 1Gi, limit 2560Mi
SEEN
{ go mod init finding && go get "k8s.io/component-helpers/resource@$version" "k8s.io/api@$version" "k8s.io/apimachinery@$version"; } >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "component-helpers $version:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
