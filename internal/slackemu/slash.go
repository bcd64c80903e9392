package slackemu

import (
	"context"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// maxTyped is the longest text that a person can type into a message, in characters.
const maxTyped = 12_000

// slashRequest is the body of POST /emulator/slash.
type slashRequest struct {
	User     string `json:"user"`
	Channel  string `json:"channel"`
	Text     string `json:"text"`                // without the command itself.
	Command  string `json:"command,omitempty"`   // the app's first one by default.
	ThreadTS string `json:"thread_ts,omitempty"` // refused: slash commands do not work in threads.
}

// slash is a person sending a slash command.
func (s *Server) slash(ctx context.Context, base string, r slashRequest) (object, error) {
	s.mu.Lock()
	payload, h, err := s.typeSlash(base, &r)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	got := s.dispatch(ctx, "slash_commands", true, payload)
	s.mu.Lock()
	defer s.mu.Unlock()
	where := s.channels[r.Channel]
	if got.err != nil {
		s.slackbot(where, r.User, "%s failed with the error \"%s\"", r.Command, got.err)
		return object{"envelope_id": got.id}, problem{got.err.Error(), got.words(r.Command)}
	}
	if err := s.showAck(where, h, got.ack); err != nil {
		s.slackbot(where, r.User, "%s failed with the error \"invalid_command_response\"", r.Command)
		return object{"envelope_id": got.id, "ack": got.ack}, deny("invalid_command_response", "Slack refuses what the app answered: %v.", err)
	}
	return object{"envelope_id": got.id, "ack": got.ack}, nil
}

// typeSlash checks that the person may send the command, shows it to them, and makes
// the payload. The lock is held.
func (s *Server) typeSlash(base string, r *slashRequest) (object, *hook, error) {
	u, where, err := s.writer(r.User, r.Channel)
	if err != nil {
		return nil, nil, err
	}
	if r.Command == "" && len(s.app.Commands) > 0 {
		r.Command = s.app.Commands[0].Command
	}
	switch {
	case !s.hasCommand(r.Command):
		return nil, nil, deny("invalid_command", "%s is not a valid command.", r.Command)
	case r.ThreadTS != "":
		return nil, nil, deny("not_in_thread", "%s is not supported in threads.", r.Command)
	case s.external(u):
		return nil, nil, deny("not_available", "%s is not available to people from other companies.", r.Command)
	case utf8.RuneCountInString(r.Text) > maxTyped:
		return nil, nil, deny("msg_too_long", "That is longer than %d characters.", maxTyped)
	}
	typed := s.whisper(where, u.ID, &post{User: u.ID, Team: u.TeamID, Text: s.escape(strings.TrimSpace(r.Command+" "+r.Text), false)}, "")
	h := &hook{channel: where.ID, user: u.ID, typed: typed.TS}
	return object{
		"token": "emulator", "team_id": s.team.ID, "team_domain": s.team.Domain, "channel_id": where.ID, "channel_name": where.Name,
		"user_id": u.ID, "user_name": u.Name, "command": r.Command, "text": s.escape(strings.TrimSpace(r.Text), true), "api_app_id": s.app.ID,
		"is_enterprise_install": "false", "response_url": s.newHook(base, h), "trigger_id": s.newTrigger(u.ID),
	}, h, nil
}

func (s *Server) hasCommand(command string) bool {
	for _, c := range s.app.Commands {
		if c.Command == command {
			return true
		}
	}
	return false
}

// showAck shows the message in an acknowledgement, if it has text or blocks. The caller holds the
// lock.
func (s *Server) showAck(where *conversation, h *hook, ack json.RawMessage) error {
	if ack == nil {
		return nil
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(ack, &members); err != nil {
		var text string
		if json.Unmarshal(ack, &text) != nil {
			return err
		}
		members = map[string]json.RawMessage{"text": ack}
	}
	a := args{}
	for name, value := range members {
		a.set(name, value)
	}
	said, err := s.readContent(a)
	if err != nil || said.empty() {
		return err
	}
	return s.answerHook(where, h, said, a["response_type"], "")
}
