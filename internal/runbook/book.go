// Package runbook is the team's runbook as data: the embedded default, which carries
// every number of the written runbook, and a team's own YAML file, which may replace
// any of them.
package runbook

import "github.com/scalebot/scalebot/internal/scale"

// Book is a runbook that has been read and checked.
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
}

// Link is a related runbook.
type Link struct{ Name, URL string }

// Access says who may decide and where the bot acts.
type Access struct {
	// OnCallGroup is the Slack user group by handle or id; OnCallUsers is the static
	// list of user ids used when the workspace has no user groups.
	OnCallGroup string
	OnCallUsers []string
	// Channels restricts where changes may be asked for; empty means everywhere the
	// bot is a member.
	Channels []string
	// SelfApproval says whether the requester may approve: "routine" (the default:
	// not for changes that ask for a louder confirmation), "always" or "never".
	SelfApproval string
}
