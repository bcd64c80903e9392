package kube

import (
	"log/slog"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	dynamicfake "k8s.io/client-go/dynamic/fake"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/scale"
)

const namespace = "kafka-pipeline"

var (
	quiet  = slog.New(slog.DiscardHandler)
	worker = scale.Component{Name: "download-worker", Namespace: namespace, Deployment: "download-worker", Selector: "app=download-worker"}
	seenAt = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)
)

// stand is a Cluster over fakes that hold the given objects.
type stand struct {
	*Cluster
	kubernetes *fake.Clientset
	dynamic    *dynamicfake.FakeDynamicClient
}

func dynamicClient(objects ...runtime.Object) *dynamicfake.FakeDynamicClient {
	client := dynamicfake.NewSimpleDynamicClientWithCustomListKinds(runtime.NewScheme(), map[schema.GroupVersionResource]string{
		records.OperationsResource: "ScalingOperationList", records.EpisodesResource: "ScalingEpisodeList", scaledObjects: "ScaledObjectList", rollouts: "RolloutList",
	}, objects...)
	kubetest.Versions(client)
	return client
}

func newStand(objects ...runtime.Object) stand {
	var plain, custom []runtime.Object
	for _, o := range objects {
		if _, ok := o.(*unstructured.Unstructured); ok {
			custom = append(custom, o)
			continue
		}
		plain = append(plain, o)
	}
	s := stand{kubernetes: fake.NewClientset(plain...), dynamic: dynamicClient(custom...)}
	kubetest.Versions(s.kubernetes)
	s.Cluster = New(Config{Kubernetes: s.kubernetes, Dynamic: s.dynamic})
	return s
}

// refuse makes a call of the clientset fail.
func (s stand) refuse(verb, resource string, err error) {
	s.kubernetes.PrependReactor(verb, resource, func(clienttesting.Action) (bool, runtime.Object, error) { return true, nil, err })
}

func workerLabels() map[string]string { return map[string]string{"app": "download-worker"} }

func head(name, version string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Name: name, Namespace: namespace, UID: types.UID(name), ResourceVersion: version, Labels: workerLabels()}
}

func ownedBy(m metav1.ObjectMeta, kind, owner string) metav1.ObjectMeta {
	yes := true
	m.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: owner, UID: types.UID(owner), Controller: &yes}}
	return m
}

func template() corev1.PodTemplateSpec {
	amount := func(cpu, memory string) corev1.ResourceList {
		return corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)}
	}
	return corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{
		Name: "worker", Image: "download-worker:1.2.3",
		Env:       []corev1.EnvVar{{Name: "BATCH_SIZE", Value: "50"}, {Name: "DATABASE_PASSWORD", Value: "hunter2"}},
		Resources: corev1.ResourceRequirements{Requests: amount("500m", "512Mi"), Limits: amount("1", "1Gi")},
	}}}}
}

func deployment(replicas int32, change ...func(*appsv1.Deployment)) *appsv1.Deployment {
	d := &appsv1.Deployment{
		ObjectMeta: head("download-worker", "7"),
		Spec:       appsv1.DeploymentSpec{Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: workerLabels()}, Template: template()},
		Status:     appsv1.DeploymentStatus{Replicas: replicas, ReadyReplicas: replicas, UpdatedReplicas: replicas, AvailableReplicas: replicas},
	}
	d.Annotations = map[string]string{revisionAnnotation: "2"}
	for _, c := range change {
		c(d)
	}
	return d
}

// set is a ReplicaSet of the deployment.
func set(name, revision string, replicas int32) *appsv1.ReplicaSet {
	s := &appsv1.ReplicaSet{ObjectMeta: ownedBy(head(name, "3"), "Deployment", "download-worker"), Spec: appsv1.ReplicaSetSpec{Replicas: &replicas}}
	s.Annotations = map[string]string{revisionAnnotation: revision}
	s.CreationTimestamp = metav1.NewTime(seenAt)
	return s
}

// pod is a running and ready pod of a ReplicaSet.
func pod(name, set string, change ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{ObjectMeta: ownedBy(head(name, "3"), "ReplicaSet", set), Spec: template().Spec}
	p.Spec.NodeName = "node-1"
	p.Status = corev1.PodStatus{Phase: corev1.PodRunning, PodIP: "10.0.0.7", Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}}}
	for _, c := range change {
		c(p)
	}
	return p
}

// waiting makes a pod wait for a reason, after its container ended with another.
func waiting(reason, message, lastExit string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.Status.Phase, p.Status.Conditions = corev1.PodPending, nil
		status := corev1.ContainerStatus{State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}}
		if lastExit != "" {
			status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{Reason: lastExit}
			status.RestartCount = 4
		}
		p.Status.ContainerStatuses = []corev1.ContainerStatus{status}
	}
}

func warning(name, kind, about, reason, message string, at time.Time) *corev1.Event {
	return &corev1.Event{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}, Type: corev1.EventTypeWarning, Reason: reason, Message: message,
		InvolvedObject: corev1.ObjectReference{Kind: kind, Name: about}, LastTimestamp: metav1.NewTime(at),
	}
}

func hpa(name string, change ...func(*autoscalingv2.HorizontalPodAutoscaler)) *autoscalingv2.HorizontalPodAutoscaler {
	low, percent, now := int32(4), int32(70), int32(82)
	h := &autoscalingv2.HorizontalPodAutoscaler{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace}}
	h.Spec = autoscalingv2.HorizontalPodAutoscalerSpec{
		ScaleTargetRef: autoscalingv2.CrossVersionObjectReference{Kind: "Deployment", Name: "download-worker"}, MinReplicas: &low, MaxReplicas: 12,
		Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
			Name: corev1.ResourceCPU, Target: autoscalingv2.MetricTarget{AverageUtilization: &percent},
		}}},
	}
	h.Status.DesiredReplicas = 7
	h.Status.CurrentMetrics = []autoscalingv2.MetricStatus{{Resource: &autoscalingv2.ResourceMetricStatus{
		Name: corev1.ResourceCPU, Current: autoscalingv2.MetricValueStatus{AverageUtilization: &now},
	}}}
	for _, c := range change {
		c(h)
	}
	return h
}

func scaledObject(annotations map[string]string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject",
		"metadata": map[string]any{"name": "dw-scaler", "namespace": namespace},
		"spec": map[string]any{
			"scaleTargetRef": map[string]any{"name": "download-worker"}, "minReplicaCount": int64(4), "maxReplicaCount": int64(12),
			"triggers": []any{map[string]any{"type": "kafka", "metadata": map[string]any{"consumerGroup": "xact-download-worker", "lagThreshold": "1000"}}},
		},
	}}
	o.SetAnnotations(annotations)
	return o
}

func known[T any](t *testing.T, r scale.Reading[T]) T {
	t.Helper()
	value, ok := r.Get()
	if !ok {
		t.Fatalf("the reading is unknown: %s", r.Why())
	}
	return value
}
