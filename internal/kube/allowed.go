package kube

import (
	"context"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Allowed asks the API server whether the bot's account may do something. It uses a
// SelfSubjectAccessReview, which every account may make. Write a subresource as
// "deployments/scale"; the core group is empty.
func (c *Cluster) Allowed(ctx context.Context, namespace, group, resource, verb string) (bool, error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	name, sub, _ := strings.Cut(resource, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{Namespace: namespace, Verb: verb, Group: group, Resource: name, Subresource: sub},
	}}
	answer, err := c.Kubernetes.AuthorizationV1().SelfSubjectAccessReviews().Create(ctx, review, metav1.CreateOptions{})
	if err != nil {
		return false, err
	}
	return answer.Status.Allowed, nil
}
