package demo

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// revisionAnnotation is where the Deployment controller keeps the revision.
const revisionAnnotation = "deployment.kubernetes.io/revision"

// progressDeadline is how long a rollout may make no progress before that is reported.
const progressDeadline = 10 * time.Minute

// replicaSet is one template of a Deployment.
type replicaSet struct {
	component string
	object    *appsv1.ReplicaSet
	hash      string
	created   time.Time
	// moved is when a rollout to it last made progress.
	moved time.Time
	seen  int
}

func newDeployment(c component, now time.Time) *appsv1.Deployment {
	labels := map[string]string{"app": c.name}
	surge := intstr.FromString("25%")
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{
			Name: c.name, Namespace: Namespace, Labels: labels, Generation: 1,
			CreationTimestamp: metav1.NewTime(now),
		},
		Spec: appsv1.DeploymentSpec{
			Replicas: &c.replicas,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
			Strategy: appsv1.DeploymentStrategy{
				Type:          appsv1.RollingUpdateDeploymentStrategyType,
				RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: &surge, MaxUnavailable: &surge},
			},
			ProgressDeadlineSeconds: ptr(int32(progressDeadline.Seconds())),
			Template:                newTemplate(c, labels),
		},
	}
	d.ManagedFields = []metav1.ManagedFieldsEntry{{
		Manager: "kubectl-client-side-apply", Operation: metav1.ManagedFieldsOperationUpdate,
		APIVersion: "apps/v1", Time: ptr(metav1.NewTime(now)), FieldsType: "FieldsV1",
		FieldsV1: managed(`{"f:metadata":{"f:labels":{}},"f:spec":{"f:replicas":{},"f:selector":{},"f:strategy":{},"f:template":{}}}`),
	}}
	return d
}

func newTemplate(c component, labels map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{
			Labels:      labels,
			Annotations: map[string]string{"prometheus.io/scrape": "true", "prometheus.io/path": "/metrics"},
		},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: ptr(int64(30)),
			Containers: []corev1.Container{{
				Name: c.name, Image: "registry.example.com/xact/" + c.name + ":2.14.3",
				Env: c.env, Resources: c.resources,
				Ports: []corev1.ContainerPort{{Name: "metrics", ContainerPort: 8000, Protocol: corev1.ProtocolTCP}},
			}},
		},
	}
}

// deployment reads a Deployment as it is stored; nil if somebody deleted it.
func (c *cluster) deployment(name string) *appsv1.Deployment {
	found, err := c.client.Tracker().Get(deploymentResource, Namespace, name)
	if err != nil {
		return nil
	}
	d, _ := found.(*appsv1.Deployment)
	return d
}

// roll creates and deletes pods until the Deployment's newest template has the wanted number,
// within the surge of its strategy.
func (c *cluster) roll(component component, now time.Time) error {
	d := c.deployment(component.name)
	if d == nil {
		c.clear(component.name, now)
		return nil
	}
	set, err := c.newestSet(d, now)
	if err != nil {
		return err
	}
	fresh, old := c.split(component.name, set)
	want := int(*d.Spec.Replicas)
	spare := (want + 3) / 4
	for n := len(fresh); n < want && n+len(old) < want+spare*min(len(old), 1); n++ {
		c.createPod(component, set, d.Spec.Template, now)
	}
	for _, p := range surplus(fresh, len(fresh)-want) {
		c.terminate(p, now)
	}
	c.retire(old, ready(fresh), want, now)
	return nil
}

// retire deletes pods of older templates while enough others are ready.
func (c *cluster) retire(old []*pod, ready, want int, now time.Time) {
	serving := ready
	for _, p := range old {
		if p.stage == stageReady {
			serving++
		}
	}
	least := want - want/4
	for _, p := range surplus(old, len(old)) {
		if p.stage == stageReady {
			if serving <= least && ready < want {
				return
			}
			serving--
		}
		c.terminate(p, now)
	}
}

// clear deletes the pods of a Deployment that is gone.
func (c *cluster) clear(name string, now time.Time) {
	for _, p := range c.podsOf(name) {
		c.terminate(p, now)
	}
}

// split separates the pods that are not terminating by whether they are of the set.
func (c *cluster) split(name string, set *replicaSet) (fresh, old []*pod) {
	for _, p := range c.podsOf(name) {
		switch {
		case p.stage == stageTerminating:
		case p.set == set:
			fresh = append(fresh, p)
		default:
			old = append(old, p)
		}
	}
	return fresh, old
}

