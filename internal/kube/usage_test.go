package kube

import (
	"math"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"
	metricsfake "k8s.io/metrics/pkg/client/clientset/versioned/fake"

	"github.com/scalebot/scalebot/internal/scale"
)

func list(cpu, memory string) corev1.ResourceList {
	l := corev1.ResourceList{}
	if cpu != "" {
		l[corev1.ResourceCPU] = resource.MustParse(cpu)
	}
	if memory != "" {
		l[corev1.ResourceMemory] = resource.MustParse(memory)
	}
	return l
}

func resources(requests, limits corev1.ResourceList) corev1.ResourceRequirements {
	return corev1.ResourceRequirements{Requests: requests, Limits: limits}
}

func container(name string, r corev1.ResourceRequirements) corev1.Container {
	return corev1.Container{Name: name, Image: name + ":1", Resources: r}
}

func sidecar(name string, r corev1.ResourceRequirements) corev1.Container {
	always := corev1.ContainerRestartPolicyAlways
	c := container(name, r)
	c.RestartPolicy = &always
	return c
}

// spec is a pod of the given containers.
func spec(containers ...corev1.Container) corev1.PodSpec {
	return corev1.PodSpec{Containers: containers}
}

// uses is what the metrics API tells of a pod: name, CPU and memory of each container.
func uses(pod string, containers ...[3]string) metricsv1beta1.PodMetrics {
	m := metricsv1beta1.PodMetrics{ObjectMeta: metav1.ObjectMeta{Name: pod, Namespace: namespace, Labels: workerLabels()}}
	for _, c := range containers {
		m.Containers = append(m.Containers, metricsv1beta1.ContainerMetrics{Name: c[0], Usage: list(c[1], c[2])})
	}
	return m
}

// standOf is a deployment of one pod with the given specification, and its metrics.
func standOf(s corev1.PodSpec, change func(*corev1.Pod), metrics ...metricsv1beta1.PodMetrics) stand {
	d := deployment(1, func(d *appsv1.Deployment) { d.Spec.Template.Spec = s })
	p := pod("a", "dw-2", func(p *corev1.Pod) { p.Spec = *s.DeepCopy(); p.Spec.NodeName = "node-1" })
	if change != nil {
		change(p)
	}
	at := newStand(d, set("dw-2", "2", 1), p)
	client := metricsfake.NewSimpleClientset()
	client.PrependReactor("list", "pods", func(clienttesting.Action) (bool, runtime.Object, error) {
		return true, &metricsv1beta1.PodMetricsList{Items: metrics}, nil
	})
	at.Metrics = client
	return at
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.001 }

