package demo

import (
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// stage is how far a pod has started. The order is the one in which Kubernetes prefers to delete
// pods.
type stage int

const (
	stagePending stage = iota
	stagePulling
	stagePullFailed
	stagePullBackOff
	stageStarting
	stageReady
	stageTerminating
)

// host is the address of every pod; each pod has its own port.
const host = "127.0.0.1"

const (
	// From being scheduled a pod takes startLeast to startMost until it is ready,
	// which is the runbook's 30–60 s; pulling its image is the first part of that.
	startLeast = 30 * time.Second
	startMost  = 58 * time.Second
	pullLeast  = 4 * time.Second
	pullMost   = 12 * time.Second
	// A pull that failed is tried again after pullAgain; in between the pod waits.
	pullAgain  = 40 * time.Second
	pullNotice = 10 * time.Second
	// A deleted pod is gone after stopLeast to stopMost.
	stopLeast = 3 * time.Second
	stopMost  = 10 * time.Second
)

// pod is one pod and what its kubelet knows of it.
type pod struct {
	component component
	set       *replicaSet
	object    *corev1.Pod
	name      string
	stage     stage
	created   time.Time
	node      *node
	// next is when the stage may change.
	next time.Time
	// readyIn is how long the container takes from its start to readiness.
	readyIn  time.Duration
	process  *process
	exporter *exporter
}

// podsOf lists a component's pods, oldest first.
func (c *cluster) podsOf(name string) []*pod {
	var pods []*pod
	for _, p := range c.pods {
		if p.component.name == name {
			pods = append(pods, p)
		}
	}
	return pods
}

func (c *cluster) createPod(component component, set *replicaSet, template corev1.PodTemplateSpec, now time.Time) {
	labels := merged(template.Labels, set.object.Labels)
	p := &pod{
		component: component, set: set, created: now, next: now,
		name: set.object.Name + "-" + c.suffix(5),
	}
	p.object = &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Name: p.name, GenerateName: set.object.Name + "-", Namespace: Namespace, Labels: labels,
			Annotations: merged(template.Annotations, nil), CreationTimestamp: metav1.NewTime(now),
			OwnerReferences: []metav1.OwnerReference{ownedBy("apps/v1", "ReplicaSet", set.object)},
		},
		Spec:   *template.Spec.DeepCopy(),
		Status: corev1.PodStatus{Phase: corev1.PodPending, QOSClass: corev1.PodQOSBurstable},
	}
	c.pods = append(c.pods, p)
	c.publish(p)
	c.record(set.object, "ReplicaSet", corev1.EventTypeNormal, "SuccessfulCreate", "replicaset-controller", "Created pod: "+p.name)
}

// publish stores a pod's present state in the API.
func (c *cluster) publish(p *pod) { c.put(podResource, p.object) }

// step advances a pod as far as the time allows.
func (c *cluster) step(p *pod, weather weather, now time.Time) error {
	if now.Before(p.next) {
		return nil
	}
	switch p.stage {
	case stagePending:
		c.schedule(p, now)
	case stagePulling, stagePullBackOff:
		c.pull(p, weather, now)
	case stagePullFailed:
		c.backOff(p, now)
	case stageStarting:
		return c.becomeReady(p, now)
	case stageReady:
	case stageTerminating:
		c.forget(p)
	}
	return nil
}

// pull ends an image pull: either the container starts or the registry has refused.
func (c *cluster) pull(p *pod, weather weather, now time.Time) {
	image := p.object.Spec.Containers[0].Image
	if weather.badImage {
		why := fmt.Sprintf("Failed to pull image %q: rpc error: code = NotFound desc = failed to pull and unpack image %q: not found", image, image)
		p.stage, p.next = stagePullFailed, now.Add(pullNotice)
		c.wait(p, "ErrImagePull", why)
		c.podEvent(p, corev1.EventTypeWarning, "Failed", why)
		c.podEvent(p, corev1.EventTypeWarning, "Failed", "Error: ErrImagePull")
		return
	}
	p.stage, p.next = stageStarting, now.Add(p.readyIn)
	p.object.Status.Phase = corev1.PodRunning
	started := metav1.NewTime(now)
	p.setContainer(corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: started}}, false)
	c.publish(p)
	c.podEvent(p, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Successfully pulled image %q", image))
	c.podEvent(p, corev1.EventTypeNormal, "Started", "Started container "+p.component.name)
}

// backOff makes the pod wait between two pulls.
func (c *cluster) backOff(p *pod, now time.Time) {
	image := p.object.Spec.Containers[0].Image
	p.stage, p.next = stagePullBackOff, now.Add(pullAgain)
	c.wait(p, "ImagePullBackOff", fmt.Sprintf("Back-off pulling image %q", image))
	c.podEvent(p, corev1.EventTypeNormal, "BackOff", fmt.Sprintf("Back-off pulling image %q", image))
	c.podEvent(p, corev1.EventTypeWarning, "Failed", "Error: ImagePullBackOff")
}

