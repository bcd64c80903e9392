package kube

import (
	"fmt"
	"math"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	helpers "k8s.io/component-helpers/resource"
)

// admit applies the LimitRanges of the namespace to a pod, as the API server does when a pod is
// created. It fills in the requests and limits that the containers do not set, and returns why
// the pod would be refused; empty when it would not.
func admit(pod *corev1.Pod, ranges []corev1.LimitRange) string {
	ranges = slices.Clone(ranges)
	slices.SortFunc(ranges, func(a, b corev1.LimitRange) int { return strings.Compare(a.Name, b.Name) })
	for _, r := range ranges {
		for _, item := range r.Spec.Limits {
			if item.Type == corev1.LimitTypeContainer {
				eachContainer(pod, func(c *corev1.Container) { setDefaults(c, item) })
			}
		}
	}
	if why := aboveLimit(pod); why != "" {
		return why
	}
	for _, r := range ranges {
		for _, item := range r.Spec.Limits {
			if why := breaks(pod, item); why != "" {
				return fmt.Sprintf("LimitRange %s: %s", r.Name, why)
			}
		}
	}
	return ""
}

// aboveLimit says which request is above its limit: a default limit that was filled in may
// be lower than what the template asks for.
func aboveLimit(pod *corev1.Pod) (why string) {
	eachContainer(pod, func(c *corev1.Container) {
		for _, name := range sortedNames(c.Resources.Limits) {
			request, limit := c.Resources.Requests[name], c.Resources.Limits[name]
			if request.Cmp(limit) > 0 && why == "" {
				why = fmt.Sprintf("container %s: the request of %s %s is above the limit of %s, a default of the namespace's LimitRange", c.Name, request.String(), name, limit.String())
			}
		}
	})
	return why
}

func eachContainer(pod *corev1.Pod, do func(*corev1.Container)) {
	for i := range pod.Spec.InitContainers {
		do(&pod.Spec.InitContainers[i])
	}
	for i := range pod.Spec.Containers {
		do(&pod.Spec.Containers[i])
	}
}

// setDefaults fills in what a container does not set. A missing default limit is the maximum; a
// missing default request is the default limit, else the minimum.
func setDefaults(c *corev1.Container, item corev1.LimitRangeItem) {
	fillIn(&c.Resources.Limits, item.Default)
	fillIn(&c.Resources.Limits, item.Max)
	for _, list := range []corev1.ResourceList{item.DefaultRequest, item.Default, item.Max, item.Min} {
		fillIn(&c.Resources.Requests, list)
	}
}

// breaks says which bound of a LimitRange a pod breaks; empty when it breaks none.
func breaks(pod *corev1.Pod, item corev1.LimitRangeItem) (why string) {
	switch item.Type {
	case corev1.LimitTypeContainer:
		eachContainer(pod, func(c *corev1.Container) {
			if text := breaksOne(c.Resources.Requests, c.Resources.Limits, item); text != "" && why == "" {
				why = fmt.Sprintf("container %s: %s", c.Name, text)
			}
		})
		return why
	case corev1.LimitTypePod:
		options := helpers.PodResourcesOptions{ExcludeOverhead: true}
		return breaksOne(helpers.PodRequests(pod, options), helpers.PodLimits(pod, options), item)
	case corev1.LimitTypePersistentVolumeClaim:
	}
	return ""
}

func breaksOne(requests, limits corev1.ResourceList, item corev1.LimitRangeItem) string {
	for _, name := range sortedNames(item.Max) {
		bound, limit, request := item.Max[name], limits[name], requests[name]
		switch _, set := limits[name]; {
		case !set:
			return fmt.Sprintf("%s may be at most %s, and no limit is set", name, bound.String())
		case limit.Cmp(bound) > 0:
			return fmt.Sprintf("%s may be at most %s, and the limit is %s", name, bound.String(), limit.String())
		case request.Cmp(bound) > 0:
			return fmt.Sprintf("%s may be at most %s, and the request is %s", name, bound.String(), request.String())
		}
	}
	for _, name := range sortedNames(item.Min) {
		bound, limit, request := item.Min[name], limits[name], requests[name]
		_, limited := limits[name]
		switch _, set := requests[name]; {
		case !set:
			return fmt.Sprintf("%s has to be at least %s, and no request is set", name, bound.String())
		case request.Cmp(bound) < 0:
			return fmt.Sprintf("%s has to be at least %s, and the request is %s", name, bound.String(), request.String())
		case limited && limit.Cmp(bound) < 0:
			return fmt.Sprintf("%s has to be at least %s, and the limit is %s", name, bound.String(), limit.String())
		}
	}
	for _, name := range sortedNames(item.MaxLimitRequestRatio) {
		bound := item.MaxLimitRequestRatio[name]
		if ratio := ratioOf(limits[name], requests[name]); math.IsInf(ratio, 1) || ratio > bound.AsApproximateFloat64() {
			return fmt.Sprintf("the limit of %s may be at most %s times the request", name, bound.String())
		}
	}
	return ""
}

// ratioOf is limit divided by request; if one is missing, the ratio breaks every bound.
func ratioOf(limit, request resource.Quantity) float64 {
	if limit.IsZero() || request.IsZero() {
		return math.Inf(1)
	}
	return limit.AsApproximateFloat64() / request.AsApproximateFloat64()
}

func sortedNames(list corev1.ResourceList) []corev1.ResourceName {
	names := make([]corev1.ResourceName, 0, len(list))
	for name := range list {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
