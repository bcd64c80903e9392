package slackemu

import (
	"slices"
	"strings"
)

func (s *Server) react(c *call) (object, error) {
	p, _, err := s.messageAt(c.args["channel"], c.args["timestamp"])
	if err != nil {
		return nil, err
	}
	name := strings.Trim(c.args["name"], ":")
	if name == "" {
		return nil, refuse("invalid_name")
	}
	for i := range p.Reactions {
		if p.Reactions[i].Name == name {
			return nil, refuse("already_reacted")
		}
	}
	if len(p.Reactions) >= 23 {
		return nil, refuse("too_many_emoji")
	}
	p.Reactions = append(p.Reactions, reaction{Name: name, Users: []string{s.app.BotUser}, Count: 1})
	s.changed()
	return object{}, nil
}

func (s *Server) pin(c *call) (object, error) {
	p, where, err := s.messageAt(c.args["channel"], c.args["timestamp"])
	if err != nil {
		return nil, err
	}
	if slices.Contains(p.PinnedTo, where.ID) {
		return nil, refuse("already_pinned")
	}
	p.PinnedTo = append(p.PinnedTo, where.ID)
	s.changed()
	return object{}, nil
}

// messageAt finds a message in a channel the bot may write in.
func (s *Server) messageAt(channel, ts string) (*post, *conversation, error) {
	where, err := s.postable(channel)
	if err != nil {
		return nil, nil, err
	}
	p := where.find(ts)
	if p == nil {
		return nil, nil, refuse("message_not_found")
	}
	return p, where, nil
}
