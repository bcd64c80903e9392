package kubetest

import (
	"slices"

	"k8s.io/client-go/testing"
)

// Call is what a rule of a Role allows: a verb on a resource of an API group.
type Call struct{ Group, Resource, Verb string }

// Calls are the distinct calls a fake has seen, sorted; a subresource is part of the
// resource's name, as in a Role.
func Calls(actions []testing.Action) []Call {
	var calls []Call
	for _, action := range actions {
		c := Call{Group: action.GetResource().Group, Resource: action.GetResource().Resource, Verb: action.GetVerb()}
		if sub := action.GetSubresource(); sub != "" {
			c.Resource += "/" + sub
		}
		if !slices.Contains(calls, c) {
			calls = append(calls, c)
		}
	}
	slices.SortFunc(calls, func(a, b Call) int {
		return slices.Compare([]string{a.Group, a.Resource, a.Verb}, []string{b.Group, b.Resource, b.Verb})
	})
	return calls
}
