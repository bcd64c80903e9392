package kube

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// revisionAnnotation tells which ReplicaSet belongs to the newest template.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// Workloads reads many workloads at once: their deployments, newest ReplicaSets, and pods with
// their problems. The answer has an entry for every component. Objects that several components
// need are requested once, and nothing is cached.
func (c *Cluster) Workloads(ctx context.Context, components []scale.Component) map[string]scale.Reading[scale.Workload] {
	return gather(shares(components), func(share []scale.Component) map[string]scale.Reading[scale.Workload] {
		s, at := c.newSurvey(share), c.Clock.Now()
		if doing, err := s.read(ctx); err != nil {
			return everyone(share, api.Unknown[scale.Workload](doing, err, at, source))
		}
		all := make(map[string]scale.Reading[scale.Workload], len(share))
		for _, f := range s.found {
			all[f.component.Name] = f.reading(at)
		}
		return all
	})
}

// Workload is Workloads of one component.
func (c *Cluster) Workload(ctx context.Context, component scale.Component) scale.Reading[scale.Workload] {
	return c.Workloads(ctx, []scale.Component{component})[component.Name]
}

// finding is a workload that is still being read.
type finding struct {
	scale.Workload
	component scale.Component
	// missing is the error that there is no such deployment; instead names an object of another
	// kind with that name.
	missing error
	instead string
	sets    []replicaSet
	current *replicaSet
	next    *nextPod
}

func (f *finding) reading(at time.Time) scale.Reading[scale.Workload] {
	if f.instead != "" {
		return scale.Unknown[scale.Workload](f.instead, at, source)
	}
	if f.missing != nil {
		return api.Unknown[scale.Workload](doingDeployment(f.component.Deployment), f.missing, at, source)
	}
	slices.SortFunc(f.Pods, func(a, b scale.Pod) int { return strings.Compare(a.Name, b.Name) })
	f.describeNext()
	return scale.Known(f.Workload, at, source)
}

// describeNext notes what one more pod requests and its limits.
func (f *finding) describeNext() {
	b := podBounds(&f.next.Pod)
	f.Requests, f.Limits, f.Template = b.Requests, b.Limits, f.next
	if container := containerOf(f.next.Spec.Containers, f.component.Container); container != nil {
		f.Worker = within(boundsOf(&container.Resources), boundsOf(f.next.Spec.Resources))
	}
}

// describe notes what the Deployment alone shows.
func (f *finding) describe(d *appsv1.Deployment) {
	f.Workload = scale.Workload{
		Namespace: d.Namespace, Name: d.Name, UID: string(d.UID), ResourceVersion: d.ResourceVersion, Generation: d.Generation, Paused: d.Spec.Paused, Desired: desired(d),
		Ready: int(d.Status.ReadyReplicas), Updated: int(d.Status.UpdatedReplicas), Available: int(d.Status.AvailableReplicas),
		Observed: d.Status.ObservedGeneration >= d.Generation, Revision: d.Annotations[revisionAnnotation],
	}
	f.ReplicasBy = replicasManager(d.ManagedFields)
	f.Selector = metav1.FormatLabelSelector(d.Spec.Selector)
	if container := containerOf(d.Spec.Template.Spec.Containers, f.component.Container); container != nil {
		f.Image, f.Env = container.Image, tuning(container.Env)
	}
	f.next = nextOf(d.Namespace, &d.Spec.Template)
	for _, condition := range d.Status.Conditions {
		f.stuckOn(condition)
	}
}

// desired is the wanted count; the API server's default is one.
func desired(d *appsv1.Deployment) int {
	if d.Spec.Replicas == nil {
		return 1
	}
	return int(*d.Spec.Replicas)
}

// stuckOn notes a failure that the deployment controller reports.
func (f *finding) stuckOn(condition appsv1.DeploymentCondition) {
	failed := condition.Type == appsv1.DeploymentReplicaFailure && condition.Status == corev1.ConditionTrue
	late := condition.Type == appsv1.DeploymentProgressing && condition.Status == corev1.ConditionFalse
	if (failed || late) && f.StuckCause != scale.CauseQuota {
		f.Stuck, f.StuckCause = condition.Message, causeOf(condition.Message)
	}
}

// replicaSet is the used part of a ReplicaSet.
type replicaSet struct {
	uid            types.UID
	name, revision string
	created        time.Time
	// populated says that it has pods, or wants some.
	populated bool
	// failure is why it cannot make or delete pods now; empty when it can.
	failure string
}

func replicaSetOf(s *appsv1.ReplicaSet) replicaSet {
	of := replicaSet{
		uid: s.UID, name: s.Name, revision: s.Annotations[revisionAnnotation], created: s.CreationTimestamp.Time,
		populated: s.Status.Replicas > 0 || s.Spec.Replicas != nil && *s.Spec.Replicas > 0,
	}
	for _, condition := range s.Status.Conditions {
		if condition.Type == appsv1.ReplicaSetReplicaFailure && condition.Status == corev1.ConditionTrue {
			of.failure = condition.Message
		}
	}
	return of
}

// currentSet is the ReplicaSet of the newest template: the one with the deployment's revision, or
// the newest one while the deployment's annotation is behind.
func (f *finding) currentSet() *replicaSet {
	if len(f.sets) == 0 {
		return nil
	}
	for i := range f.sets {
		if f.Revision != "" && f.sets[i].revision == f.Revision {
			return &f.sets[i]
		}
	}
	newest := slices.MaxFunc(f.sets, func(a, b replicaSet) int {
		return cmp.Or(a.created.Compare(b.created), strings.Compare(a.name, b.name))
	})
	return &newest
}

// describeRollout notes when the newest template was rolled out and whether an older one still
// has pods (T-37).
func (f *finding) describeRollout() {
	f.current = f.currentSet()
	if f.current == nil {
		return
	}
	f.RolledAt = f.current.created
	if f.Stuck == "" && f.current.failure != "" {
		// The condition of a paused Deployment does not show a ReplicaSet's failure.
		f.Stuck, f.StuckCause = f.current.failure, causeOf(f.current.failure)
	}
	for _, s := range f.sets {
		if s.uid != f.current.uid && s.populated {
			f.Rolling = true
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

// tuned are the environment variables that the runbook refers to. No other variable is read,
// because it may hold a secret.
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

// kubectlName is how people name the deployment on the command line.
func kubectlName(component scale.Component) string {
	return fmt.Sprintf("deployment %s in namespace %s", component.Deployment, component.Namespace)
}
