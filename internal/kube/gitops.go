package kube

import (
	"context"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/scalebot/scalebot/internal/scale"
)

// gitOpsManagers are the field managers of tools that write what is in a repository.
var gitOpsManagers = []string{"argocd", "kustomize-controller", "helm-controller", "flux", "fleet", "rancher"}

// gitOps finds GitOps tools among the managers of spec.replicas: of the one deployment,
// read by its name, or of those in the namespace's list; at is when looking for owners began.
func (c *Cluster) gitOps(ctx context.Context, share []scale.Component, at time.Time) map[string]scale.Reading[scale.Owner] {
	owners := map[string]scale.Owner{} // by deployment.
	client := c.Kubernetes.AppsV1().Deployments(share[0].Namespace)
	doing := "reading " + kubectlName(share[0])
	var err error
	if len(share) == 1 {
		err = c.gitOpsOf(ctx, share[0], owners)
	} else {
		doing = "reading the deployments of " + share[0].Namespace
		err = pages(ctx, c.Timeout, client.List, metav1.ListOptions{}, func() { clear(owners) }, func(list *appsv1.DeploymentList) {
			for i := range list.Items {
				owners[list.Items[i].Name] = gitOpsOwner(&list.Items[i])
			}
		})
	}
	if err != nil {
		return everyone(share, unknown[scale.Owner](doing, err, at, source))
	}
	all := make(map[string]scale.Reading[scale.Owner], len(share))
	for _, component := range share {
		all[component.Name] = gitOpsReading(component, owners, at)
	}
	return all
}

func (c *Cluster) gitOpsOf(ctx context.Context, component scale.Component, owners map[string]scale.Owner) error {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	d, err := c.Kubernetes.AppsV1().Deployments(component.Namespace).Get(ctx, component.Deployment, metav1.GetOptions{})
	if err == nil {
		owners[component.Deployment] = gitOpsOwner(d)
	}
	return err
}

// gitOpsReading is what the deployments tell of one component.
func gitOpsReading(component scale.Component, owners map[string]scale.Owner, at time.Time) scale.Reading[scale.Owner] {
	owner, found := owners[component.Deployment]
	if !found {
		missing := apierrors.NewNotFound(appsv1.Resource("deployments"), component.Deployment)
		return unknown[scale.Owner]("reading "+kubectlName(component), missing, at, source)
	}
	return scale.Known(owner, at, source)
}

// gitOpsOwner is the tool that keeps the deployment's replica count, or nobody.
func gitOpsOwner(d *appsv1.Deployment) scale.Owner {
	for _, entry := range d.ManagedFields {
		for _, name := range gitOpsManagers {
			if strings.HasPrefix(entry.Manager, name) && ownsReplicas(entry) {
				return scale.Owner{Kind: scale.OwnerGitOps, Name: entry.Manager, Within: gitOpsWithin}
			}
		}
	}
	return scale.Owner{Kind: scale.OwnerNone}
}
