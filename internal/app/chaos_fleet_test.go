package app_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
)

const chaosNamespace = "kafka-pipeline"

var podsResource = schema.GroupVersionResource{Version: "v1", Resource: "pods"}

// fleet is the least of a deployment controller: some seconds after a count was written
// as many pods exist, and some seconds later they are ready and in the consumer group.
type fleet struct {
	api *apiServer
	// slow is how long pods take to be ready, by seed.
	slow time.Duration

	mu      sync.Mutex
	members map[string]int // by deployment.
	work    sync.WaitGroup
	made    int
}

// workload are the objects of a deployment that has settled.
func workload(name string, replicas int32) []runtime.Object {
	objects := []runtime.Object{
		&appsv1.Deployment{
			ObjectMeta: metav1.ObjectMeta{
				Name: name, Namespace: chaosNamespace, UID: types.UID(name), ResourceVersion: "1", Labels: map[string]string{"app": name},
				Annotations: map[string]string{"deployment.kubernetes.io/revision": "1"}, Generation: 1,
				ManagedFields: []metav1.ManagedFieldsEntry{{
					Manager: "kubectl-client-side-apply", Operation: metav1.ManagedFieldsOperationUpdate, APIVersion: "apps/v1",
					FieldsType: "FieldsV1", FieldsV1: metav1.NewFieldsV1(`{"f:spec":{"f:replicas":{},"f:template":{}}}`),
				}},
			},
			Spec: appsv1.DeploymentSpec{
				Replicas: &replicas, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": name}},
				Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "worker", Image: name + ":1"}}}},
			},
			Status: appsv1.DeploymentStatus{Replicas: replicas, ReadyReplicas: replicas, UpdatedReplicas: replicas, AvailableReplicas: replicas, ObservedGeneration: 1},
		},
		&appsv1.ReplicaSet{ObjectMeta: ownedBy(metav1.ObjectMeta{
			Name: name + "-1", Namespace: chaosNamespace, UID: types.UID(name + "-1"), Labels: map[string]string{"app": name},
			Annotations:       map[string]string{"deployment.kubernetes.io/revision": "1"},
			CreationTimestamp: metav1.NewTime(time.Now().Add(-24 * time.Hour)),
		}, "Deployment", name)},
	}
	for i := range replicas {
		objects = append(objects, pod(name, fmt.Sprintf("%s-1-%d", name, i), time.Now().Add(-time.Hour), true))
	}
	return objects
}

func ownedBy(m metav1.ObjectMeta, kind, owner string) metav1.ObjectMeta {
	yes := true
	m.OwnerReferences = []metav1.OwnerReference{{Kind: kind, Name: owner, UID: types.UID(owner), Controller: &yes}}
	return m
}

func pod(app, name string, at time.Time, ready bool) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: ownedBy(metav1.ObjectMeta{
			Name: name, Namespace: chaosNamespace, UID: types.UID(name), Labels: map[string]string{"app": app}, CreationTimestamp: metav1.NewTime(at.Truncate(time.Second)),
		}, "ReplicaSet", app+"-1"),
		Spec:   corev1.PodSpec{NodeName: "node-1", Containers: []corev1.Container{{Name: "worker", Image: app + ":1"}}},
		Status: corev1.PodStatus{Phase: corev1.PodPending},
	}
	if ready {
		p.Status.Phase = corev1.PodRunning
		p.Status.Conditions = []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue, LastTransitionTime: metav1.NewTime(time.Now().Truncate(time.Second))}}
	}
	return p
}

// follow brings the pods after a written count, aside.
func (f *fleet) follow(name string) {
	f.work.Go(func() {
		time.Sleep(2 * time.Second)
		f.api.change(func(tracker clienttesting.ObjectTracker) { f.reconcile(tracker, name, false) })
		time.Sleep(f.slow)
		f.api.change(func(tracker clienttesting.ObjectTracker) { f.reconcile(tracker, name, true) })
	})
}

// reconcile makes as many pods as are wanted; with ready, all of them work.
func (f *fleet) reconcile(tracker clienttesting.ObjectTracker, name string, ready bool) {
	object, err := tracker.Get(deploymentsResource, chaosNamespace, name)
	if err != nil {
		panic(err)
	}
	d := object.(*appsv1.Deployment).DeepCopy()
	pods := f.pods(tracker, name)
	for len(pods) > int(*d.Spec.Replicas) {
		last := pods[len(pods)-1]
		if err := tracker.Delete(podsResource, chaosNamespace, last.Name); err != nil {
			panic(err)
		}
		pods = pods[:len(pods)-1]
	}
	for len(pods) < int(*d.Spec.Replicas) {
		f.made++
		p := pod(name, fmt.Sprintf("%s-1-new%d", name, f.made), time.Now(), false)
		if err := tracker.Create(podsResource, p, chaosNamespace); err != nil {
			panic(err)
		}
		pods = append(pods, *p)
	}
	working := int32(0)
	for i := range pods {
		if ready && len(pods[i].Status.Conditions) == 0 {
			p := pod(name, pods[i].Name, pods[i].CreationTimestamp.Time, true)
			if err := tracker.Update(podsResource, p, chaosNamespace); err != nil {
				panic(err)
			}
			pods[i] = *p
		}
		if len(pods[i].Status.Conditions) > 0 {
			working++
		}
	}
	d.Status = appsv1.DeploymentStatus{
		ObservedGeneration: d.Generation, Replicas: int32(len(pods)), UpdatedReplicas: int32(len(pods)), ReadyReplicas: working, AvailableReplicas: working,
	}
	f.api.bump(d)
	if err := tracker.Update(deploymentsResource, d, chaosNamespace); err != nil {
		panic(err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.members[name] = int(working)
}

// pods are the pods of a deployment in the order they were made.
func (f *fleet) pods(tracker clienttesting.ObjectTracker, name string) []corev1.Pod {
	list, err := tracker.List(podsResource, corev1.SchemeGroupVersion.WithKind("Pod"), chaosNamespace)
	if err != nil {
		panic(err)
	}
	var own []corev1.Pod
	for _, p := range list.(*corev1.PodList).Items {
		if p.Labels["app"] == name {
			own = append(own, p)
		}
	}
	slices.SortFunc(own, func(a, b corev1.Pod) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), strings.Compare(a.Name, b.Name))
	})
	return own
}

// consuming is how many members a deployment's consumer group has.
func (f *fleet) consuming(name string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.members[name]
}

// set is another hand at the count, such as kubectl.
func (f *fleet) set(name string, replicas int32, manager string) {
	f.api.change(func(tracker clienttesting.ObjectTracker) {
		object, err := tracker.Get(deploymentsResource, chaosNamespace, name)
		if err != nil {
			panic(err)
		}
		d := object.(*appsv1.Deployment).DeepCopy()
		before := *d.Spec.Replicas
		d.Spec.Replicas = &replicas
		kubetest.ClaimScale(d, manager)
		d.Generation++
		f.api.bump(d)
		if err := tracker.Update(deploymentsResource, d, chaosNamespace); err != nil {
			panic(err)
		}
		f.api.watchme(stored{by: manager, verb: "update", resource: "deployments/scale", object: scaleOf(d), before: before})
	})
}
