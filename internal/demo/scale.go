package demo

import (
	"encoding/json"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/client-go/testing"
)

const scaleSubresource = "scale"

// defaultManager is the field manager of a caller that names none.
const defaultManager = "kubectl"

// scaleOf is a Deployment's scale subresource.
func scaleOf(d *appsv1.Deployment) *autoscalingv1.Scale {
	return &autoscalingv1.Scale{
		TypeMeta: metav1.TypeMeta{Kind: "Scale", APIVersion: "autoscaling/v1"},
		ObjectMeta: metav1.ObjectMeta{
			Name: d.Name, Namespace: d.Namespace, UID: d.UID,
			ResourceVersion: d.ResourceVersion, CreationTimestamp: d.CreationTimestamp,
		},
		Spec: autoscalingv1.ScaleSpec{Replicas: *d.Spec.Replicas},
		Status: autoscalingv1.ScaleStatus{
			Replicas: d.Status.Replicas, Selector: metav1.FormatLabelSelector(d.Spec.Selector),
		},
	}
}

// stored reads a Deployment with the API's errors.
func (c *cluster) stored(namespace, name string) (*appsv1.Deployment, error) {
	found, err := c.client.Tracker().Get(deploymentResource, namespace, name)
	if err != nil {
		return nil, err
	}
	d, ok := found.(*appsv1.Deployment)
	if !ok {
		return nil, apierrors.NewInternalError(fmt.Errorf("%s is a %T", name, found))
	}
	return d, nil
}

func (c *cluster) getScale(action testing.Action) (bool, runtime.Object, error) {
	get, ok := action.(testing.GetActionImpl)
	if !ok || action.GetSubresource() != scaleSubresource {
		return false, nil, nil
	}
	d, err := c.stored(action.GetNamespace(), get.GetName())
	if err != nil {
		return true, nil, err
	}
	return true, scaleOf(d), nil
}

func (c *cluster) updateScale(action testing.Action) (bool, runtime.Object, error) {
	update, ok := action.(testing.UpdateActionImpl)
	if !ok || action.GetSubresource() != scaleSubresource {
		return false, nil, nil
	}
	sent, ok := update.GetObject().(*autoscalingv1.Scale)
	if !ok {
		return true, nil, apierrors.NewBadRequest("the body of a scale update must be a Scale")
	}
	return c.writeScale(action.GetNamespace(), scaleWrite{
		name: sent.Name, uid: string(sent.UID), version: sent.ResourceVersion, replicas: sent.Spec.Replicas,
		manager: update.UpdateOptions.FieldManager, dry: len(update.UpdateOptions.DryRun) > 0,
	})
}

// patchScale understands merge patches. It treats every other kind of patch whose body is a
// partial Scale in the same way.
func (c *cluster) patchScale(action testing.Action) (bool, runtime.Object, error) {
	patch, ok := action.(testing.PatchActionImpl)
	if !ok || action.GetSubresource() != scaleSubresource {
		return false, nil, nil
	}
	if patch.GetPatchType() == types.JSONPatchType {
		return true, nil, apierrors.NewBadRequest("the demo's scale subresource takes merge patches, not JSON patches")
	}
	var partial struct {
		Metadata struct{ ResourceVersion, UID string }
		Spec     struct{ Replicas *int32 }
	}
	if err := json.Unmarshal(patch.GetPatch(), &partial); err != nil {
		return true, nil, apierrors.NewBadRequest("reading the patch: " + err.Error())
	}
	d, err := c.stored(action.GetNamespace(), patch.GetName())
	if err != nil {
		return true, nil, err
	}
	replicas := *d.Spec.Replicas
	if partial.Spec.Replicas != nil {
		replicas = *partial.Spec.Replicas
	}
	return c.writeScale(action.GetNamespace(), scaleWrite{
		name: patch.GetName(), uid: partial.Metadata.UID, version: partial.Metadata.ResourceVersion, replicas: replicas,
		manager: patch.PatchOptions.FieldManager, dry: len(patch.PatchOptions.DryRun) > 0,
	})
}

// scaleWrite is one write of the scale subresource; uid and version are its
// preconditions, empty for none.
type scaleWrite struct {
	name, uid, version string
	replicas           int32
	manager            string
	dry                bool
}