// T-15: what is used and what it is a share of cover the same containers, and bounds are
// those that a pod really has. The first two rows are one worker at its limit beside an
// idle proxy.
func TestUseIsOfTheSameContainersAsItsBound(t *testing.T) {
	worker1 := resources(list("500m", "512Mi"), list("1", "1Gi"))
	proxy2 := resources(list("100m", "64Mi"), list("2", "1Gi"))
	busy := uses("a", [3]string{"worker", "980m", "973Mi"}, [3]string{"proxy", "10m", "40Mi"})
	both := spec(container("worker", worker1), container("proxy", proxy2))
	nothing := corev1.ResourceRequirements{}
	wholePod := func(s corev1.PodSpec, r corev1.ResourceRequirements) corev1.PodSpec { s.Resources = &r; return s }
	for _, c := range []struct {
		name        string
		container   string
		spec        corev1.PodSpec
		change      func(*corev1.Pod)
		metrics     metricsv1beta1.PodMetrics
		cpu, memory float64 // of the limit, else of the request.
		of          string
	}{
		{"the named container", "worker", both, nil, busy, 0.98, 973.0 / 1024, "limit"},
		{"all of them", "", both, nil, busy, 990.0 / 3000, 1013.0 / 2048, "limit"},
		{"a proxy without limits", "", spec(container("worker", worker1), container("proxy", nothing)), nil, busy, 0.98, 973.0 / 1024, "limit"},
		{"a proxy with a request only", "", spec(container("worker", worker1), container("proxy", resources(list("100m", "64Mi"), nil))), nil, busy, 0.98, 973.0 / 1024, "limit"},
		{"a worker without limits beside a proxy with them", "", spec(container("worker", resources(list("500m", "512Mi"), nil)), container("proxy", proxy2)), nil, busy, 990.0 / 600, 1013.0 / 576, "request"},
		{"limits of the pod as a whole", "", wholePod(spec(container("worker", nothing), container("proxy", nothing)), resources(nil, list("2", "2Gi"))), nil, busy, 0.495, 1013.0 / 2048, "limit"},
		{"a worker bound by its pod", "worker", wholePod(spec(container("worker", nothing), container("proxy", nothing)), resources(nil, list("2", "2Gi"))), nil, busy, 0.495, 1013.0 / 2048, "limit"},
		{"the pod nearer to its limit than the worker", "worker", wholePod(both, resources(nil, list("1", "1Gi"))), nil, busy, 0.99, 1013.0 / 1024, "limit"},
		{"the worker nearer to its limit than the pod", "worker", wholePod(both, resources(nil, list("3", "2Gi"))), nil, busy, 0.98, 973.0 / 1024, "limit"},
		{"requests alone", "worker", spec(container("worker", resources(list("500m", "512Mi"), nil)), container("proxy", nothing)), nil, busy, 1.96, 973.0 / 512, "request"},
		{"no bound at all", "worker", spec(container("worker", nothing)), nil, busy, -1, -1, ""},
		{"a limit is a request too", "worker", spec(container("worker", resources(nil, list("1", "1Gi")))), nil, busy, 0.98, 973.0 / 1024, "limit"},
		{"a sidecar that goes on running", "", corev1.PodSpec{InitContainers: []corev1.Container{sidecar("proxy", proxy2)}, Containers: []corev1.Container{container("worker", worker1)}}, nil, busy, 990.0 / 3000, 1013.0 / 2048, "limit"},
		{"an init container that has ended", "", corev1.PodSpec{InitContainers: []corev1.Container{container("migrate", proxy2)}, Containers: []corev1.Container{container("worker", worker1)}}, nil,
			uses("a", [3]string{"worker", "980m", "973Mi"}), 0.98, 973.0 / 1024, "limit"},
		{"resized while it runs", "worker", both, func(p *corev1.Pod) {
			now := resources(list("1", "1Gi"), list("2", "2Gi"))
			p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "worker", Resources: &now}}
		}, busy, 0.49, 973.0 / 2048, "limit"},
		{"defaults that the template lacks", "worker", spec(container("worker", nothing)), func(p *corev1.Pod) { p.Spec.Containers[0].Resources = worker1 }, busy, 0.98, 973.0 / 1024, "limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			component := worker
			component.Container = c.container
			s := standOf(c.spec, c.change, c.metrics)
			u := known(t, s.Usage(t.Context(), component, known(t, s.Workload(t.Context(), component))))
			cpu, of := u.CPU()
			memory, _ := u.Memory()
			if !near(cpu, c.cpu) || !near(memory, c.memory) || of != c.of {
				t.Errorf("got CPU %.3f and memory %.3f of the %s, want %.3f and %.3f of the %s", cpu, memory, of, c.cpu, c.memory, c.of)
			}
			if !near(u.CPUPeak, c.cpu) || !near(u.MemoryPeak, c.memory) {
				t.Errorf("got peaks %.3f and %.3f of the one pod, want its shares", u.CPUPeak, u.MemoryPeak)
			}
		})
	}
}

// What a pod lacks in the metrics is not zero: a pod without the container in question is
// no pod that answered, and a name that no pod has is said.
func TestUseOfWhatIsNotThere(t *testing.T) {
	both := spec(container("worker", resources(nil, list("1", "1Gi"))), container("proxy", resources(nil, list("1", "1Gi"))))
	proxy := uses("a", [3]string{"proxy", "10m", "40Mi"})
	for _, name := range []string{"worker", "", "wroker"} {
		component := worker
		component.Container = name
		s := standOf(both, nil, proxy)
		if got := s.Usage(t.Context(), component, known(t, s.Workload(t.Context(), component))); got.Known() {
			t.Errorf("container %q: got %+v, want unknown", name, got.Value)
		} else if name != "" && got.Why() != `the metrics API knows no container "`+name+`" in the pods` {
			t.Errorf("container %q: got %q", name, got.Why())
		}
	}
}

// The highest use of a whole pod is kept for planning, whichever container the shares are of.
func TestPeakOfWholePods(t *testing.T) {
	component := worker
	component.Container = "worker"
	both := spec(container("worker", resources(nil, list("1", "1Gi"))), container("proxy", resources(nil, list("2", "1Gi"))))
	s := standOf(both, nil, uses("a", [3]string{"worker", "980m", "973Mi"}, [3]string{"proxy", "10m", "40Mi"}))
	w := known(t, s.Workload(t.Context(), component))
	if u := known(t, s.Usage(t.Context(), component, w)); u.Peak != (scale.Resources{CPU: 990, Memory: 1013 << 20}) {
		t.Errorf("got a peak of %+v, want all containers together", u.Peak)
	}
	if w.Worker.Limits != (scale.Resources{CPU: 1000, Memory: 1 << 30}) || w.Limits != (scale.Resources{CPU: 3000, Memory: 2 << 30}) {
		t.Errorf("got %+v for the worker and %+v for the pod", w.Worker, w.Limits)
	}
}

