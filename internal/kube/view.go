package kube

import (
	"context"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// view is the present state of a followed workload.
type view struct {
	*Cluster
	component  scale.Component
	news       func(scale.Reading[scale.Workload])
	deployment *appsv1.Deployment
	sets       *appsv1.ReplicaSetList
	pods       map[types.UID]*corev1.Pod
	// known are the ReplicaSets of the listed pods, whoever owns them.
	known map[types.UID]bool
	// warned are the newest warnings of the pods, read at warnedAt.
	warned   map[string]*trouble
	warnedAt time.Time
}

// list reads the workload, the Deployment first, and returns how to watch it and its pods from
// there on.
func (v *view) list(ctx context.Context) (deployment, pods metav1.ListOptions, err error) {
	deployment.FieldSelector = fields.OneTermEqualSelector(metav1.ObjectNameField, v.component.Deployment).String()
	found, err := api.OnePage(ctx, v.Timeout, v.Kubernetes.AppsV1().Deployments(v.component.Namespace).List, deployment)
	if err != nil {
		return deployment, pods, api.Fault(doingDeployment(v.component.Deployment), err, false)
	}
	for i := range found.Items {
		if found.Items[i].Name == v.component.Deployment {
			v.deployment = &found.Items[i]
		}
	}
	if v.deployment == nil {
		missing := apierrors.NewNotFound(appsv1.Resource("deployments"), v.component.Deployment)
		return deployment, pods, api.Fault(doingDeployment(v.component.Deployment), missing, false)
	}
	deployment.ResourceVersion = found.ResourceVersion
	pods.LabelSelector = metav1.FormatLabelSelector(v.deployment.Spec.Selector)
	if err := v.listSets(ctx, pods); err != nil {
		return deployment, pods, err
	}
	pods.ResourceVersion, err = v.listPods(ctx, pods)
	return deployment, pods, err
}

func (v *view) listSets(ctx context.Context, options metav1.ListOptions) error {
	v.sets, v.known = &appsv1.ReplicaSetList{}, map[types.UID]bool{}
	err := api.Pages(ctx, v.Timeout, v.Kubernetes.AppsV1().ReplicaSets(v.component.Namespace).List, options, func() { v.sets.Items = nil },
		func(page *appsv1.ReplicaSetList) { v.sets.Items = append(v.sets.Items, page.Items...) })
	if err != nil {
		return api.Fault("reading the ReplicaSets of "+v.component.Deployment, err, false)
	}
	for i := range v.sets.Items {
		v.known[v.sets.Items[i].UID] = true
	}
	return nil
}

// listPods returns the version of the list: all its pages are from the moment of the first.
func (v *view) listPods(ctx context.Context, options metav1.ListOptions) (version string, err error) {
	err = api.Pages(ctx, v.Timeout, v.Kubernetes.CoreV1().Pods(v.component.Namespace).List, options, func() { v.pods = map[types.UID]*corev1.Pod{} },
		func(page *corev1.PodList) {
			version = page.ResourceVersion
			for i := range page.Items {
				v.pods[page.Items[i].UID] = &page.Items[i]
				if owner := setOf(&page.Items[i]); owner != "" {
					v.known[owner] = true
				}
			}
		})
	if err != nil {
		return "", api.Fault("reading the pods of "+v.component.Deployment, err, false)
	}
	return version, nil
}

// setOf is the ReplicaSet a pod belongs to; empty when it belongs to none.
func setOf(pod *corev1.Pod) types.UID {
	owner := metav1.GetControllerOfNoCopy(pod)
	if owner == nil || owner.Kind != "ReplicaSet" {
		return ""
	}
	return owner.UID
}

// deploymentChanged applies a change of the Deployment. A new revision or selector means
// ReplicaSets or pods that were not listed.
func (v *view) deploymentChanged(e watch.Event) error {
	d, ok := e.Object.(*appsv1.Deployment)
	switch {
	case !ok || d.Name != v.component.Deployment:
		return nil
	case e.Type == watch.Deleted:
		return api.Fault("watching deployment "+d.Name, apierrors.NewNotFound(appsv1.Resource("deployments"), d.Name), false)
	case d.UID != v.deployment.UID, d.Annotations[revisionAnnotation] != v.deployment.Annotations[revisionAnnotation],
		metav1.FormatLabelSelector(d.Spec.Selector) != metav1.FormatLabelSelector(v.deployment.Spec.Selector):
		return errAnew
	}
	v.deployment = d
	return nil
}

// podChanged applies a change of a pod. A pod of a ReplicaSet that was not listed may belong to a
// new revision.
func (v *view) podChanged(e watch.Event) error {
	pod, ok := e.Object.(*corev1.Pod)
	if !ok {
		return nil
	}
	if e.Type == watch.Deleted {
		delete(v.pods, pod.UID)
		return nil
	}
	if set := setOf(pod); set != "" && !v.known[set] {
		return errAnew
	}
	v.pods[pod.UID] = pod
	return nil
}

// tell makes the workload from the present state, and reports it.
func (v *view) tell(ctx context.Context) {
	s := v.newSurvey([]scale.Component{v.component})
	s.noDeployments()
	s.addDeployment(v.deployment)
	s.noSets()
	s.addSets(v.sets)
	s.found[0].describeRollout()
	s.noPods()
	pods := &corev1.PodList{}
	for _, pod := range v.pods {
		pods.Items = append(pods.Items, *pod)
	}
	s.addPods(pods)
	v.explain(ctx, s)
	v.news(s.found[0].reading(v.Clock.Now()))
}

// explain adds the warnings of pods that do not run. It reads them at most every explainEvery.
func (v *view) explain(ctx context.Context, s *survey) {
	if !troubled(s.found[0].Workload) {
		return
	}
	if now := v.Clock.Now(); now.Sub(v.warnedAt) >= explainEvery {
		v.warnedAt = now
		warned, err := s.warnings(ctx, about(s.found))
		if err != nil {
			v.Log.InfoContext(ctx, "events could not be read", "namespace", v.component.Namespace, "error", err)
		}
		v.warned = warned
	}
	s.found[0].explain(v.warned)
}

// ended is the error for a watch that has ended: errAnew when it has lost its position.
func (v *view) ended(err error) error {
	if apierrors.IsResourceExpired(err) || apierrors.IsGone(err) {
		return errAnew
	}
	return api.Fault("watching "+v.component.Deployment+" and its pods", err, false)
}
