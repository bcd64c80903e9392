package kube

import (
	"context"
	"fmt"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/discovery"

	"github.com/scalebot/scalebot/internal/kube/api"
	"github.com/scalebot/scalebot/internal/scale"
)

// writers finds who writes the deployments of a share that have no autoscaler. It reads a single
// deployment by name, several by listing the namespace. at is when the search for owners began;
// began is the same on the wall clock. hidden says why Rollouts could not be read; then a
// deployment without any other writer has an unknown owner, because a Rollout may use it.
func (c *Cluster) writers(ctx context.Context, share []scale.Component, hidden *unread, at, began time.Time) map[string]scale.Reading[scale.Owner] {
	owners := map[string]scale.Owner{} // by deployment name
	doing, err := c.readWriters(ctx, share, owners, hidden != nil, began)
	if err != nil {
		return everyone(share, api.Unknown[scale.Owner](doing, err, at, source))
	}
	all := make(map[string]scale.Reading[scale.Owner], len(share))
	for _, component := range share {
		owner, found := owners[component.Deployment]
		switch {
		case !found:
			missing := apierrors.NewNotFound(appsv1.Resource("deployments"), component.Deployment)
			all[component.Name] = api.Unknown[scale.Owner]("reading "+kubectlName(component), missing, at, source)
		case hidden != nil && owner.Kind == scale.OwnerNone:
			all[component.Name] = api.Unknown[scale.Owner](hidden.doing, hidden.cause, at, source)
		default:
			all[component.Name] = hidden.note(scale.Known(owner, at, source))
		}
	}
	return all
}

// readWriters reads one deployment by its name, unless the reading of its workload has just done
// so, or lists the namespace. guess says that Rollouts cannot be read.
func (c *Cluster) readWriters(ctx context.Context, share []scale.Component, owners map[string]scale.Owner, guess bool, began time.Time) (doing string, err error) {
	client, levers := c.Kubernetes.AppsV1().Deployments(share[0].Namespace), levers{}
	if len(share) > 1 {
		wanted := map[string]bool{}
		for _, component := range share {
			wanted[component.Deployment] = true
		}
		return "reading the deployments of " + share[0].Namespace, api.Pages(ctx, c.Timeout, client.List, metav1.ListOptions{}, func() { clear(owners) }, func(list *appsv1.DeploymentList) {
			for i := range list.Items {
				if wanted[list.Items[i].Name] {
					owners[list.Items[i].Name] = c.writer(ctx, &list.Items[i], levers, guess)
				}
			}
		})
	}
	if d := c.deployments.since(share[0].Namespace, share[0].Deployment, began); d != nil {
		owners[d.Name] = c.writer(ctx, d, levers, guess)
		return "", nil
	}
	one, cancel := c.deadline(ctx)
	defer cancel()
	d, err := client.Get(one, share[0].Deployment, metav1.GetOptions{})
	if err == nil {
		owners[d.Name] = c.writer(ctx, d, levers, guess)
	}
	return "reading " + kubectlName(share[0]), err
}

// writer is who keeps resetting the deployment's specification: the object it belongs to, a
// GitOps tool, Helm, or nobody. If Rollouts cannot be read, guess says to take the field manager
// of their controller as a sign of one.
func (c *Cluster) writer(ctx context.Context, d *appsv1.Deployment, levers levers, guess bool) scale.Owner {
	if guess && writtenByRollout(d.ManagedFields) {
		o := rolloutOwner("", d.Namespace)
		o.Unsure = true
		return o
	}
	if owner := metav1.GetControllerOfNoCopy(d); owner != nil {
		return c.controllerOwner(ctx, d, *owner, levers)
	}
	if owner, found := gitOpsOwner(d); found {
		return owner
	}
	if owner, found := helmOwner(d); found {
		return owner
	}
	return scale.Owner{Kind: scale.OwnerNone}
}

// levers caches, within one reading, the resource with a scale subresource of a kind: empty for
// none.
type levers map[string]string

// controllerOwner is the object that a deployment belongs to, such as an operator's custom
// resource, with its own scale subresource where the API serves one.
func (c *Cluster) controllerOwner(ctx context.Context, d *appsv1.Deployment, owner metav1.OwnerReference, levers levers) scale.Owner {
	group, _, _ := strings.Cut(owner.APIVersion, "/")
	o := scale.Owner{Kind: scale.OwnerController, Name: fmt.Sprintf("%s %s (%s)", owner.Kind, owner.Name, group)}
	kind := owner.APIVersion + " " + owner.Kind
	resource, asked := levers[kind]
	if !asked {
		resource = c.scalable(ctx, owner)
		levers[kind] = resource
	}
	if resource != "" {
		o.Lever = fmt.Sprintf("kubectl scale %s.%s/%s -n %s", resource, group, owner.Name, d.Namespace)
	}
	return o
}

// scalable is the resource of a kind that has a scale subresource; empty when it has none, or
// the API does not say.
func (c *Cluster) scalable(ctx context.Context, owner metav1.OwnerReference) string {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	list, err := discovery.ToServerResourcesInterfaceWithContext(c.Kubernetes.Discovery()).ServerResourcesForGroupVersionWithContext(ctx, owner.APIVersion)
	if err != nil {
		return ""
	}
	served := map[string]bool{}
	for _, r := range list.APIResources {
		served[r.Name] = true
	}
	for _, r := range list.APIResources {
		if r.Kind == owner.Kind && served[r.Name+"/scale"] {
			return r.Name
		}
	}
	return ""
}