// surplus picks n pods to delete in the order Kubernetes does: those that do not run,
// those that are not ready, then the youngest.
func surplus(pods []*pod, n int) []*pod {
	if n <= 0 {
		return nil
	}
	sorted := slices.Clone(pods)
	slices.SortStableFunc(sorted, func(a, b *pod) int {
		if a.stage != b.stage {
			return int(a.stage) - int(b.stage)
		}
		return b.created.Compare(a.created)
	})
	return sorted[:min(n, len(sorted))]
}

func ready(pods []*pod) int {
	n := 0
	for _, p := range pods {
		if p.stage == stageReady {
			n++
		}
	}
	return n
}

// newestSet is the ReplicaSet of the Deployment's present template. A template that was used
// before gets its old ReplicaSet again, under a new revision.
func (c *cluster) newestSet(d *appsv1.Deployment, now time.Time) (*replicaSet, error) {
	hash, err := c.hashOf(d)
	if err != nil {
		return nil, err
	}
	name := d.Name + "-" + hash
	set, ok := c.sets[name]
	if ok && set.object.Annotations[revisionAnnotation] == d.Annotations[revisionAnnotation] {
		return set, nil
	}
	if !ok {
		set = &replicaSet{component: d.Name, hash: hash, created: now, object: newReplicaSet(d, name, hash, now)}
		c.sets[name] = set
	}
	set.moved = now
	previous, _ := strconv.Atoi(d.Annotations[revisionAnnotation])
	revision := map[string]string{revisionAnnotation: strconv.Itoa(previous + 1)}
	set.object.Annotations = revision
	c.put(replicaSetResource, set.object)
	d.Annotations = merged(d.Annotations, revision)
	c.put(deploymentResource, d)
	c.dropOldSets(d)
	return set, nil
}

// mostSets is how many ReplicaSets without pods a Deployment keeps.
const mostSets = 10

func (c *cluster) dropOldSets(d *appsv1.Deployment) {
	var names []string
	for name, set := range c.sets {
		if set.component == d.Name {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return c.sets[a].moved.Compare(c.sets[b].moved) })
	for _, name := range names[:max(0, len(names)-mostSets-1)] {
		if !slices.ContainsFunc(c.pods, func(p *pod) bool { return p.set == c.sets[name] }) {
			delete(c.sets, name)
			c.remove(replicaSetResource, Namespace, name)
		}
	}
}

func newReplicaSet(d *appsv1.Deployment, name, hash string, now time.Time) *appsv1.ReplicaSet {
	labels := map[string]string{"app": d.Name, appsv1.DefaultDeploymentUniqueLabelKey: hash}
	template := *d.Spec.Template.DeepCopy()
	template.Labels = merged(template.Labels, labels)
	return &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: Namespace, Labels: labels, CreationTimestamp: metav1.NewTime(now), Generation: 1,
			OwnerReferences: []metav1.OwnerReference{ownedBy("apps/v1", "Deployment", d)},
		},
		Spec: appsv1.ReplicaSetSpec{
			Replicas: ptr(*d.Spec.Replicas), Template: template,
			Selector: &metav1.LabelSelector{MatchLabels: labels},
		},
	}
}

// report writes the counts of a Deployment and its ReplicaSets when they changed.
func (c *cluster) report(component component, now time.Time) {
	d := c.deployment(component.name)
	if d == nil {
		return
	}
	hash, err := c.hashOf(d)
	set := c.sets[d.Name+"-"+hash]
	if err != nil || set == nil {
		return
	}
	c.reportSets(d, set)
	fresh, old := c.split(d.Name, set)
	status := d.Status.DeepCopy()
	status.ObservedGeneration = d.Generation
	status.Replicas = int32(len(fresh) + len(old))
	status.UpdatedReplicas = int32(len(fresh))
	status.ReadyReplicas = int32(ready(fresh) + ready(old))
	status.AvailableReplicas = status.ReadyReplicas
	status.UnavailableReplicas = max(0, *d.Spec.Replicas-status.AvailableReplicas)
	if n := ready(fresh); n != set.seen {
		set.seen, set.moved = n, now
	}
	least := *d.Spec.Replicas - *d.Spec.Replicas/4
	setConditions(status, set, len(old) > 0, status.AvailableReplicas >= least, now)
	if !equality.Semantic.DeepEqual(*status, d.Status) {
		d.Status = *status
		c.put(deploymentResource, d)
	}
}