// labelled is an object under the labels Kubernetes recommends instead of the runbook's.
func labelled[T metav1.Object](o T, with map[string]string) T { o.SetLabels(with); return o }

// Selectors are the deployment's own: pods labelled otherwise than the runbook says, or
// selected by expressions, are found by a single look as by a round; pods of another
// ReplicaSet under the same labels are not.
func TestSelectorsAreTheDeploymentsOwn(t *testing.T) {
	recommended := map[string]string{"app.kubernetes.io/name": "download-worker", "tier": "b"}
	for name, selector := range map[string]*metav1.LabelSelector{
		"labels": {MatchLabels: map[string]string{"app.kubernetes.io/name": "download-worker"}},
		"expressions": {MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "app.kubernetes.io/name", Operator: metav1.LabelSelectorOpIn, Values: []string{"download-worker", "dw"}},
			{Key: "canary", Operator: metav1.LabelSelectorOpDoesNotExist}, {Key: "tier", Operator: metav1.LabelSelectorOpExists},
		}},
		"both": {MatchLabels: map[string]string{"tier": "b"}, MatchExpressions: []metav1.LabelSelectorRequirement{
			{Key: "app.kubernetes.io/name", Operator: metav1.LabelSelectorOpNotIn, Values: []string{"other"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			one := func(d *appsv1.Deployment) { d.Spec.Selector = selector }
			other := deployment(1, one)
			other.Name, other.UID = "overlapping", "overlapping"
			theirs := set("other-1", "2", 1)
			theirs.OwnerReferences[0].UID = types.UID("overlapping")
			objects := []runtime.Object{
				labelled(deployment(2, one), recommended), labelled(set("dw-2", "2", 2), recommended), labelled(pod("a", "dw-2"), recommended), labelled(pod("b", "dw-2"), recommended),
				labelled(other, recommended), labelled(theirs, recommended), labelled(pod("theirs", "other-1"), recommended), labelled(pod("bare", "nobody"), recommended),
			}
			s := newStand(objects...)
			client := metricsfake.NewSimpleClientset()
			client.PrependReactor("list", "pods", func(action clienttesting.Action) (bool, runtime.Object, error) {
				var kept []metricsv1beta1.PodMetrics
				for _, pod := range []string{"a", "b", "theirs", "bare"} {
					m := uses(pod, [3]string{"worker", "500m", "512Mi"})
					m.Labels = recommended
					if action.(clienttesting.ListActionImpl).GetListRestrictions().Labels.Matches(labels.Set(m.Labels)) {
						kept = append(kept, m)
					}
				}
				return true, &metricsv1beta1.PodMetricsList{Items: kept}, nil
			})
			s.Metrics = client
			many := append(fleet(alone), worker)
			single, round := s.Workload(t.Context(), worker), s.Workloads(t.Context(), many)
			alike(t, "the workload", round[worker.Name], single)
			w := known(t, single)
			if len(w.Pods) != 2 || len(w.Counted()) != 2 {
				t.Errorf("got %+v, want its own two pods", w.Pods)
			}
			u := known(t, s.Usage(t.Context(), worker, w))
			alike(t, "the use", s.Usages(t.Context(), many, workloadsOf(round))[worker.Name], scale.Known(u, seenAt, metricsSource))
			if u.Pods != 2 || u.CPULimit != 0.5 {
				t.Errorf("got %+v, want both pods at half of the limit", u)
			}
		})
	}
}

// A runbook that names other labels or another container than the pods have is told so.
func TestMismatches(t *testing.T) {
	both := spec(container("worker", corev1.ResourceRequirements{}), container("proxy", corev1.ResourceRequirements{}))
	for _, c := range []struct {
		selector, container string
		want                int
	}{{"app=download-worker", "worker", 0}, {"app in (download-worker,dw)", "", 0}, {"", "proxy", 0}, {"app=other", "worker", 1}, {"app=other", "main", 2}, {"not a selector !", "", 1}} {
		component := worker
		component.Selector, component.Container = c.selector, c.container
		s := standOf(both, nil)
		if got := s.Mismatches(component, known(t, s.Workload(t.Context(), component))); len(got) != c.want {
			t.Errorf("selector %q, container %q: got %q, want %d sentences", c.selector, c.container, got, c.want)
		}
	}
}
