package slackemu

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"
)

// sayRequest is the body of POST /emulator/mention and /emulator/say.
type sayRequest struct {
	User     string `json:"user"`
	Channel  string `json:"channel"`
	ThreadTS string `json:"thread_ts,omitempty"`
	Text     string `json:"text"`
	extras
}

// mentionBot is a person addressing the app. It puts the app's name in front if the text does not
// contain it.
func (s *Server) mentionBot(ctx context.Context, r sayRequest) (object, error) {
	s.mu.Lock()
	at := "<@" + s.app.BotUser + ">"
	if !strings.Contains(s.escape(r.Text, false), at) {
		r.Text = strings.TrimSpace(at + " " + r.Text)
	}
	s.mu.Unlock()
	return s.speak(ctx, r)
}

// speak is a person writing a message. If it names the app, the app gets an event.
func (s *Server) speak(ctx context.Context, r sayRequest) (object, error) {
	s.mu.Lock()
	p, payload, err := s.write(r)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	answer := object{"ts": p.TS, "delivered": false, "ack": nil}
	if p.ThreadTS != "" {
		answer["thread_ts"] = p.ThreadTS
	}
	if payload == nil {
		return answer, nil
	}
	return s.deliverWritten(ctx, payload, answer), nil
}

// deliverWritten sends the event for a person's message, and adds the result of the delivery to
// an answer.
func (s *Server) deliverWritten(ctx context.Context, payload, answer object) object {
	got := s.sendEvent(ctx, payload, 0)
	answer["envelope_id"], answer["delivered"] = got.id, got.err == nil
	if got.err != nil {
		answer["message"] = got.words("Delivering the event") + " It will be repeated."
		s.start(func() { s.retryEvent(payload) })
	}
	return answer
}

// write adds a person's message and makes the event for it, if the app gets one. The
// lock is held.
func (s *Server) write(r sayRequest) (*post, object, error) {
	u, where, err := s.writer(r.User, r.Channel)
	switch {
	case err != nil:
		return nil, nil, err
	case strings.TrimSpace(r.Text) == "":
		return nil, nil, deny("no_text", "There is nothing to say.")
	case utf8.RuneCountInString(r.Text) > maxTyped:
		return nil, nil, deny("msg_too_long", "That is longer than %d characters.", maxTyped)
	case r.ThreadTS != "" && where.root(r.ThreadTS) == "":
		return nil, nil, deny("thread_not_found", "There is no message %s to reply to.", r.ThreadTS)
	}
	p := &post{User: u.ID, Team: u.TeamID, Text: s.escape(r.Text, false), ThreadTS: where.root(r.ThreadTS)}
	r.extras.addTo(p)
	s.post(where, p)
	return p, s.mentionOf(where, u, p), nil
}

// mentionOf is the event of a message that names the app, nil when the app gets none. The
// lock is held.
func (s *Server) mentionOf(where *conversation, u User, p *post) object {
	if !strings.Contains(p.Text, "<@"+s.app.BotUser+">") || !slices.Contains(s.app.Events, "app_mention") {
		return nil
	}
	if !slices.Contains(where.Members, s.app.BotUser) {
		s.slackbot(where, u.ID, "You mentioned <@%s>, but they are not in this channel.", s.app.BotUser)
		return nil
	}
	inner := object{
		"type": "app_mention", "user": u.ID, "text": p.Text, "ts": p.TS, "channel": where.ID, "event_ts": p.TS, "team": u.TeamID, "user_team": u.TeamID,
	}
	if p.ThreadTS != "" {
		inner["thread_ts"] = p.ThreadTS
	}
	if p.Edited != nil {
		inner["edited"] = p.Edited
	}
	for name, raw := range map[string]json.RawMessage{"blocks": p.Blocks, "attachments": p.Attachments, "files": p.Files} {
		if raw != nil {
			inner[name] = raw
		}
	}
	return s.event(inner)
}
