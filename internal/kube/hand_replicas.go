package kube

import (
	"context"
	"fmt"

	autoscalingv1 "k8s.io/api/autoscaling/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// setReplicas writes the scale subresource.
func (c *Cluster) setReplicas(ctx context.Context, component scale.Component, do change.Replicas, seen string, dryRun bool) (version string, err error) {
	doing := fmt.Sprintf("scaling %s %s", component.Deployment, do)
	if seen == "" {
		return "", &scale.Fault{Kind: scale.FaultConflict, Doing: doing, Detail: "it is not known what would be changed"}
	}
	options := metav1.UpdateOptions{FieldManager: api.FieldManager}
	if dryRun {
		options.DryRun = []string{metav1.DryRunAll}
	}
	written, err := c.Kubernetes.AppsV1().Deployments(component.Namespace).UpdateScale(ctx, component.Deployment, &autoscalingv1.Scale{
		ObjectMeta: metav1.ObjectMeta{Name: component.Deployment, Namespace: component.Namespace, ResourceVersion: seen},
		Spec:       autoscalingv1.ScaleSpec{Replicas: int32(do.To)},
	}, options)
	if err != nil {
		return "", api.Fault(doing, err, !dryRun)
	}
	return written.ResourceVersion, nil
}
