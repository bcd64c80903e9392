#!/bin/sh
# The generation of a Deployment rises with an annotation alone, as kubectl annotate leaves it,
# though nothing of its specification changed; a label does not raise it, and neither does a ReplicaSet's or a
# StatefulSet's annotation. It drives the API server's own strategies and builds a part of Kubernetes: minutes.
set -eu
kubernetes=v1.37.2 staging=v0.37.2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT INT TERM
cd "$dir"
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kubernetes/pkg/apis/apps"
	"k8s.io/kubernetes/pkg/registry/apps/deployment"
	"k8s.io/kubernetes/pkg/registry/apps/replicaset"
	"k8s.io/kubernetes/pkg/registry/apps/statefulset"
)

func main() {
	ctx, ours := context.Background(), map[string]string{"team": "downloads"}
	for _, c := range []struct {
		name   string
		change func(meta *metav1.ObjectMeta, replicas *int32)
	}{
		{"nothing", func(*metav1.ObjectMeta, *int32) {}},
		{"replicas", func(_ *metav1.ObjectMeta, replicas *int32) { *replicas = 9 }},
		{"a label", func(meta *metav1.ObjectMeta, _ *int32) { meta.Labels = ours }},
		{"an annotation", func(meta *metav1.ObjectMeta, _ *int32) { meta.Annotations = ours }},
	} {
		before := metav1.ObjectMeta{Name: "d", Namespace: "n", Generation: 1}
		d, r, s := &apps.Deployment{ObjectMeta: before}, &apps.ReplicaSet{ObjectMeta: before}, &apps.StatefulSet{ObjectMeta: before}
		newD, newR, newS := d.DeepCopy(), r.DeepCopy(), s.DeepCopy()
		c.change(&newD.ObjectMeta, &newD.Spec.Replicas)
		c.change(&newR.ObjectMeta, &newR.Spec.Replicas)
		c.change(&newS.ObjectMeta, &newS.Spec.Replicas)
		deployment.Strategy.PrepareForUpdate(ctx, newD, d)
		replicaset.Strategy.PrepareForUpdate(ctx, newR, r)
		statefulset.Strategy.PrepareForUpdate(ctx, newS, s)
		fmt.Printf("%s changed: generation of the Deployment %d, ReplicaSet %d, StatefulSet %d\n", c.name, newD.Generation, newR.Generation, newS.Generation)
	}
}
GO
cat >expected <<'SEEN'
nothing changed: generation of the Deployment 1, ReplicaSet 1, StatefulSet 1
replicas changed: generation of the Deployment 2, ReplicaSet 2, StatefulSet 2
a label changed: generation of the Deployment 1, ReplicaSet 1, StatefulSet 1
an annotation changed: generation of the Deployment 2, ReplicaSet 1, StatefulSet 1
SEEN
# Kubernetes' module names its parts without versions.
{
	go mod init finding
	for part in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap code-generator component-base component-helpers \
		controller-manager cri-api cri-client cri-streaming csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator \
		kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission streaming; do
		go mod edit -replace="k8s.io/$part=k8s.io/$part@$staging"
	done
	go get "k8s.io/kubernetes/pkg/registry/apps/deployment@$kubernetes" "k8s.io/kubernetes/pkg/registry/apps/replicaset@$kubernetes" "k8s.io/kubernetes/pkg/registry/apps/statefulset@$kubernetes"
} >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "Kubernetes $kubernetes:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
