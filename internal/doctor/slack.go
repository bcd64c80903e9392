package doctor

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

func (s patient) botToken(ctx context.Context) []Line {
	self, err := s.hello(ctx)
	if err != nil {
		return bad(Fail, err, "Copy SLACK_BOT_TOKEN (xoxb-…) from OAuth & Permissions of the installed app.")
	}
	return well("is @%s of %s", self.Name, self.Team)
}

func (s Subject) appToken(ctx context.Context) []Line {
	if err := s.Slack.CheckSocket(ctx); err != nil {
		return bad(Fail, err, "Make an app-level token (xapp-…) with the scope connections:write, and switch Socket Mode on.")
	}
	return well("opens sockets")
}

// scopes compares the token's scopes with those that the bot needs.
func (s patient) scopes(ctx context.Context) []Line {
	self, err := s.hello(ctx)
	if err != nil {
		return bad(Fail, errors.New("unknown, because the bot token does not work"), "Repair the bot token first.")
	}
	if len(self.Scopes) == 0 {
		return bad(Warn, errors.New("slack does not say which scopes the token has"), "Compare them with manifests/slack-app.yaml by hand.")
	}
	var lines []Line
	for _, scope := range api.Scopes() {
		if slices.Contains(self.Scopes, scope.Name) {
			continue
		}
		level := Warn
		if scope.Must {
			level = Fail
		}
		lines = append(lines, Line{
			Level: level, Text: scope.Name + " is missing; it is needed " + scope.Why,
			Next: "Add the scope under OAuth & Permissions (or use manifests/slack-app.yaml) and install the app again.",
		})
	}
	if len(lines) == 0 {
		return well("all %d are there", len(api.Scopes()))
	}
	return lines
}

func (s Subject) channel(ctx context.Context) []Line {
	room, err := s.Directory.Room(ctx, s.Channel)
	switch {
	case err != nil:
		return bad(Fail, err, "Check the scopes and SLACK_CHANNEL, which is an id such as C0123456789.")
	case !room.Member:
		return bad(Fail, errors.New("the bot is not in "+s.Channel), "Type /invite @scalebot in that channel, and check that SLACK_CHANNEL is its id.")
	case room.Archived:
		return bad(Fail, errors.New(s.Channel+" is archived"), "Choose another channel for SLACK_CHANNEL.")
	case room.Shared:
		return bad(Warn, errors.New(s.Channel+" is shared with another company"), "Alerts go there, but changes are refused in it; use an internal channel.")
	}
	return well("the bot is in %s", s.Channel)
}

func (s Subject) onCall(ctx context.Context) []Line {
	duty, err := s.Directory.OnCall(ctx)
	if err != nil {
		return bad(Fail, err, "Check access.onCallGroup in the runbook file and the scope usergroups:read: without it nobody may approve.")
	}
	if len(duty.Members) == 0 {
		return bad(Fail, errors.New("nobody: "+duty.Source+" is empty"), "Put somebody on call: no change can be approved.")
	}
	var names []string
	for _, p := range duty.Members {
		names = append(names, p.Name)
	}
	lines := well("%s (%s)", strings.Join(names, ", "), duty.Source)
	for _, note := range duty.Notes {
		lines = append(lines, Line{Level: Warn, Text: note, Next: "Repair that source, or leave it out of the order of sources."})
	}
	return lines
}
