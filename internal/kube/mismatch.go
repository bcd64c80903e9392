package kube

import (
	"fmt"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalebot/scalebot/internal/scale"
)

// Mismatches says, as sentences, where the runbook file describes other pods than the deployment
// makes: a selector that does not select them, or a container that they do not have. The bot
// always finds the pods by the deployment's own selector.
func (*Cluster) Mismatches(c scale.Component, w scale.Workload) []string {
	next, ok := w.Template.(*nextPod)
	if !ok {
		return nil
	}
	var found []string
	if selector, err := labels.Parse(c.Selector); err != nil || !selector.Matches(labels.Set(next.Labels)) {
		found = append(found, fmt.Sprintf("the selector %q does not select the pods; they are found by the deployment's own, %q", c.Selector, w.Selector))
	}
	if containerOf(next.Spec.Containers, c.Container) == nil {
		found = append(found, fmt.Sprintf("no container is named %q, so that image, environment and use are unknown", c.Container))
	}
	return found
}
