package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
)

// access decides who may ask for a change and who may decide about one, where, and how often.
type access struct {
	directory Directory
	// rules are the access section of the runbook file.
	rules runbook.Access
	clock pace.Clock
	// byPerson and byChannel bound how often one person, and all people of one channel, may ask.
	// denied bounds how often Slack is asked about a person who was just refused.
	byPerson, byChannel, denied *quota
}

func newAccess(c Config) *access {
	return &access{
		directory: c.Directory, rules: c.Book.Access, clock: c.Clock,
		byPerson: newQuota(personSize, quotaSpan), byChannel: newQuota(channelSize, quotaSpan), denied: newQuota(deniedSize, deniedSpan),
	}
}

// person checks that a person has a right, and returns them with their present name and team. A
// refusal says which role is needed and who has it.
func (a *access) person(ctx context.Context, who scale.Person, right scale.Right, understood string) (scale.Person, *scale.Refusal) {
	now := a.clock.Now()
	if a.denied.spent(who.ID, now) {
		return who, &scale.Refusal{
			Code: scale.RefusedQuota, Understood: understood, Why: "You were refused several times within a minute for who you are.",
			Limit: "the bot's limit on one person", Next: "Wait a minute, and ask somebody on call meanwhile.", Try: "/scale oncall",
		}
	}
	grant := a.grant(ctx, who, right)
	who = recognised(who, grant.Person)
	if grant.Allowed {
		return who, nil
	}
	refusal := &scale.Refusal{Code: grant.Code, Understood: understood, Why: grant.Why, Limit: grant.Role}
	if refusal.Code == "" {
		refusal.Code = scale.RefusedNotOnCall
	}
	if len(grant.Holders) > 0 {
		refusal.Next = "On call now: " + listed(grant.Holders) + "."
	}
	if refusal.Code != scale.RefusedPeopleUnknown {
		// The directory did not answer. That says nothing about the person, so it does not count
		// as a denial.
		a.denied.use(who.ID, now)
	}
	return who, refusal
}

// recognised adds what the directory knows of a person, such as name and team, to who acted.
func recognised(who, known scale.Person) scale.Person {
	if known.ID != who.ID {
		return who
	}
	if known.Name != "" {
		who.Name = known.Name
	}
	if known.Team != "" {
		who.Team = known.Team
	}
	who.Grid = known.Grid
	return who
}
