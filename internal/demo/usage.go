package demo

import (
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/testing"
	metricsv1beta1 "k8s.io/metrics/pkg/apis/metrics/v1beta1"

	corev1 "k8s.io/api/core/v1"
)

// usageWindow is the span the metrics API averages over.
const usageWindow = 30 * time.Second

// serveMetrics answers the metrics API from the workers' present load.
func (c *cluster) serveMetrics() {
	c.metrics.PrependReactor("list", "pods", func(action testing.Action) (bool, runtime.Object, error) {
		if c.climate.now().metricsDown {
			return true, nil, metricsGone()
		}
		return true, c.usage(action.GetNamespace()), nil
	})
	c.metrics.PrependReactor("get", "pods", func(action testing.Action) (bool, runtime.Object, error) {
		if c.climate.now().metricsDown {
			return true, nil, metricsGone()
		}
		get, ok := action.(testing.GetActionImpl)
		if !ok {
			return false, nil, nil
		}
		for _, m := range c.usage(action.GetNamespace()).Items {
			if m.Name == get.GetName() {
				return true, &m, nil
			}
		}
		return true, nil, apierrors.NewNotFound(metricsv1beta1.Resource("pods"), get.GetName())
	})
}

func metricsGone() error {
	return apierrors.NewServiceUnavailable("the server is currently unable to handle the request (get pods.metrics.k8s.io)")
}

// usage measures every pod of a namespace whose process runs; "" means all namespaces.
func (c *cluster) usage(namespace string) *metricsv1beta1.PodMetricsList {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := &metricsv1beta1.PodMetricsList{}
	now := metav1.NewTime(c.clock.Now())
	for _, p := range c.pods {
		if p.process == nil || namespace != "" && namespace != Namespace {
			continue
		}
		cpu, memory := c.uses(p)
		list.Items = append(list.Items, metricsv1beta1.PodMetrics{
			ObjectMeta: metav1.ObjectMeta{
				Name: p.name, Namespace: Namespace, Labels: p.object.Labels, CreationTimestamp: now,
			},
			Timestamp: now, Window: metav1.Duration{Duration: usageWindow},
			Containers: []metricsv1beta1.ContainerMetrics{{
				Name: p.component.name,
				Usage: corev1.ResourceList{
					corev1.ResourceCPU:    *resource.NewMilliQuantity(cpu, resource.DecimalSI),
					corev1.ResourceMemory: *resource.NewQuantity(memory, resource.BinarySI),
				},
			}},
		})
	}
	return list
}

// uses is a pod's CPU in millicores and memory in bytes. CPU follows the messages that it handles,
// and so does about a third of its memory at normal load.
func (c *cluster) uses(p *pod) (cpu, memory int64) {
	busy := p.process.lately()
	wobble := 1 + 0.02*c.random.NormFloat64()
	millicores := (p.component.cpuIdle + p.component.cpuBusy*busy) * wobble
	mebibytes := p.component.memory * (0.7 + 0.4*busy/p.component.capacity) * wobble
	return int64(max(1, millicores)), int64(max(1, mebibytes) * (1 << 20))
}
