package slackui

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// askGroup reads the on-call user group. In a workspace whose plan has no user groups the
// configured list counts; any other failure is an error.
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
		ids, err = d.client.groupMembers(ctx, group.ID)
		return err
	})
	duty.Group, duty.Source = group.Handle, "user group @"+group.Handle
	return ids, err
}

// readGroup finds the on-call group by handle or id. It is read every time, because a handle
// can be given to another group.
func (d *Directory) readGroup(ctx context.Context) (userGroup, error) {
	var groups []userGroup
	err := d.client.read(ctx, "usergroups.list", "finding the on-call group", func(ctx context.Context) (err error) {
		groups, err = d.client.groups(ctx)
		return err
	})
	if err != nil {
		return userGroup{}, err
	}
	for _, g := range groups {
		if g.Handle == d.roster.Group || (groupID.MatchString(d.roster.Group) && g.ID == d.roster.Group) {
			return g, nil
		}
	}
	return userGroup{}, &scale.Fault{
		Kind: scale.FaultNotFound, Doing: "finding the on-call group",
		Detail: fmt.Sprintf("this workspace has no user group @%s", d.roster.Group),
	}
}

// userGroup holds the fields of a user group that the bot needs.
type userGroup struct {
	ID     string `json:"id"`
	Handle string `json:"handle"`
}

// groups reads the workspace's user groups, each by itself: a group of another team that
// cannot be read does not hide the one on call.
func (c *Client) groups(ctx context.Context) ([]userGroup, error) {
	var answer struct {
		Groups []json.RawMessage `json:"usergroups"`
	}
	if _, err := c.ask(ctx, "usergroups.list", nil, &answer); err != nil {
		return nil, err
	}
	if answer.Groups == nil {
		return nil, fmt.Errorf("%w: it lists no user groups", errNoAnswer)
	}
	var groups []userGroup
	for _, raw := range answer.Groups {
		var g userGroup
		if glean(raw, &g) == nil && g.ID != "" {
			groups = append(groups, g)
		}
	}
	return groups, nil
}

// groupMembers reads the ids of a group's members. An answer without a list is an error: it is
// not the same as an empty group.
func (c *Client) groupMembers(ctx context.Context, group string) ([]string, error) {
	var answer struct {
		Users []string `json:"users"`
	}
	if _, err := c.ask(ctx, "usergroups.users.list", url.Values{"usergroup": {group}}, &answer); err != nil {
		return nil, err
	}
	if answer.Users == nil {
		return nil, fmt.Errorf("%w: it lists no members", errNoAnswer)
	}
	return answer.Users, nil
}

// maxMentioned bounds how many people are mentioned one by one.
const maxMentioned = 10

// Mention returns the text that notifies the people on call: their user group, or each of them
// where there is none; empty when they cannot be read. It is markup of the bot's own and must
// not be escaped.
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
