package metrics

import "github.com/scalebot/scalebot/internal/scale"

// readable lists the pods to read, or says why there are none.
func readable(pods []scale.Pod) ([]scale.Pod, string) {
	var out []scale.Pod
	ready := 0
	for _, p := range pods {
		if !p.Ready || p.Terminating {
			continue
		}
		ready++
		if p.Address != "" {
			out = append(out, p)
		}
	}
	switch {
	case ready == 0:
		return nil, noPodReady
	case len(out) == 0:
		return nil, "the ready pods have no metrics address"
	}
	return out, ""
}

const noPodReady = "no pod is ready"

// readyNames are the names of the ready pods.
func readyNames(pods []scale.Pod) []string {
	var names []string
	for _, p := range pods {
		if p.Ready && !p.Terminating {
			names = append(names, p.Name)
		}
	}
	return names
}
