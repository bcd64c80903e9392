package kube

import (
	"context"
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// SetReplicas writes the scale subresource under the condition that the deployment
// still has the given resource version, and returns the new one. The target is
// absolute, so that doing it twice is the same as doing it once.
//
// Errors are *scale.Fault: conflict when the condition does not hold and nothing was
// written, unknown_outcome when the answer was lost.
func (c *Cluster) SetReplicas(ctx context.Context, component scale.Component, w ledger.Write) (resourceVersion string, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	doing := fmt.Sprintf("scaling %s from %d to %d", component.Deployment, w.From, w.To)
	if w.ResourceVersion == "" {
		return "", &scale.Fault{Kind: scale.FaultConflict, Doing: doing, Detail: "it is not known what would be changed"}
	}
	options := metav1.UpdateOptions{FieldManager: fieldManager}
	if w.DryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	written, err := c.Kubernetes.AppsV1().Deployments(component.Namespace).UpdateScale(ctx, component.Deployment, &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: component.Deployment, Namespace: component.Namespace, ResourceVersion: w.ResourceVersion},
		Spec:       autoscalingv1.ScaleSpec{Replicas: int32(w.To)},
	}, options)
	if err != nil {
		return "", fault(doing, err, !w.DryRun)
	}
	return written.ResourceVersion, nil
}
