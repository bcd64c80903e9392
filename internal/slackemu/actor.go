package slackemu

import (
	"fmt"
	"slices"
)

// problem is why Slack does not let a person do something, with a sentence for that person.
type problem struct {
	code, sentence string
}

func (p problem) Error() string { return p.code + ": " + p.sentence }

func deny(code, format string, a ...any) error { return problem{code, fmt.Sprintf(format, a...)} }

// actor finds a person who is about to act in a channel. Deactivated people are logged out, and
// nobody can act in a channel that they are not in. The caller holds the lock.
func (s *Server) actor(user, channel string) (User, *conversation, error) {
	u, err := s.person(user)
	if err != nil {
		return u, nil, err
	}
	where, ok := s.channels[channel]
	switch {
	case !ok:
		return u, nil, deny("channel_not_found", "There is no channel %q.", channel)
	case !slices.Contains(where.Members, user):
		return u, nil, deny("not_in_channel", "%s is not in #%s.", u.RealName, where.Name)
	}
	return u, where, nil
}

// person finds a user who can act. The caller holds the lock.
func (s *Server) person(user string) (User, error) {
	u, ok := s.user(user)
	switch {
	case !ok:
		return u, deny("user_not_found", "There is no user %q.", user)
	case u.Bot:
		return u, deny("user_is_bot", "%s is an app and has no hands.", u.RealName)
	case u.Deactivated && !s.faults.forced():
		return u, deny("user_is_deactivated", "%s is deactivated and logged out.", u.RealName)
	}
	return u, nil
}

// writer is an actor who wants to write, which nobody can in an archived channel.
func (s *Server) writer(user, channel string) (User, *conversation, error) {
	u, where, err := s.actor(user, channel)
	if err == nil && where.Archived {
		err = deny("is_archived", "#%s is archived.", where.Name)
	}
	return u, where, err
}

// slackbot sends one person a private message about what they did. The caller holds the lock.
func (s *Server) slackbot(where *conversation, user, format string, a ...any) {
	s.whisper(where, user, &post{User: "USLACKBOT", Team: s.team.ID, Text: fmt.Sprintf(format, a...)}, "")
}

// who is a user as interactive payloads show it.
func (s *Server) who(u User) object {
	return object{"id": u.ID, "username": u.Name, "name": u.Name, "team_id": u.TeamID}
}

// interaction returns the members that every interactive payload has. The caller holds the lock.
func (s *Server) interaction(kind string, u User) object {
	return object{
		"type": kind, "user": s.who(u), "api_app_id": s.app.ID, "token": "emulator",
		"team":       object{"id": s.team.ID, "domain": s.team.Domain},
		"enterprise": nil, "is_enterprise_install": false, "trigger_id": s.newTrigger(u.ID),
	}
}
