package kube

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// survey reads the workloads of some components of one namespace. It reads Deployments first,
// then ReplicaSets, then pods. So the owner of each object is already known, and objects of
// others are dropped at once.
type survey struct {
	*Cluster
	namespace string
	found     []*finding
	// byName, byUID and bySet find the workloads by a Deployment's name, its uid, and
	// the uid of one of its ReplicaSets.
	byName map[string][]*finding
	byUID  map[types.UID][]*finding
	bySet  map[types.UID][]*finding
}

func (c *Cluster) newSurvey(share []scale.Component) *survey {
	s := &survey{Cluster: c, namespace: share[0].Namespace, byName: map[string][]*finding{}}
	for _, component := range share {
		f := &finding{component: component}
		s.found = append(s.found, f)
		s.byName[component.Deployment] = append(s.byName[component.Deployment], f)
	}
	return s
}

// read fills in everything in this order. If it returns an error, doing says what could not be
// read, and none of the workloads is known.
func (s *survey) read(ctx context.Context) (doing string, err error) {
	options, doing, err := s.deployments(ctx)
	if err != nil {
		return doing, err
	}
	for _, f := range s.found {
		if f.missing != nil {
			f.instead = s.instead(ctx, f.component)
		}
	}
	if len(s.byUID) == 0 {
		return "", nil
	}
	if err := api.Pages(ctx, s.Timeout, s.Kubernetes.AppsV1().ReplicaSets(s.namespace).List, options, s.noSets, s.addSets); err != nil {
		return "reading the ReplicaSets of " + s.name(), err
	}
	for _, f := range s.found {
		f.describeRollout()
	}
	if err := api.Pages(ctx, s.Timeout, s.Kubernetes.CoreV1().Pods(s.namespace).List, options, s.noPods, s.addPods); err != nil {
		return "reading the pods of " + s.name(), err
	}
	s.explain(ctx)
	return "", nil
}

// name names, for people, the deployment or namespace that is read.
func (s *survey) name() string {
	if len(s.found) == 1 {
		return s.found[0].component.Deployment
	}
	return s.namespace
}

// deployments reads one Deployment by its name, or all of the namespace, and returns how to list
// what belongs to them.
func (s *survey) deployments(ctx context.Context) (options metav1.ListOptions, doing string, err error) {
	client := s.Kubernetes.AppsV1().Deployments(s.namespace)
	if len(s.found) > 1 {
		err = api.Pages(ctx, s.Timeout, client.List, options, s.noDeployments, s.addDeployments)
		return options, "reading the deployments of " + s.namespace, err
	}
	s.noDeployments()
	ctx, cancel := s.deadline(ctx)
	defer cancel()
	began := time.Now()
	d, err := client.Get(ctx, s.name(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		s.found[0].missing = err
		return options, "", nil
	case err != nil:
		return options, doingDeployment(s.name()), err
	}
	s.Cluster.deployments.put(d, began)
	s.addDeployment(d)
	// Use the deployment's own selector, not the runbook's: a mistake there would show as a
	// workload without pods.
	options.LabelSelector = metav1.FormatLabelSelector(d.Spec.Selector)
	return options, "", nil
}

func doingDeployment(name string) string { return "reading deployment " + name }

func (s *survey) noDeployments() {
	s.byUID = map[types.UID][]*finding{}
	for _, f := range s.found {
		f.Workload = scale.Workload{}
		f.missing = apierrors.NewNotFound(appsv1.Resource("deployments"), f.component.Deployment)
	}
}

func (s *survey) addDeployments(list *appsv1.DeploymentList) {
	for i := range list.Items {
		s.addDeployment(&list.Items[i])
	}
}

func (s *survey) addDeployment(d *appsv1.Deployment) {
	for _, f := range s.byName[d.Name] {
		f.missing = nil
		f.describe(d)
		s.byUID[d.UID] = append(s.byUID[d.UID], f)
	}
}

func (s *survey) noSets() {
	s.bySet = map[types.UID][]*finding{}
	for _, f := range s.found {
		f.sets = nil
	}
}

func (s *survey) addSets(list *appsv1.ReplicaSetList) {
	for i := range list.Items {
		set := &list.Items[i]
		owner := metav1.GetControllerOfNoCopy(set)
		if owner == nil {
			continue
		}
		for _, f := range s.byUID[owner.UID] {
			f.sets = append(f.sets, replicaSetOf(set))
			s.bySet[set.UID] = append(s.bySet[set.UID], f)
		}
	}
}

func (s *survey) noPods() {
	for _, f := range s.found {
		f.Pods = nil
	}
}

func (s *survey) addPods(list *corev1.PodList) {
	for i := range list.Items {
		pod := &list.Items[i]
		owner := metav1.GetControllerOfNoCopy(pod)
		if owner == nil || ended(pod) {
			continue
		}
		for _, f := range s.bySet[owner.UID] {
			f.addPod(pod, owner.UID)
		}
	}
}
