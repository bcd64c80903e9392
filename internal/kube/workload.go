package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// revisionAnnotation tells which ReplicaSet belongs to the newest template.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// Workload reads the deployment, its newest ReplicaSet and its pods with their
// troubles.
func (c *Cluster) Workload(ctx context.Context, component scale.Component) scale.Reading[scale.Workload] {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	doing := "reading deployment " + component.Deployment
	d, err := c.Kubernetes.AppsV1().Deployments(component.Namespace).Get(ctx, component.Deployment, metav1.GetOptions{})
	if err != nil {
		return unknown[scale.Workload](doing, err, c.Clock.Now(), source)
	}
	w := describe(d, component)
	// The deployment's own selector, and not the runbook's: a mistake there would show as
	// a workload without pods.
	selector := metav1.FormatLabelSelector(d.Spec.Selector)
	sets, err := c.Kubernetes.AppsV1().ReplicaSets(component.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return unknown[scale.Workload]("reading the ReplicaSets of "+component.Deployment, err, c.Clock.Now(), source)
	}
	pods, err := c.Kubernetes.CoreV1().Pods(component.Namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return unknown[scale.Workload]("reading the pods of "+component.Deployment, err, c.Clock.Now(), source)
	}
	mine := ownedSets(d, sets.Items)
	current := currentSet(d, mine)
	w.describeRollout(current, mine)
	w.Pods = podsOf(pods.Items, mine, current, component)
	c.explain(ctx, component, &w.Workload, current)
	return scale.Known(w.Workload, c.Clock.Now(), source)
}

// workload is a scale.Workload being put together.
type workload struct{ scale.Workload }

// describe is what the deployment alone tells.
func describe(d *appsv1.Deployment, component scale.Component) *workload {
	w := &workload{scale.Workload{
		Namespace: d.Namespace, Name: d.Name, UID: string(d.UID), ResourceVersion: d.ResourceVersion, Desired: desired(d),
		Ready: int(d.Status.ReadyReplicas), Updated: int(d.Status.UpdatedReplicas), Available: int(d.Status.AvailableReplicas),
		Observed: d.Status.ObservedGeneration >= d.Generation, Revision: d.Annotations[revisionAnnotation],
	}}
	w.ReplicasBy, w.ReplicasAt = replicasManager(d.ManagedFields)
	if container := containerOf(d.Spec.Template.Spec.Containers, component.Container); container != nil {
		w.Image, w.Env = container.Image, tuning(container.Env)
	}
	w.Requests, w.Limits = bounds(d.Spec.Template.Spec.Containers)
	for _, condition := range d.Status.Conditions {
		w.stuckOn(condition)
	}
	return w
}

// desired is the wanted count; the API server's default is one.
func desired(d *appsv1.Deployment) int {
	if d.Spec.Replicas == nil {
		return 1
	}
	return int(*d.Spec.Replicas)
}

// stuckOn notes what the deployment controller says it cannot do.
func (w *workload) stuckOn(condition appsv1.DeploymentCondition) {
	failed := condition.Type == appsv1.DeploymentReplicaFailure && condition.Status == corev1.ConditionTrue
	late := condition.Type == appsv1.DeploymentProgressing && condition.Status == corev1.ConditionFalse
	if (failed || late) && w.StuckCause != scale.CauseQuota {
		w.Stuck, w.StuckCause = condition.Message, causeOf(condition.Message)
	}
}

func ownedSets(d *appsv1.Deployment, sets []appsv1.ReplicaSet) []appsv1.ReplicaSet {
	return slices.DeleteFunc(slices.Clone(sets), func(s appsv1.ReplicaSet) bool {
		owner := metav1.GetControllerOf(&s)
		return owner == nil || owner.UID != d.UID
	})
}

// currentSet is the ReplicaSet of the newest template: the one with the deployment's
// revision, or the newest revision while the annotation has not caught up.
func currentSet(d *appsv1.Deployment, sets []appsv1.ReplicaSet) *appsv1.ReplicaSet {
	if len(sets) == 0 {
		return nil
	}
	for i := range sets {
		if r := d.Annotations[revisionAnnotation]; r != "" && sets[i].Annotations[revisionAnnotation] == r {
			return &sets[i]
		}
	}
	newest := slices.MaxFunc(sets, func(a, b appsv1.ReplicaSet) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	return &newest
}

// describeRollout tells when the newest template was rolled out and whether an older
// one still has pods (T-37).
func (w *workload) describeRollout(current *appsv1.ReplicaSet, sets []appsv1.ReplicaSet) {
	if current == nil {
		return
	}
	w.RolledAt = current.CreationTimestamp.Time
	for _, s := range sets {
		if s.UID != current.UID && (s.Status.Replicas > 0 || s.Spec.Replicas != nil && *s.Spec.Replicas > 0) {
			w.Rolling = true
		}
	}
}

// containerOf is the named container, or the first one.
func containerOf(containers []corev1.Container, name string) *corev1.Container {
	for i := range containers {
		if containers[i].Name == name || name == "" {
			return &containers[i]
		}
	}
	return nil
}

// tuned are the variables the runbook speaks of; nothing else of the environment is
// read, because it may hold secrets.
var tuned = []string{
	"DOWNLOAD_CONCURRENCY", "BATCH_SIZE", "BATCH_TIMEOUT_SECONDS", "KAFKA_MAX_POLL_RECORDS", "KAFKA_FETCH_MIN_BYTES",
	"KAFKA_FETCH_MAX_WAIT_MS", "KAFKA_MAX_POLL_INTERVAL_MS", "KAFKA_SESSION_TIMEOUT_MS",
}

func tuning(env []corev1.EnvVar) map[string]string {
	values := map[string]string{}
	for _, e := range env {
		if slices.Contains(tuned, e.Name) && e.ValueFrom == nil {
			values[e.Name] = e.Value
		}
	}
	return values
}

// bounds are the requests and limits of one pod. A bound that one container lacks is
// not set for the pod.
func bounds(containers []corev1.Container) (requests, limits scale.Resources) {
	sum := func(name corev1.ResourceName, of func(corev1.Container) corev1.ResourceList, milli bool) int64 {
		total := int64(0)
		for _, container := range containers {
			q, ok := of(container)[name]
			switch {
			case !ok:
				return 0
			case milli:
				total += q.MilliValue()
			default:
				total += q.Value()
			}
		}
		return total
	}
	requested := func(c corev1.Container) corev1.ResourceList { return c.Resources.Requests }
	limited := func(c corev1.Container) corev1.ResourceList { return c.Resources.Limits }
	requests = scale.Resources{CPU: sum(corev1.ResourceCPU, requested, true), Memory: sum(corev1.ResourceMemory, requested, false)}
	limits = scale.Resources{CPU: sum(corev1.ResourceCPU, limited, true), Memory: sum(corev1.ResourceMemory, limited, false)}
	return requests, limits
}

// kubectlName is how people name the deployment on the command line.
func kubectlName(component scale.Component) string {
	return fmt.Sprintf("deployment %s in namespace %s", component.Deployment, component.Namespace)
}
