package kube

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/scalebot/scalebot/internal/scale"
)

// scheduledPod is a pod that runs on a node.
type scheduledPod struct {
	namespace string
	labels    labels.Set
	on        *nodeRoom
}

// asksForCompany reports whether a workload's pods have a required affinity or anti-affinity to
// other pods.
func asksForCompany(w scale.Workload) bool {
	near, away := company(nextFor(w).Spec.Affinity)
	return len(near)+len(away) > 0
}

// company returns the required pod affinity terms, and the anti-affinity ones.
func company(a *corev1.Affinity) (near, away []corev1.PodAffinityTerm) {
	if a == nil {
		return nil, nil
	}
	if p := a.PodAffinity; p != nil {
		near = p.RequiredDuringSchedulingIgnoredDuringExecution
	}
	if p := a.PodAntiAffinity; p != nil {
		away = p.RequiredDuringSchedulingIgnoredDuringExecution
	}
	return near, away
}

// strangers describes the affinity terms that select pods of other namespaces by label. The bot
// does not evaluate those.
func strangers(a *corev1.Affinity) (rules []string) {
	near, away := company(a)
	for _, t := range slices.Concat(near, away) {
		if !understood(t) {
			rules = append(rules, fmt.Sprintf("affinity to pods of other namespaces over %s", t.TopologyKey))
		}
	}
	return rules
}

func understood(t corev1.PodAffinityTerm) bool {
	return (t.NamespaceSelector == nil || len(t.NamespaceSelector.MatchLabels)+len(t.NamespaceSelector.MatchExpressions) == 0) &&
		len(t.MatchLabelKeys)+len(t.MismatchLabelKeys) == 0
}

// matches reports whether a term of the pod selects the other pod.
func matches(t corev1.PodAffinityTerm, pod *corev1.Pod, namespace string, of labels.Set) bool {
	selector, err := metav1.LabelSelectorAsSelector(t.LabelSelector)
	if err != nil || !selector.Matches(of) {
		return false
	}
	switch {
	case t.NamespaceSelector != nil:
		return true // an empty selector means all namespaces
	case len(t.Namespaces) > 0:
		return slices.Contains(t.Namespaces, namespace)
	}
	return namespace == pod.Namespace
}

// inCompany is how many pods fit when affinity terms are met; fit is how many each node has room
// for.
func (n *nodes) inCompany(pod *corev1.Pod, fit map[*nodeRoom]int64) int64 {
	near, away := company(pod.Spec.Affinity)
	for _, t := range near {
		if understood(t) {
			n.requireNear(t, pod, fit)
		}
	}
	// alone are the topology keys by which each zone, node or the like takes at most one of the
	// pods.
	var alone []string
	for _, t := range away {
		if !understood(t) {
			continue
		}
		taken := n.topologyValues(t, pod)
		for one := range fit {
			if value, has := one.Labels[t.TopologyKey]; has && taken[value] {
				delete(fit, one)
			}
		}
		if matches(t, pod, pod.Namespace, pod.Labels) {
			alone = append(alone, t.TopologyKey)
		}
	}
	return apart(alone, fit)
}

// topologyValues are the values of a term's topology key at which a pod runs that the term
// selects.
func (n *nodes) topologyValues(t corev1.PodAffinityTerm, pod *corev1.Pod) map[string]bool {
	found := map[string]bool{}
	for _, p := range n.scheduled {
		if value, has := p.on.Labels[t.TopologyKey]; has && matches(t, pod, p.namespace, p.labels) {
			found[value] = true
		}
	}
	return found
}

// requireNear removes the nodes on which an affinity term would not allow the pod. When the term
// selects pods like the new one and there are none yet, the first pod may go anywhere and the
// others must follow it. requireNear then assumes the place with the most room.
func (n *nodes) requireNear(t corev1.PodAffinityTerm, pod *corev1.Pod, fit map[*nodeRoom]int64) {
	wanted := n.topologyValues(t, pod)
	if len(wanted) == 0 && matches(t, pod, pod.Namespace, pod.Labels) {
		room := map[string]int64{}
		for one, pods := range fit {
			room[one.Labels[t.TopologyKey]] += pods
		}
		delete(room, "")
		best := ""
		for value, pods := range room {
			if pods > room[best] || pods == room[best] && value < best {
				best = value
			}
		}
		wanted[best] = best != ""
	}
	for one := range fit {
		if value, has := one.Labels[t.TopologyKey]; !has || !wanted[value] {
			delete(fit, one)
		}
	}
}

// apart is how many pods fit when no two of them may share a place by any of the keys. With
// several keys it counts by each key alone and returns the smallest number. That may be too high,
// but is never too low.
func apart(keys []string, fit map[*nodeRoom]int64) int64 {
	most := int64(0)
	for _, pods := range fit {
		most += pods
	}
	for _, key := range keys {
		values, free := map[string]bool{}, int64(0)
		for one, pods := range fit {
			if value, has := one.Labels[key]; has {
				values[value] = true
			} else {
				free += pods
			}
		}
		most = min(most, int64(len(values))+free)
	}
	return most
}
