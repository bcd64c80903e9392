package slackui

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// askGroup reads the on-call user group. A workspace whose plan has no user groups uses
// the configured list; any other failure is one.
func (d *Directory) askGroup(ctx context.Context, duty *scale.OnCall) ([]string, error) {
	group, err := d.readGroup(ctx)
	if slackCode(err) == "plan_upgrade_required" {
		duty.Source = "list of people in the configuration (this workspace has no user groups)"
		return d.roster.Users, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	err = d.client.read(ctx, "usergroups.users.list", "reading who is on call", func(ctx context.Context) (err error) {
		ids, err = d.client.api.GetUserGroupMembersContext(ctx, group.ID)
		return err
	})
	duty.Group, duty.Source = group.Handle, "user group @"+group.Handle
	return ids, err
}

// readGroup finds the on-call group by handle or id. It is read every time: a handle
// may be given to another group.
func (d *Directory) readGroup(ctx context.Context) (slack.UserGroup, error) {
	var groups []slack.UserGroup
	err := d.client.read(ctx, "usergroups.list", "finding the on-call group", func(ctx context.Context) (err error) {
		groups, err = d.client.api.GetUserGroupsContext(ctx)
		return err
	})
	if err != nil {
		return slack.UserGroup{}, err
	}
	for _, g := range groups {
		if g.Handle == d.roster.Group || (groupID.MatchString(d.roster.Group) && g.ID == d.roster.Group) {
			return g, nil
		}
	}
	return slack.UserGroup{}, &scale.Fault{
		Kind: scale.FaultNotFound, Doing: "finding the on-call group",
		Detail: fmt.Sprintf("this workspace has no user group @%s", d.roster.Group),
	}
}

// maxMentioned bounds how many people are mentioned one by one.
const maxMentioned = 10

// Mention is how to call the people on call in a message: their user group, or each of
// them where there is none; empty when that cannot be read. It is no foreign text and is
// not to be escaped.
func (d *Directory) Mention(ctx context.Context) string {
	if d.roster.Group != "" {
		if g, err := d.readGroup(ctx); err == nil && groupID.MatchString(g.ID) {
			return "<!subteam^" + g.ID + ">"
		}
	}
	duty, err := d.OnCall(ctx)
	if err != nil {
		return ""
	}
	var mentions []string
	for _, p := range duty.Members[:min(len(duty.Members), maxMentioned)] {
		mentions = append(mentions, person(p))
	}
	return strings.Join(mentions, " ")
}
