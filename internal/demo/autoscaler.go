package demo

import (
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv2 "k8s.io/api/autoscaling/v2"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

const (
	hpaName          = "download-worker-hpa"
	scaledObjectName = "download-worker-scaler"
	kedaHPAName      = "keda-hpa-" + scaledObjectName
	hpaManager       = "kube-controller-manager"
	// The runbook's own bounds for the autoscaler of the download workers.
	ownedLeast int32 = 4
	ownedMost  int32 = 12
	// hpaEvery is how often an HPA runs. A count outside its bounds lasts until the next run, and
	// so does any count that a metric with a total over an average value does not ask for.
	hpaEvery = 15 * time.Second
	// The wanted count for a metric that is averaged over pods changes with their number, but
	// only after the metrics have followed. So a higher count lasts for the window and that
	// delay, a lower one for the delay.
	hpaWindow  = 5 * time.Minute
	hpaMetrics = 30 * time.Second
)

var (
	scaledObjectResource = schema.GroupVersionResource{Group: "keda.sh", Version: "v1alpha1", Resource: "scaledobjects"}
	// listKinds are the custom resources the API knows.
	listKinds = map[schema.GroupVersionResource]string{
		scaledObjectResource: "ScaledObjectList",
		{Group: "argoproj.io", Version: "v1alpha1", Resource: "rollouts"}:           "RolloutList",
		{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingoperations"}: "ScalingOperationList",
		{Group: "scalebot.dev", Version: "v1alpha1", Resource: "scalingepisodes"}:   "ScalingEpisodeList",
	}
)

// autoscaler owns the replicas of the download workers while the weather says so. It recommends
// the count that it found at the start: the demo is to show how long other people's counts last.
type autoscaler struct {
	kind ownerKind
	// wants is the recommended count, before the bounds.
	wants int32
	// look is when it runs next; moved is since when the count has its present value.
	look, moved time.Time
	count       int32
	// pinned is the count of a pause that KEDA has applied.
	pinned string
}

// autoscale installs, runs or removes the autoscaler.
func (c *cluster) autoscale(weather weather, now time.Time) {
	d := c.deployment(downloadWorker)
	if d == nil {
		return
	}
	if weather.owner != c.autoscaler.kind {
		c.removeAutoscaler()
		c.autoscaler = autoscaler{kind: weather.owner, wants: *d.Spec.Replicas, look: now.Add(hpaEvery)}
		c.installAutoscaler(d, now)
	}
	if c.autoscaler.kind == ownerNone {
		return
	}
	paused := c.autoscaler.kind == ownerKEDA && c.followPause(d, now)
	if !paused {
		c.enforce(d, now)
	}
}

func (c *cluster) removeAutoscaler() {
	c.remove(hpaResource, Namespace, hpaName)
	c.remove(hpaResource, Namespace, kedaHPAName)
	// It exists only if KEDA was the owner.
	_ = c.dynamic.Tracker().Delete(scaledObjectResource, Namespace, scaledObjectName)
}

func (c *cluster) installAutoscaler(d *appsv1.Deployment, now time.Time) {
	switch c.autoscaler.kind {
	case ownerNone:
	case ownerHPA:
		c.put(hpaResource, c.newHPA(d, now))
	case ownerKEDA:
		object := newScaledObject(now)
		c.stamp(object)
		if err := c.dynamic.Tracker().Create(scaledObjectResource, object, Namespace); err != nil {
			c.log.Error("the ScaledObject could not be created", "error", err)
			return
		}
		c.put(hpaResource, c.newKEDAHPA(d, object, now))
	}
}

// enforce checks the count when it is time to, and resets it if somebody has changed it since the
// last check.
func (c *cluster) enforce(d *appsv1.Deployment, now time.Time) {
	hpa := c.autoscalerObject()
	if hpa == nil {
		return
	}
	wants := min(max(c.autoscaler.wants, *hpa.Spec.MinReplicas), hpa.Spec.MaxReplicas)
	if inside := min(max(*d.Spec.Replicas, *hpa.Spec.MinReplicas), hpa.Spec.MaxReplicas); inside != *d.Spec.Replicas {
		wants = inside // it follows its bounds alone before it reads its metrics
	}
	own := *d.Spec.Replicas == wants || c.directionPaused(*d.Spec.Replicas, wants)
	if c.autoscaler.count != *d.Spec.Replicas {
		c.autoscaler.moved, c.autoscaler.count = now, *d.Spec.Replicas
	}
	if now.Before(c.autoscaler.look) {
		return
	}
	c.autoscaler.look = now.Add(hpaEvery)
	if !own && now.Sub(c.autoscaler.moved) >= c.patience(*d.Spec.Replicas, wants, hpa) {
		c.setReplicas(d, wants, hpaManager)
		hpa.Status.LastScaleTime = ptr(metav1.NewTime(now))
		c.record(hpa, "HorizontalPodAutoscaler", corev1.EventTypeNormal, "SuccessfulRescale", "horizontal-pod-autoscaler",
			fmt.Sprintf("New size: %d; reason: %s", wants, rescaleReason(c.autoscaler.kind)))
	}
	c.reportHPA(hpa, d, wants, now)
}

// patience is how long the HPA tolerates a count that is not its own.
func (c *cluster) patience(count, wants int32, hpa *autoscalingv2.HorizontalPodAutoscaler) time.Duration {
	switch {
	case c.autoscaler.kind == ownerKEDA, count > hpa.Spec.MaxReplicas, count < *hpa.Spec.MinReplicas:
		return 0
	case count > wants:
		return hpaWindow + hpaMetrics
	}
	return hpaMetrics
}

func rescaleReason(kind ownerKind) string {
	if kind == ownerKEDA {
		return "external metric s0-kafka-xact-downloads-pending(&LabelSelector{MatchLabels:map[string]string{scaledobject.keda.sh/name: " + scaledObjectName + ",},MatchExpressions:[]LabelSelectorRequirement{},}) is at its target"
	}
	return "cpu resource utilization (percentage of request) is at its target"
}

// autoscalerObject reads the HPA that acts, if it has not been deleted.
func (c *cluster) autoscalerObject() *autoscalingv2.HorizontalPodAutoscaler {
	name := hpaName
	if c.autoscaler.kind == ownerKEDA {
		name = kedaHPAName
	}
	found, err := c.client.Tracker().Get(hpaResource, Namespace, name)
	if err != nil {
		return nil
	}
	hpa, ok := found.(*autoscalingv2.HorizontalPodAutoscaler)
	if !ok || hpa.Spec.MinReplicas == nil {
		return nil
	}
	return hpa
}

// reportHPA writes the HPA's status.
func (c *cluster) reportHPA(hpa *autoscalingv2.HorizontalPodAutoscaler, d *appsv1.Deployment, wants int32, now time.Time) {
	status := hpa.Status.DeepCopy()
	status.CurrentReplicas, status.DesiredReplicas = d.Status.Replicas, wants
	status.ObservedGeneration = &hpa.Generation
	status.CurrentMetrics = []autoscalingv2.MetricStatus{c.currentMetric(d)}
	status.Conditions = hpaConditions(hpa.CreationTimestamp)
	if equality.Semantic.DeepEqual(*status, hpa.Status) {
		return
	}
	hpa.Status = *status
	c.put(hpaResource, hpa)
}

func hpaConditions(since metav1.Time) []autoscalingv2.HorizontalPodAutoscalerCondition {
	condition := func(kind autoscalingv2.HorizontalPodAutoscalerConditionType, value corev1.ConditionStatus, reason, message string) autoscalingv2.HorizontalPodAutoscalerCondition {
		return autoscalingv2.HorizontalPodAutoscalerCondition{Type: kind, Status: value, Reason: reason, Message: message, LastTransitionTime: since}
	}
	return []autoscalingv2.HorizontalPodAutoscalerCondition{
		condition(autoscalingv2.AbleToScale, corev1.ConditionTrue, "ReadyForNewScale", "recommended size matches current size"),
		condition(autoscalingv2.ScalingActive, corev1.ConditionTrue, "ValidMetricFound", "the HPA was able to successfully calculate a replica count"),
		condition(autoscalingv2.ScalingLimited, corev1.ConditionFalse, "DesiredWithinRange", "the desired count is within the acceptable range"),
	}
}

// currentMetric is the present value of the autoscaler's metric.
func (c *cluster) currentMetric(d *appsv1.Deployment) autoscalingv2.MetricStatus {
	if c.autoscaler.kind == ownerKEDA {
		component, _ := lookup(downloadWorker)
		each := c.gauge.measure(component).lag / int64(max(*d.Spec.Replicas, 1))
		return autoscalingv2.MetricStatus{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricStatus{
			Metric:  lagMetric(),
			Current: autoscalingv2.MetricValueStatus{AverageValue: resource.NewQuantity(each, resource.DecimalSI)},
		}}
	}
	var used, requested int64
	for _, p := range c.podsOf(downloadWorker) {
		if p.process != nil {
			cpu, _ := c.uses(p)
			used += cpu
			requested += p.object.Spec.Containers[0].Resources.Requests.Cpu().MilliValue()
		}
	}
	share := int32(100 * used / max(requested, 1))
	return autoscalingv2.MetricStatus{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricStatus{
		Name:    corev1.ResourceCPU,
		Current: autoscalingv2.MetricValueStatus{AverageUtilization: &share, AverageValue: resource.NewMilliQuantity(used/int64(max(*d.Spec.Replicas, 1)), resource.DecimalSI)},
	}}
}

func (c *cluster) newHPA(d *appsv1.Deployment, now time.Time) *autoscalingv2.HorizontalPodAutoscaler {
	target := int32(70)
	return &autoscalingv2.HorizontalPodAutoscaler{
		ObjectMeta: metav1.ObjectMeta{Name: hpaName, Namespace: Namespace, CreationTimestamp: metav1.NewTime(now), Generation: 1},
		Spec: autoscalingv2.HorizontalPodAutoscalerSpec{
			ScaleTargetRef: targetOf(d), MinReplicas: ptr(ownedLeast), MaxReplicas: ownedMost,
			Metrics: []autoscalingv2.MetricSpec{{Type: autoscalingv2.ResourceMetricSourceType, Resource: &autoscalingv2.ResourceMetricSource{
				Name:   corev1.ResourceCPU,
				Target: autoscalingv2.MetricTarget{Type: autoscalingv2.UtilizationMetricType, AverageUtilization: &target},
			}}},
		},
		Status: autoscalingv2.HorizontalPodAutoscalerStatus{CurrentReplicas: *d.Spec.Replicas, DesiredReplicas: *d.Spec.Replicas},
	}
}

func targetOf(d *appsv1.Deployment) autoscalingv2.CrossVersionObjectReference {
	return autoscalingv2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: d.Name}
}

func lagMetric() autoscalingv2.MetricIdentifier {
	return autoscalingv2.MetricIdentifier{
		Name:     "s0-kafka-xact-downloads-pending",
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"scaledobject.keda.sh/name": scaledObjectName}},
	}
}

// newKEDAHPA is the HPA that KEDA manages for a ScaledObject.
func (c *cluster) newKEDAHPA(d *appsv1.Deployment, owner *unstructured.Unstructured, now time.Time) *autoscalingv2.HorizontalPodAutoscaler {
	hpa := c.newHPA(d, now)
	hpa.Name = kedaHPAName
	hpa.Labels = map[string]string{"app.kubernetes.io/managed-by": "keda-operator", "scaledobject.keda.sh/name": scaledObjectName}
	hpa.OwnerReferences = []metav1.OwnerReference{ownedBy("keda.sh/v1alpha1", "ScaledObject", owner)}
	hpa.Spec.Metrics = []autoscalingv2.MetricSpec{{Type: autoscalingv2.ExternalMetricSourceType, External: &autoscalingv2.ExternalMetricSource{
		Metric: lagMetric(),
		Target: autoscalingv2.MetricTarget{Type: autoscalingv2.AverageValueMetricType, AverageValue: resource.NewQuantity(1000, resource.DecimalSI)},
	}}}
	return hpa
}
