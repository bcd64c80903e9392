package kube

import (
	"errors"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clienttesting "k8s.io/client-go/testing"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	"github.com/scalebot/scalebot/internal/scale"
)

var each = scale.Workload{Requests: scale.Resources{CPU: 500, Memory: 512 << 20}, Limits: scale.Resources{CPU: 1000, Memory: 1 << 30}}

func node(name string, change func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	n.Status.Allocatable = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2"), corev1.ResourceMemory: resource.MustParse("8Gi"), corev1.ResourcePods: resource.MustParse("110")}
	n.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
	if change != nil {
		change(n)
	}
	return n
}

// what is requested on a node is taken, and cordoned or tainted nodes have no room.
func TestNodeRoom(t *testing.T) {
	s := newStand(node("node-1", nil), node("node-2", func(n *corev1.Node) { n.Spec.Unschedulable = true }),
		node("node-3", func(n *corev1.Node) { n.Spec.Taints = []corev1.Taint{{Effect: corev1.TaintEffectNoSchedule}} }), pod("a", "dw-2"))
	room := known(t, s.Room(t.Context(), worker, each))
	if room.NodePods != 3 || room.QuotaPods != -1 || room.Free.CPU != 1500 {
		t.Errorf("got %+v, want room for 3 by CPU and no quota", room)
	}
}

// the tightest bound of a quota counts, and its sentence says which it is.
func TestQuotaRoom(t *testing.T) {
	quota := &corev1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Name: "team", Namespace: namespace}}
	quota.Status.Hard = corev1.ResourceList{corev1.ResourcePods: resource.MustParse("20"), corev1.ResourceRequestsCPU: resource.MustParse("4")}
	quota.Status.Used = corev1.ResourceList{corev1.ResourcePods: resource.MustParse("6"), corev1.ResourceRequestsCPU: resource.MustParse("3")}
	room := known(t, newStand(quota).Room(t.Context(), worker, each))
	if room.QuotaPods != 2 || len(room.Quota) != 2 || room.Quota[1] != "quota team: requests.cpu 3 of 4 used" {
		t.Errorf("got %+v, want 2 by the CPU quota", room)
	}
}

// a namespaced Role may not list nodes. That part is unknown, never zero.
func TestRoomWithoutTheClusterRole(t *testing.T) {
	for _, kind := range []string{"nodes", "pods"} {
		s := newStand(node("node-1", nil))
		s.refuse("list", kind, apierrors.NewForbidden(schema.GroupResource{Resource: kind}, "", errors.New("no")))
		reading := s.Room(t.Context(), worker, each)
		if room := known(t, reading); room.NodePods != -1 || reading.Note == "" {
			t.Errorf("%s: got %+v with note %q, want unknown with a note", kind, room, reading.Note)
		}
	}
	s := newStand()
	s.refuse("list", "resourcequotas", apierrors.NewForbidden(schema.GroupResource{Resource: "resourcequotas"}, "", errors.New("no")))
	if got := s.Room(t.Context(), worker, each); got.Known() {
		t.Error("room without the right to read quotas is known")
	}
}

func podMetrics(name, cpu, memory string) metricsv1beta1.PodMetrics {
	return metricsv1beta1.PodMetrics{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: workerLabels()}, Containers: []metricsv1beta1.ContainerMetrics{{
		Name: "worker", Usage: corev1.ResourceList{corev1.ResourceCPU: resource.MustParse(cpu), corev1.ResourceMemory: resource.MustParse(memory)},
	}}}
}

func (s stand) usage(t *testing.T, w scale.Workload, err error, items ...metricsv1beta1.PodMetrics) scale.Reading[scale.Usage] {
	t.Helper()
	client := metricsfake.NewSimpleClientset()
	client.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, &metricsv1beta1.PodMetricsList{Items: items}, err
	})
	s.Metrics = client
	return s.Usage(t.Context(), worker, w)
}

// R-106, T-15: shares of limit and request; pods that do not count are left out.
func TestUsage(t *testing.T) {
	w := each
	for _, name := range []string{"a", "b", "c"} {
		w.Pods = append(w.Pods, scale.Pod{Name: name, Ready: true, Current: true})
	}
	reading := newStand().usage(t, w, nil, podMetrics("a", "400m", "256Mi"), podMetrics("b", "800m", "768Mi"), podMetrics("old", "1", "1Gi"))
	u := known(t, reading)
	if u.CPULimit != 0.6 || u.CPURequest != 1.2 || u.MemoryLimit != 0.5 || u.CPUPeak != 0.8 || u.MemoryPeak != 0.75 {
		t.Errorf("got %+v, want CPU 60 %% of the limit and 120 %% of the request", u)
	}
	if u.Pods != 2 || u.Of != 3 || reading.Note != "2 of 3 pods" {
		t.Errorf("%d of %d pods, note %q; want 2 of 3 and a note", u.Pods, u.Of, reading.Note)
	}
	w.Limits = scale.Resources{}
	if u := known(t, newStand().usage(t, w, nil, podMetrics("a", "400m", "256Mi"))); u.CPULimit >= 0 || u.CPURequest != 0.8 {
		t.Errorf("without limits got %+v, want no share of a limit", u)
	}
}

func TestUsageUnknown(t *testing.T) {
	w := each
	w.Pods = []scale.Pod{{Name: "a", Ready: true, Current: true}}
	group := schema.GroupResource{Group: "metrics.k8s.io", Resource: "pods"}
	for name, err := range map[string]error{
		"not installed": apierrors.NewNotFound(group, ""), "forbidden": apierrors.NewForbidden(group, "", errors.New("no")),
		"down": apierrors.NewServiceUnavailable("no endpoints"), "no pod yet": nil,
	} {
		if got := newStand().usage(t, w, err); got.Known() || got.Why() == "" {
			t.Errorf("%s: known is %t, %q; want unknown with a reason", name, got.Known(), got.Why())
		}
	}
}
