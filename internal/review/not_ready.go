package review

import (
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// NotReady names the pods that are not ready, grouped by reason: "a, b and 4 more: 0/3 nodes are
// available".
func NotReady(w scale.Workload) []string {
	var reasons []string
	pods := map[string][]string{}
	for _, p := range w.Counted() {
		if p.Ready {
			continue
		}
		why := scale.Named(p.Reason(), "not ready")
		if len(pods[why]) == 0 {
			reasons = append(reasons, why)
		}
		pods[why] = append(pods[why], p.Name)
	}
	var rows []string
	for _, why := range reasons {
		rows = append(rows, scale.List(pods[why], 3)+": "+why)
	}
	return rows
}

// waitingPods is NotReady in one clause; empty when all pods are ready.
func waitingPods(w scale.Workload) string { return strings.Join(NotReady(w), "; ") }
