package slackui

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/scale"
)

var groupID = regexp.MustCompile(`^S[A-Z0-9]{2,20}$`)

// maxNamed bounds how many people of the on-call list are looked up by name.
const maxNamed = 25

// readDuty reads who is on call now. A workspace whose plan has no user groups uses the
// configured list; any other failure is one.
func (d *Directory) readDuty(ctx context.Context) (scale.OnCall, error) {
	duty := scale.OnCall{At: d.client.clock.Now()}
	ids, err := d.dutyIDs(ctx, &duty)
	if err != nil {
		return scale.OnCall{}, err
	}
	duty.Members = d.named(ctx, ids)
	d.mu.Lock()
	defer d.mu.Unlock()
	d.duty = seen[scale.OnCall]{duty, time.Now()}
	return duty, nil
}

func (d *Directory) dutyIDs(ctx context.Context, duty *scale.OnCall) ([]string, error) {
	if d.roster.Group == "" {
		duty.Source = "list of people in the runbook file"
		return d.roster.Users, nil
	}
	group, err := d.readGroup(ctx)
	if slackCode(err) == "plan_upgrade_required" {
		duty.Source = "list of people in the runbook file (this workspace has no user groups)"
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

// named gives the people of a list their names; beyond maxNamed an id must do.
func (d *Directory) named(ctx context.Context, ids []string) []scale.Person {
	people := make([]scale.Person, len(ids))
	for i, id := range ids {
		people[i] = scale.Person{ID: id, Team: d.client.Self().Team}
		if i < maxNamed {
			people[i].Name = d.nameOf(ctx, id)
		}
	}
	return people
}

// nameOf is somebody's name for display; empty when it is not to be had.
func (d *Directory) nameOf(ctx context.Context, id string) string {
	d.mu.Lock()
	known, ok := d.people.get(id)
	d.mu.Unlock()
	if ok && known.fresh() {
		return known.value.Person.Name
	}
	return d.member(ctx, scale.Person{ID: id}).Person.Name
}
