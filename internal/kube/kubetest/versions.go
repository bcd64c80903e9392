package kubetest

import (
	"fmt"
	"strconv"
	"sync"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/testing"
)

// Fake is one of client-go's fakes: a clientset or a dynamic client.
type Fake interface {
	PrependReactor(verb, resource string, reaction testing.ReactionFunc)
	Tracker() testing.ObjectTracker
}

// Versions makes the fake number its objects, give them UIDs, and refuse updates of an outdated
// version, also through the scale subresource of deployments. Objects get their first version
// when a client creates or updates them; those the fake was made with have none until then.
func Versions(fake Fake) *Server {
	s := &Server{tracker: fake.Tracker(), newest: 1}
	fake.PrependReactor("create", "*", s.create)
	fake.PrependReactor("update", "*", s.update)
	fake.PrependReactor("get", "deployments", s.getScale)
	return s
}

// Server is the part of an API server that the fakes lack.
type Server struct {
	tracker testing.ObjectTracker

	mu     sync.Mutex
	newest int
}

func (s *Server) stamp(object metav1.Object) {
	s.newest++
	object.SetResourceVersion(strconv.Itoa(s.newest))
}

func (s *Server) create(action testing.Action) (bool, runtime.Object, error) {
	create, ok := action.(testing.CreateActionImpl)
	if !ok || action.GetSubresource() != "" {
		return false, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	object, head, err := copied(create.GetObject())
	if err != nil {
		return true, nil, err
	}
	s.stamp(head)
	if head.GetUID() == "" {
		head.SetUID(types.UID(fmt.Sprintf("%08x-0000-4000-8000-000000000000", s.newest)))
	}
	if err := s.tracker.Create(action.GetResource(), object, action.GetNamespace(), create.CreateOptions); err != nil {
		return true, nil, err
	}
	return true, object, nil
}

func (s *Server) update(action testing.Action) (bool, runtime.Object, error) {
	update, ok := action.(testing.UpdateActionImpl)
	if !ok {
		return false, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent, ok := update.GetObject().(*autoscalingv1.Scale); ok {
		return s.writeScale(update, sent)
	}
	object, head, err := copied(update.GetObject())
	if err != nil {
		return true, nil, err
	}
	if err := s.matches(action, head); err != nil {
		return true, nil, err
	}
	if err := s.count(action, object, head); err != nil {
		return true, nil, err
	}
	if len(update.UpdateOptions.DryRun) > 0 {
		return true, object, nil
	}
	s.stamp(head)
	if err := s.tracker.Update(action.GetResource(), object, action.GetNamespace(), update.UpdateOptions); err != nil {
		return true, nil, err
	}
	return true, object, nil
}

// count sets a deployment's generation, which belongs to the server. It increases when the
// specification or an annotation changes.
func (s *Server) count(action testing.Action, object runtime.Object, head metav1.Object) error {
	written, ok := object.(*appsv1.Deployment)
	if !ok {
		return nil
	}
	stored, err := s.deployment(action, head.GetName())
	if err != nil {
		return err
	}
	written.Generation = stored.Generation
	if action.GetSubresource() == "" && !(equality.Semantic.DeepEqual(written.Spec, stored.Spec) && equality.Semantic.DeepEqual(written.Annotations, stored.Annotations)) {
		written.Generation++
	}
	return nil
}

// matches refuses a version or a UID that differs from the stored one. An empty one matches any,
// and an object that is updated without a UID keeps its UID.
func (s *Server) matches(action testing.Action, head metav1.Object) error {
	object, err := s.tracker.Get(action.GetResource(), action.GetNamespace(), head.GetName(), metav1.GetOptions{})
	if err != nil {
		return err
	}
	stored, err := meta.Accessor(object)
	if err != nil {
		return err
	}
	refused := func(why string, args ...any) error {
		return apierrors.NewConflict(action.GetResource().GroupResource(), head.GetName(), fmt.Errorf(why, args...))
	}
	if version := head.GetResourceVersion(); version != "" && version != stored.GetResourceVersion() {
		return refused("version %s is not the newest", version)
	}
	if uid := head.GetUID(); uid != "" && uid != stored.GetUID() {
		return refused("the UID is %s and not %s", stored.GetUID(), uid)
	}
	head.SetUID(stored.GetUID())
	return nil
}

func (s *Server) deployment(action testing.Action, name string) (*appsv1.Deployment, error) {
	stored, err := s.tracker.Get(action.GetResource(), action.GetNamespace(), name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	d, ok := stored.(*appsv1.Deployment)
	if !ok {
		return nil, apierrors.NewInternalError(fmt.Errorf("%s is a %T and has no scale", name, stored))
	}
	return d.DeepCopy(), nil
}

func (s *Server) getScale(action testing.Action) (bool, runtime.Object, error) {
	get, ok := action.(testing.GetActionImpl)
	if !ok || action.GetSubresource() != "scale" {
		return false, nil, nil
	}
	d, err := s.deployment(action, get.GetName())
	if err != nil {
		return true, nil, err
	}
	return true, scaleOf(d), nil
}

// scaleOf is the deployment's scale subresource. It has the deployment's own version.
func scaleOf(d *appsv1.Deployment) *autoscalingv1.Scale {
	out := &autoscalingv1.Scale{ObjectMeta: metav1.ObjectMeta{Name: d.Name, Namespace: d.Namespace, UID: d.UID, ResourceVersion: d.ResourceVersion}}
	if d.Spec.Replicas != nil {
		out.Spec.Replicas = *d.Spec.Replicas
	}
	out.Status.Replicas = d.Status.Replicas
	return out
}

func copied(object runtime.Object) (runtime.Object, metav1.Object, error) {
	object = object.DeepCopyObject()
	head, err := meta.Accessor(object)
	return object, head, err
}
