package kube

import (
	"context"
	"fmt"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/scale"
)

// Set writes the value of a step if the deployment still has the resource version in seen, and
// returns the new version. The values are absolute, so writing twice is the same as writing once
//
//
// Errors are *scale.Fault: conflict when the version has changed and nothing was written,
// unknown_outcome when the answer was lost, rejected for a kind of change that is not made in
// Kubernetes.
func (c *Cluster) Set(ctx context.Context, component scale.Component, step change.Step, seen string, dryRun bool) (version string, err error) {
	ctx, cancel := c.deadline(ctx)
	defer cancel()
	switch do := step.Do.(type) {
	case change.Replicas:
		return c.setReplicas(ctx, component, do, seen, dryRun)
	default:
		return "", &scale.Fault{Kind: scale.FaultRejected, Doing: "changing " + component.Deployment, Detail: fmt.Sprintf("Kubernetes has no hand for %T", do)}
	}
}
