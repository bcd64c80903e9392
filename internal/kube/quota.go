package kube

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	helpers "k8s.io/component-helpers/resource"

	"github.com/scalebot/scalebot/internal/scale"
)

// quotaRoom lowers the number of pods to what one quota leaves, and notes whether the quota
// refuses every such pod. settled says that nothing unknown to the bot, such as an
// unread LimitRange, fills in the pod's missing requests.
func quotaRoom(room *scale.Room, q *corev1.ResourceQuota, pod *corev1.Pod, settled bool) {
	if !scopesMatch(q, pod) {
		return
	}
	if len(q.Status.Hard) == 0 && len(q.Spec.Hard) > 0 {
		room.Beyond = append(room.Beyond, "quota "+q.Name+", which the cluster has not counted yet")
		return
	}
	switch missing := mustSpecify(q, pod); {
	case missing == "":
	case settled:
		refuse(room, fmt.Sprintf("quota %s: a pod must specify %s", q.Name, missing))
	default:
		room.Beyond = append(room.Beyond, fmt.Sprintf("quota %s, by which a pod must specify %s", q.Name, missing))
	}
	takes := quotaUse(pod)
	for name, hard := range q.Status.Hard {
		need, counts := takes[name]
		if !counts || need.Sign() <= 0 {
			continue
		}
		used, counted := q.Status.Used[name]
		if !counted {
			room.Beyond = append(room.Beyond, fmt.Sprintf("quota %s, whose %s the cluster has not counted yet", q.Name, name))
			continue
		}
		room.Quota = append(room.Quota, fmt.Sprintf("quota %s: %s %s of %s used", q.Name, name, used.String(), hard.String()))
		if pods := fits(hard, used, need); room.QuotaPods < 0 || pods < room.QuotaPods {
			room.QuotaPods = pods
		}
	}
}

// fits is how many times an amount fits into what is left of a bound.
func fits(hard, used, need resource.Quantity) int {
	hard.Sub(used)
	if hard.Sign() <= 0 || need.Cmp(hard) > 0 {
		return 0
	}
	if hard.Value() > 1<<50 {
		return int(hard.Value() / max(1, need.Value()))
	}
	return int(hard.MilliValue() / max(1, need.MilliValue()))
}

// quotaUse is what one pod takes of each name a quota may have.
func quotaUse(pod *corev1.Pod) corev1.ResourceList {
	one := *resource.NewQuantity(1, resource.DecimalSI)
	all := corev1.ResourceList{corev1.ResourcePods: one, "count/pods": one}
	for name, quantity := range helpers.PodRequests(pod, helpers.PodResourcesOptions{}) {
		all[corev1.DefaultResourceRequestsPrefix+name] = quantity
		if isCompute(name) || strings.HasPrefix(string(name), corev1.ResourceHugePagesPrefix) {
			all[name] = quantity
		}
	}
	for name, quantity := range helpers.PodLimits(pod, helpers.PodResourcesOptions{}) {
		if isCompute(name) {
			all["limits."+name] = quantity
		}
	}
	return all
}

func isCompute(name corev1.ResourceName) bool {
	return name == corev1.ResourceCPU || name == corev1.ResourceMemory || name == corev1.ResourceEphemeralStorage
}

// mustSpecify names what containers have to set, because the quota counts it, and do not set:
// "limits.cpu for proxy". Only CPU and memory have to be set, and nothing if the pod as a whole
// sets something.
func mustSpecify(q *corev1.ResourceQuota, pod *corev1.Pod) string {
	if helpers.IsPodLevelResourcesSet(pod) {
		return ""
	}
	var missing []string
	for _, name := range sortedNames(q.Status.Hard) {
		var names []string
		eachContainer(pod, func(c *corev1.Container) {
			if !specifies(c, name) {
				names = append(names, c.Name)
			}
		})
		if len(names) > 0 {
			slices.Sort(names)
			missing = append(missing, fmt.Sprintf("%s for %s", name, strings.Join(names, ", ")))
		}
	}
	return strings.Join(missing, "; ")
}

func specifies(c *corev1.Container, name corev1.ResourceName) bool {
	list, of := c.Resources.Requests, corev1.ResourceName(strings.TrimPrefix(string(name), corev1.DefaultResourceRequestsPrefix))
	if plain, limited := strings.CutPrefix(string(name), "limits."); limited {
		list, of = c.Resources.Limits, corev1.ResourceName(plain)
	}
	_, set := list[of]
	return set || of != corev1.ResourceCPU && of != corev1.ResourceMemory
}
