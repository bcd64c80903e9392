package kube

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// instead describes a StatefulSet or an Argo Rollout that has the name of a component's
// deployment when no deployment has that name. It is empty when there is neither, and says so
// when the bot may not read them.
func (c *Cluster) instead(ctx context.Context, component scale.Component) string {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	name := component.Deployment
	_, sets := c.Kubernetes.AppsV1().StatefulSets(component.Namespace).Get(ctx, name, metav1.GetOptions{})
	if sets == nil {
		return name + " is a StatefulSet, which the bot does not scale yet"
	}
	rollout := error(apierrors.NewNotFound(rollouts.GroupResource(), name))
	if c.Dynamic != nil {
		_, rollout = c.Dynamic.Resource(rollouts).Namespace(component.Namespace).Get(ctx, name, metav1.GetOptions{})
	}
	if rollout == nil {
		return fmt.Sprintf("%s is an Argo Rollout, which the bot does not scale yet: kubectl scale rollout/%s -n %s --replicas=N", name, name, component.Namespace)
	}
	for _, one := range []struct {
		kind string
		err  error
	}{{"a StatefulSet", sets}, {"an Argo Rollout", rollout}} {
		if !apierrors.IsNotFound(one.err) && !meta.IsNoMatchError(one.err) {
			return fmt.Sprintf("there is no deployment %s, and whether it is %s is unknown: %s", name, one.kind, api.Fault("", one.err, false).Detail)
		}
	}
	return ""
}
