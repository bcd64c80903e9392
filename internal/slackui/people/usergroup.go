package people

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// askGroup reads the on-call user group. If the workspace's plan has no user groups, the
// configured list counts; any other failure is an error.
func (d *Directory) askGroup(ctx context.Context, duty *scale.OnCall) ([]string, error) {
	group, err := d.readGroup(ctx)
	if api.SlackCode(err) == "plan_upgrade_required" {
		duty.Source = "list of people in the configuration (this workspace has no user groups)"
		return d.roster.Users, nil
	}
	if err != nil {
		return nil, err
	}
	var ids []string
	err = d.client.Read(ctx, "usergroups.users.list", "reading who is on call", func(ctx context.Context) (err error) {
		ids, err = d.client.GroupMembers(ctx, group.ID)
		return err
	})
	duty.Group, duty.Source = group.Handle, "user group @"+group.Handle
	return ids, err
}

// readGroup finds the on-call group by handle or id. It is read every time, because a handle
// can be given to another group.
func (d *Directory) readGroup(ctx context.Context) (api.UserGroup, error) {
	var groups []api.UserGroup
	err := d.client.Read(ctx, "usergroups.list", "finding the on-call group", func(ctx context.Context) (err error) {
		groups, err = d.client.Groups(ctx)
		return err
	})
	if err != nil {
		return api.UserGroup{}, err
	}
	for _, g := range groups {
		if g.Handle == d.roster.Group || (groupID.MatchString(d.roster.Group) && g.ID == d.roster.Group) {
			return g, nil
		}
	}
	return api.UserGroup{}, &scale.Fault{
		Kind: scale.FaultNotFound, Doing: "finding the on-call group",
		Detail: fmt.Sprintf("this workspace has no user group @%s", d.roster.Group),
	}
}

// MaxMentioned bounds how many people are mentioned one by one.
const MaxMentioned = 10

// Mention returns the text that notifies the people on call: their user group or, without one,
// each of them; empty when they cannot be read. It is the bot's own markup and must not be
// escaped.
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
	for _, p := range duty.Members[:min(len(duty.Members), MaxMentioned)] {
		mentions = append(mentions, cards.Person(p))
	}
	return strings.Join(mentions, " ")
}
