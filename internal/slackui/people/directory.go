package people

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

// DisplayTime is how long a cached answer about a person may be shown, or used for the right to
// ask. For the right to decide, Slack is asked each time.
const DisplayTime = time.Minute

// The codes of refusals that concern people.
const (
	CodeExternal    = "external"
	CodeGuest       = "guest"
	CodeDeactivated = "deactivated"
	CodeBot         = "bot"
	CodeUnknown     = scale.RefusedPeopleUnknown
)

// Roster says who may decide.
type Roster struct {
	// Group is the on-call user group, by handle ("kafka-oncall", with or without @) or
	// by id ("S0…"). Users is the static list of user ids that counts when the
	// workspace has no user groups, or when Group is empty.
	Group string
	Users []string
	// Sources are asked in this order until one names somebody; none means the user
	// group alone.
	Sources []Source
	// Schedule reads who is on call outside Slack, for SourceSchedule; ScheduleName is
	// what people call it: "PagerDuty schedule P1ABCDE".
	Schedule     func(context.Context) ([]scale.Shift, error)
	ScheduleName string
}

// Directory knows people by asking Slack. It implements engine.Directory.
type Directory struct {
	client *api.Client
	roster Roster

	mu     sync.Mutex
	people *api.Recent[string, seen[scale.Grant]]
	duty   seen[scale.OnCall]
	rooms  *api.Recent[string, seen[Room]]
	// emails are the Slack ids of people a schedule names.
	emails *api.Recent[string, seen[string]]
}

// seen is an answer of Slack with the wall-clock time at which it was read.
type seen[T any] struct {
	value T
	at    time.Time
}

func (s seen[T]) current() bool { return !s.at.IsZero() && time.Since(s.at) < DisplayTime }

var _ engine.Directory = (*Directory)(nil)

// NewDirectory returns a directory for the given on-call roster.
func NewDirectory(c *api.Client, roster Roster) *Directory {
	roster.Group = strings.TrimPrefix(strings.TrimSpace(roster.Group), "@")
	return &Directory{
		client: c, roster: roster,
		people: api.NewRecent[string, seen[scale.Grant]](1024), rooms: api.NewRecent[string, seen[Room]](256),
		emails: api.NewRecent[string, seen[string]](256),
	}
}

// Grant answers whether the person has the right now. Whatever cannot be read is a
// refusal.
func (d *Directory) Grant(ctx context.Context, who scale.Person, right scale.Right) scale.Grant {
	if right == scale.RightDecide {
		return d.mayDecide(ctx, who)
	}
	d.mu.Lock()
	known, ok := d.people.Get(who.ID)
	d.mu.Unlock()
	if ok && known.current() {
		return known.value
	}
	return d.member(ctx, who)
}

// mayDecide reads the person and the on-call list afresh. Only if it refuses does it look up the
// names of those who may decide, to name them in the refusal.
func (d *Directory) mayDecide(ctx context.Context, who scale.Person) scale.Grant {
	grant := d.member(ctx, who)
	if !grant.Allowed {
		return grant
	}
	var duty scale.OnCall
	ids, err := d.dutyIDs(ctx, &duty)
	if err != nil {
		return refuse(grant, CodeUnknown, "it cannot be read who is on call: "+err.Error())
	}
	grant.Source, grant.Role = duty.Source, roleName(duty)
	if len(ids) == 0 {
		return refuse(grant, scale.RefusedNotOnCall, "only people on call may decide, and nobody is on call")
	}
	if slices.Contains(ids, who.ID) {
		return grant
	}
	for _, p := range d.named(ctx, ids) {
		grant.Holders = append(grant.Holders, p.Title())
	}
	return refuse(grant, scale.RefusedNotOnCall, "only people on call may decide")
}

func roleName(d scale.OnCall) string {
	if d.Group == "" {
		return "on call"
	}
	return "member of @" + d.Group
}

// member reads the person afresh and answers whether they are a full member of this
// workspace. Every member may ask.
func (d *Directory) member(ctx context.Context, who scale.Person) scale.Grant {
	grant := scale.Grant{Person: who, Source: "Slack users.info"}
	if who.ID == "" {
		return refuse(grant, CodeUnknown, "it is not known who you are")
	}
	if who.ID == "USLACKBOT" || who.ID == d.client.Self().User {
		return refuse(grant, CodeBot, "bots may neither ask nor decide")
	}
	user, err := d.readUser(ctx, who.ID)
	if err != nil {
		return refuse(grant, CodeUnknown, "Slack does not say who you are: "+err.Error())
	}
	grant.Person.Name = displayName(user)
	grant.Person.Team = cmp.Or(user.TeamID, who.Team)
	grant.Person.Grid = user.Enterprise.ID
	if code, why := d.barred(user); code != "" {
		grant = refuse(grant, code, why)
	} else {
		grant.Allowed = true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.people.Put(who.ID, seen[scale.Grant]{grant, time.Now()})
	return grant
}

func refuse(g scale.Grant, code, why string) scale.Grant {
	g.Allowed, g.Code, g.Why = false, code, why
	return g
}

// barred says why somebody may neither ask nor decide, even if they are on the on-call list.
func (d *Directory) barred(u api.Profile) (code, why string) {
	switch {
	case u.Deleted:
		return CodeDeactivated, "this account is deactivated"
	case u.IsBot || u.IsWorkflowBot || u.IsConnectorBot:
		return CodeBot, "bots may neither ask nor decide"
	case !d.ownTeam(u):
		return CodeExternal, "only members of this workspace may ask or decide, not people of other companies"
	case u.IsRestricted || u.IsUltraRestricted:
		return CodeGuest, "guests may neither ask nor decide"
	case u.IsInvitedUser:
		return CodeGuest, "invited people may neither ask nor decide before they joined"
	}
	return "", ""
}

// ownTeam reports whether somebody belongs to this workspace or, on Enterprise Grid, to the same
// organisation. A missing team counts as foreign. is_stranger is of no use here, because it is
// false for outsiders who share a channel with this workspace.
func (d *Directory) ownTeam(u api.Profile) bool {
	self := d.client.Self()
	if self.Enterprise != "" && u.Enterprise.EnterpriseID != "" {
		return u.Enterprise.EnterpriseID == self.Enterprise
	}
	return self.Team != "" && u.TeamID == self.Team
}

func displayName(u api.Profile) string {
	return cmp.Or(u.Profile.DisplayName, u.Profile.RealName, u.RealName, u.Name)
}

func (d *Directory) readUser(ctx context.Context, id string) (api.Profile, error) {
	var user api.Profile
	err := d.client.Read(ctx, "users.info", "reading who somebody is", func(ctx context.Context) (err error) {
		user, err = d.client.Person(ctx, "users.info", url.Values{"user": {id}})
		return err
	})
	return user, err
}