// wait sets the reason for which the pod's container is waiting.
func (c *cluster) wait(p *pod, reason, message string) {
	p.setContainer(corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason, Message: message}}, false)
	c.publish(p)
}

// becomeReady starts the pod's process: it joins its group and serves its metrics.
func (c *cluster) becomeReady(p *pod, now time.Time) error {
	if err := c.startProcess(p); err != nil {
		p.next = now.Add(pullAgain)
		return err
	}
	p.stage = stageReady
	p.object.Annotations["prometheus.io/port"] = p.exporter.port()
	p.object.Status.Phase = corev1.PodRunning
	p.object.Status.PodIP, p.object.Status.HostIP = host, host
	p.object.Status.PodIPs = []corev1.PodIP{{IP: host}}
	p.setContainer(corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.NewTime(now.Add(-p.readyIn))}}, true)
	p.setCondition(corev1.ContainersReady, corev1.ConditionTrue, "", "", now)
	p.setCondition(corev1.PodReady, corev1.ConditionTrue, "", "", now)
	c.publish(p)
	return nil
}

func (c *cluster) startProcess(p *pod) error {
	listener, err := c.listen(host)
	if err != nil {
		return fmt.Errorf("opening the metrics port of %s: %w", p.name, err)
	}
	running, err := c.process(p.component, p.name, c.random.Uint64())
	if err != nil {
		_ = listener.Close()
		return err
	}
	p.process, p.exporter = running, newExporter(listener, running.meters, c.climate)
	for _, w := range running.workers {
		c.spawn(w.run)
	}
	c.spawn(p.exporter.serve)
	return nil
}

// halt ends the pod's process.
func (p *pod) halt() {
	if p.process == nil {
		return
	}
	p.process.stop()
	p.exporter.close()
	p.process, p.exporter = nil, nil
}

// terminate begins to delete a pod: its process ends at once, and the pod disappears a little
// later.
func (c *cluster) terminate(p *pod, now time.Time) {
	if p.stage == stageTerminating {
		return
	}
	started := p.stage >= stageStarting
	p.halt()
	p.stage, p.next = stageTerminating, now
	if started {
		p.next = now.Add(c.between(stopLeast, stopMost))
		c.podEvent(p, corev1.EventTypeNormal, "Killing", "Stopping container "+p.component.name)
	}
	deletion := metav1.NewTime(now.Add(30 * time.Second))
	p.object.DeletionTimestamp, p.object.DeletionGracePeriodSeconds = &deletion, ptr(int64(30))
	p.setCondition(corev1.PodReady, corev1.ConditionFalse, "PodTerminating", "", now)
	c.publish(p)
	c.record(p.set.object, "ReplicaSet", corev1.EventTypeNormal, "SuccessfulDelete", "replicaset-controller", "Deleted pod: "+p.name)
}

// forget removes a pod that has ended.
func (c *cluster) forget(p *pod) {
	c.remove(podResource, Namespace, p.name)
	kept := c.pods[:0:0]
	for _, other := range c.pods {
		if other != p {
			kept = append(kept, other)
		}
	}
	c.pods = kept
}

func (p *pod) setContainer(state corev1.ContainerState, ready bool) {
	container := p.object.Spec.Containers[0]
	p.object.Status.ContainerStatuses = []corev1.ContainerStatus{{
		Name: container.Name, Image: container.Image, State: state, Ready: ready, Started: &ready,
	}}
}

func (p *pod) setCondition(kind corev1.PodConditionType, value corev1.ConditionStatus, reason, message string, now time.Time) {
	for i := range p.object.Status.Conditions {
		if condition := &p.object.Status.Conditions[i]; condition.Type == kind {
			if condition.Status != value {
				condition.LastTransitionTime = metav1.NewTime(now)
			}
			condition.Status, condition.Reason, condition.Message = value, reason, message
			return
		}
	}
	p.object.Status.Conditions = append(p.object.Status.Conditions, corev1.PodCondition{
		Type: kind, Status: value, Reason: reason, Message: message, LastTransitionTime: metav1.NewTime(now),
	})
}

// shows is the status that kubectl prints for the pod.
func (p *pod) shows() string {
	switch p.stage {
	case stagePending:
		return "Pending"
	case stagePulling:
		return "ContainerCreating"
	case stagePullFailed:
		return "ErrImagePull"
	case stagePullBackOff:
		return "ImagePullBackOff"
	case stageTerminating:
		return "Terminating"
	default:
		return "Running"
	}
}

// state counts a component's pods for GET /world/state.
func (c *cluster) state(component component) ComponentState {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := ComponentState{Pods: []Pod{}}
	if d := c.deployment(component.name); d != nil {
		s.Replicas = int(*d.Spec.Replicas)
	}
	for _, p := range c.podsOf(component.name) {
		ready := p.stage == stageReady
		s.Pods = append(s.Pods, Pod{Name: p.name, Phase: p.shows(), Ready: ready})
		if ready {
			s.Ready++
		}
	}
	return s
}
