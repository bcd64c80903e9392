// Package runbook is the team's runbook as data: the embedded default, which carries
// every number of the written runbook, and a team's own YAML file, which may replace
// any of them. Every mistake in a file is reported at once, with its line.
package runbook

import (
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// Book is a runbook that has been read and checked. It is not changed afterwards.
type Book struct {
	// Owner and Updated are shown in help; Links are the sister runbooks.
	Owner   string
	Updated string
	Links   []Link
	// Origin is "embedded default" or the file's name.
	Origin     string
	Components []scale.Component
	Policy     scale.Policy
	Access     Access

	// prefix is what people may leave out of a topic's name (T-30).
	prefix string
	// namespaced holds the components whose namespace a team's file has set.
	namespaced map[string]bool
}

// Link is a related runbook.
type Link struct{ Name, URL string }

// Access says who may decide and where the bot acts.
type Access struct {
	// OnCallGroup is the Slack user group by handle or id; OnCallUsers is the static
	// list of user ids, used when the workspace has no user groups or when the
	// environment names it as a source.
	OnCallGroup string
	OnCallUsers []string
	// Channels restricts where changes may be asked for and decided; empty means
	// everywhere the bot is a member.
	Channels []string
	// SelfApproval says whether the requester may approve: "routine" (the default: not for
	// changes that ask for a more prominent confirmation), "always" or "never". Where a change
	// needs two people, the request counts as one of the two approvals unless it says "never".
	// Policy.TwoPeople says which changes those are.
	SelfApproval string
}

// Names are the components' names in the runbook's order.
func (b *Book) Names() []string {
	names := make([]string, 0, len(b.Components))
	for _, c := range b.Components {
		names = append(names, c.Name)
	}
	return names
}

// With returns the book with the given namespace for every component whose namespace
// no file has set: a runbook file outranks the environment, the environment outranks
// the embedded default. An empty namespace changes nothing.
func (b *Book) With(namespace string) *Book {
	moved := *b
	moved.Components = slices.Clone(b.Components)
	for i := range moved.Components {
		if c := &moved.Components[i]; namespace != "" && !b.namespaced[c.Name] {
			c.Namespace = namespace
		}
	}
	return &moved
}
