#!/bin/sh
# The HPA multiplies by the pods that it finds, not by the count that is wanted. Where a quota lets 7 of 9 exist, or
# where 6 of 12 are ready beside an external metric of type Value, it lowers the count although the metric is above
# its target (after its stabilization window). And a pod that has ended well and still carries the labels holds the
# count, up and down, as one without metrics; only failed ones are left out. It builds a part of Kubernetes: minutes.
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
	"log"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	listers "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	hpa "k8s.io/kubernetes/pkg/controller/podautoscaler"
	"k8s.io/kubernetes/pkg/controller/podautoscaler/metrics"
)

// readings are what the two metrics APIs answer: CPU in millicores by pod, and a lag in thousandths.
type readings struct {
	metrics.MetricsClient
	cpu metrics.PodMetricsInfo
	lag int64
}

func (r readings) GetResourceMetric(context.Context, v1.ResourceName, string, labels.Selector, string) (metrics.PodMetricsInfo, time.Time, error) {
	return r.cpu, time.Now(), nil
}

func (r readings) GetExternalMetric(string, string, labels.Selector) ([]int64, time.Time, error) {
	return []int64{r.lag}, time.Now(), nil
}

type pods struct{ running, notReady, pending, succeeded, failed int }

// calculator sees such pods, all an hour old with a request of one core, and those that run use cpu.
func (p pods) calculator(cpu, lag int64) *hpa.ReplicaCalculator {
	store, r := cache.NewIndexer(cache.MetaNamespaceKeyFunc, cache.Indexers{cache.NamespaceIndex: cache.MetaNamespaceIndexFunc}), readings{cpu: metrics.PodMetricsInfo{}, lag: lag}
	add := func(n int, phase v1.PodPhase, ready v1.ConditionStatus) {
		for i := range n {
			before := metav1.NewTime(time.Now().Add(-time.Hour))
			pod := &v1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "n", Name: fmt.Sprint(phase, ready, i)}}
			pod.Spec.Containers = []v1.Container{{Resources: v1.ResourceRequirements{Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse("1")}}}}
			pod.Status = v1.PodStatus{Phase: phase, StartTime: &before, Conditions: []v1.PodCondition{{Type: v1.PodReady, Status: ready, LastTransitionTime: before}}}
			if err := store.Add(pod); err != nil {
				log.Fatal(err)
			}
			if phase == v1.PodRunning {
				r.cpu[pod.Name] = metrics.PodMetric{Timestamp: time.Now(), Window: 15 * time.Second, Value: cpu}
			}
		}
	}
	add(p.running, v1.PodRunning, v1.ConditionTrue)
	add(p.notReady, v1.PodRunning, v1.ConditionFalse)
	add(p.pending, v1.PodPending, v1.ConditionFalse)
	add(p.succeeded, v1.PodSucceeded, v1.ConditionFalse)
	add(p.failed, v1.PodFailed, v1.ConditionFalse)
	return hpa.NewReplicaCalculator(r, listers.NewPodLister(store), 5*time.Minute, 30*time.Second)
}

func main() {
	ctx, every := context.Background(), labels.Everything()
	for _, c := range []struct {
		wanted int32
		pods   pods
		cpu    int64
	}{
		{9, pods{running: 9}, 800}, {9, pods{running: 7}, 800}, {9, pods{running: 7, pending: 2}, 800}, {9, pods{running: 9, succeeded: 2}, 800},
		{9, pods{running: 9}, 300}, {9, pods{running: 9, succeeded: 2}, 300}, {9, pods{running: 9, failed: 2}, 300},
	} {
		n, _, _, _, err := c.pods.calculator(c.cpu, 0).GetResourceReplicas(ctx, c.wanted, 70, v1.ResourceCPU, hpa.Tolerances{}, "n", every, "")
		fmt.Printf("CPU %d%% of a target of 70%%, %d wanted, %+v: %d, error %v\n", c.cpu/10, c.wanted, c.pods, n, err)
	}
	for _, p := range []pods{{running: 12}, {running: 6, notReady: 6}, {running: 6}} {
		value, _, _, err := p.calculator(0, 15_000_000).GetExternalMetricReplicas(12, 10_000_000, "lag", hpa.Tolerances{}, "n", nil, every)
		average, _, _, other := p.calculator(0, 15_000_000).GetExternalPerPodMetricReplicas(12, 1_000_000, "lag", hpa.Tolerances{}, "n", nil)
		fmt.Printf("lag 15000, 12 wanted, %+v: Value 10000 %d, error %v; AverageValue 1000 %d, error %v\n", p, value, err, average, other)
	}
}
GO
cat >expected <<'SEEN'
CPU 80% of a target of 70%, 9 wanted, {running:9 notReady:0 pending:0 succeeded:0 failed:0}: 11, error <nil>
CPU 80% of a target of 70%, 9 wanted, {running:7 notReady:0 pending:0 succeeded:0 failed:0}: 8, error <nil>
CPU 80% of a target of 70%, 9 wanted, {running:7 notReady:0 pending:2 succeeded:0 failed:0}: 9, error <nil>
CPU 80% of a target of 70%, 9 wanted, {running:9 notReady:0 pending:0 succeeded:2 failed:0}: 9, error <nil>
CPU 30% of a target of 70%, 9 wanted, {running:9 notReady:0 pending:0 succeeded:0 failed:0}: 4, error <nil>
CPU 30% of a target of 70%, 9 wanted, {running:9 notReady:0 pending:0 succeeded:2 failed:0}: 7, error <nil>
CPU 30% of a target of 70%, 9 wanted, {running:9 notReady:0 pending:0 succeeded:0 failed:2}: 4, error <nil>
lag 15000, 12 wanted, {running:12 notReady:0 pending:0 succeeded:0 failed:0}: Value 10000 18, error <nil>; AverageValue 1000 15, error <nil>
lag 15000, 12 wanted, {running:6 notReady:6 pending:0 succeeded:0 failed:0}: Value 10000 9, error <nil>; AverageValue 1000 15, error <nil>
lag 15000, 12 wanted, {running:6 notReady:0 pending:0 succeeded:0 failed:0}: Value 10000 9, error <nil>; AverageValue 1000 15, error <nil>
SEEN
# Kubernetes' module names its parts without versions.
{
	go mod init finding
	for part in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap code-generator component-base component-helpers \
		controller-manager cri-api cri-client cri-streaming csi-translation-lib dynamic-resource-allocation endpointslice externaljwt kms kube-aggregator \
		kube-controller-manager kube-proxy kube-scheduler kubectl kubelet metrics mount-utils pod-security-admission streaming; do
		go mod edit -replace="k8s.io/$part=k8s.io/$part@$staging"
	done
	go get "k8s.io/kubernetes/pkg/controller/podautoscaler@$kubernetes"
} >log 2>&1 || { cat log; exit 2; }
go run . >seen
echo "Kubernetes $kubernetes:"
cat seen
diff expected seen >/dev/null || { echo "CHANGED; it used to be:"; cat expected; exit 1; }