func (c *cluster) reportSets(d *appsv1.Deployment, newest *replicaSet) {
	for _, set := range c.sets {
		if set.component != d.Name {
			continue
		}
		own, _ := c.split(d.Name, set)
		want := int32(len(own))
		if set == newest {
			want = *d.Spec.Replicas
		}
		status := appsv1.ReplicaSetStatus{
			Replicas: int32(len(own)), FullyLabeledReplicas: int32(len(own)),
			ReadyReplicas: int32(ready(own)), AvailableReplicas: int32(ready(own)), ObservedGeneration: 1,
		}
		if equality.Semantic.DeepEqual(status, set.object.Status) && *set.object.Spec.Replicas == want {
			continue
		}
		if before := *set.object.Spec.Replicas; before != want {
			c.record(d, "Deployment", corev1.EventTypeNormal, "ScalingReplicaSet", "deployment-controller",
				fmt.Sprintf("Scaled %s replica set %s from %d to %d", upOrDown(before, want), set.object.Name, before, want))
		}
		set.object.Spec.Replicas, set.object.Status = &want, status
		c.put(replicaSetResource, set.object)
	}
}

func upOrDown(before, after int32) string {
	if after < before {
		return "down"
	}
	return "up"
}

// setConditions sets whether the Deployment is available and makes progress.
func setConditions(status *appsv1.DeploymentStatus, set *replicaSet, rolling, available bool, now time.Time) {
	if available {
		setCondition(status, appsv1.DeploymentAvailable, corev1.ConditionTrue, "MinimumReplicasAvailable", "Deployment has minimum availability.", now)
	} else {
		setCondition(status, appsv1.DeploymentAvailable, corev1.ConditionFalse, "MinimumReplicasUnavailable", "Deployment does not have minimum availability.", now)
	}
	name := strconv.Quote(set.object.Name)
	switch {
	case !rolling:
		setCondition(status, appsv1.DeploymentProgressing, corev1.ConditionTrue, "NewReplicaSetAvailable", "ReplicaSet "+name+" has successfully progressed.", now)
	case now.Sub(set.moved) > progressDeadline:
		setCondition(status, appsv1.DeploymentProgressing, corev1.ConditionFalse, "ProgressDeadlineExceeded", "ReplicaSet "+name+" has timed out progressing.", now)
	default:
		setCondition(status, appsv1.DeploymentProgressing, corev1.ConditionTrue, "ReplicaSetUpdated", "ReplicaSet "+name+" is progressing.", now)
	}
}

func setCondition(status *appsv1.DeploymentStatus, kind appsv1.DeploymentConditionType, value corev1.ConditionStatus, reason, message string, now time.Time) {
	i := slices.IndexFunc(status.Conditions, func(c appsv1.DeploymentCondition) bool { return c.Type == kind })
	if i < 0 {
		status.Conditions = append(status.Conditions, appsv1.DeploymentCondition{Type: kind})
		i = len(status.Conditions) - 1
	}
	condition := &status.Conditions[i]
	if condition.Status != value {
		condition.Status, condition.LastTransitionTime = value, metav1.NewTime(now)
	}
	if condition.Reason != reason {
		condition.Reason, condition.Message, condition.LastUpdateTime = reason, message, metav1.NewTime(now)
	}
}

// hashed is the hash of the template that a version of a Deployment has.
type hashed struct{ version, hash string }

// hashOf is the hash of a Deployment's template. The controllers need it in every round, so it is
// cached by the Deployment's resource version, which every write changes.
func (c *cluster) hashOf(d *appsv1.Deployment) (string, error) {
	if known := c.hashes[d.Name]; known.version == d.ResourceVersion && known.version != "" {
		return known.hash, nil
	}
	hash, err := templateHash(d.Spec.Template)
	if err != nil {
		return "", fmt.Errorf("hashing the template of %s: %w", d.Name, err)
	}
	c.hashes[d.Name] = hashed{d.ResourceVersion, hash}
	return hash, nil
}

func templateHash(template corev1.PodTemplateSpec) (string, error) {
	raw, err := json.Marshal(template)
	if err != nil {
		return "", err
	}
	sum := fnv.New32a()
	_, _ = sum.Write(raw) // a hash never returns an error
	return strconv.FormatUint(uint64(sum.Sum32()), 36), nil
}