func (c *cluster) writeScale(namespace string, w scaleWrite) (bool, runtime.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d, err := c.stored(namespace, w.name)
	if err != nil {
		return true, nil, err
	}
	if w.version != "" && w.version != d.ResourceVersion || w.uid != "" && w.uid != string(d.UID) {
		return true, nil, conflict(deploymentResource, w.name)
	}
	if w.replicas < 0 {
		return true, nil, apierrors.NewInvalid(schema.GroupKind{Group: "autoscaling", Kind: "Scale"}, w.name, field.ErrorList{
			field.Invalid(field.NewPath("spec", "replicas"), w.replicas, "must be greater than or equal to 0"),
		})
	}
	if w.dry {
		d.Spec.Replicas = &w.replicas
		return true, scaleOf(d), nil
	}
	c.setReplicas(d, w.replicas, w.manager)
	return true, scaleOf(d), nil
}

// setReplicas changes the count through the scale subresource. Writing the present value changes
// nothing, as on a real API server.
func (c *cluster) setReplicas(d *appsv1.Deployment, replicas int32, manager string) {
	if *d.Spec.Replicas == replicas {
		return
	}
	if manager == "" {
		manager = defaultManager
	}
	d.Spec.Replicas = &replicas
	d.Generation++
	claimScale(d, manager)
	c.put(deploymentResource, d)
}

// restoreReplicas puts every Deployment back to its normal size, as a person would
// with kubectl.
func (c *cluster) restoreReplicas() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, component := range c.components {
		if d := c.deployment(component.name); d != nil {
			c.setReplicas(d, component.replicas, defaultManager)
		}
	}
}

// writeDeployment updates or patches a whole Deployment. A changed specification increases the
// generation, and a changed count records its field manager.
func (c *cluster) writeDeployment(action testing.Action) (bool, runtime.Object, error) {
	if action.GetSubresource() != "" {
		return false, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	name, manager, version, dry := deploymentWrite(action)
	old, err := c.stored(action.GetNamespace(), name)
	if err != nil {
		return true, nil, err
	}
	if version != "" && version != old.ResourceVersion {
		return true, nil, conflict(deploymentResource, name)
	}
	_, written, err := testing.ObjectReaction(c.client.Tracker())(action)
	if err != nil {
		return true, nil, err
	}
	d, ok := written.(*appsv1.Deployment)
	if !ok {
		return true, nil, apierrors.NewInternalError(fmt.Errorf("%s became a %T", name, written))
	}
	c.finishWrite(d, old, manager)
	if dry {
		// Nothing has changed, so the old object is stored again under its old version.
		return true, d, c.client.Tracker().Update(deploymentResource, old, old.Namespace)
	}
	c.put(deploymentResource, d)
	return true, d.DeepCopy(), nil
}

// finishWrite sets the fields that the server decides, not the caller.
func (c *cluster) finishWrite(d, old *appsv1.Deployment, manager string) {
	d.UID, d.CreationTimestamp, d.Generation = old.UID, old.CreationTimestamp, old.Generation
	d.Status, d.ManagedFields = old.Status, old.ManagedFields
	if d.Spec.Replicas == nil {
		d.Spec.Replicas = ptr(int32(1))
	}
	if equality.Semantic.DeepEqual(d.Spec, old.Spec) {
		return
	}
	d.Generation++
	if *d.Spec.Replicas != *old.Spec.Replicas {
		claimReplicas(d, manager, c.clock.Now())
	}
}

func deploymentWrite(action testing.Action) (name, manager, version string, dry bool) {
	manager = defaultManager
	switch a := action.(type) {
	case testing.UpdateActionImpl:
		if d, ok := a.GetObject().(*appsv1.Deployment); ok {
			name, version = d.Name, d.ResourceVersion
		}
		manager, dry = orDefault(a.UpdateOptions.FieldManager), len(a.UpdateOptions.DryRun) > 0
	case testing.PatchActionImpl:
		var partial struct {
			Metadata struct{ ResourceVersion string }
		}
		// A patch that is not an object has no precondition either.
		_ = json.Unmarshal(a.GetPatch(), &partial)
		name, version = a.GetName(), partial.Metadata.ResourceVersion
		manager, dry = orDefault(a.PatchOptions.FieldManager), len(a.PatchOptions.DryRun) > 0
	}
	return name, manager, version, dry
}

func orDefault(manager string) string {
	if manager == "" {
		return defaultManager
	}
	return manager
}
