package slackemu

import (
	"context"
	"encoding/json"
	"strings"
)

// Other authors besides the app: another app, and people whose Slack clients are newer than any
// library. What they put into a message is stored and delivered unchanged, because Slack's rules
// for it are not known.
const (
	otherApp     = "A0ELSEWHERE"
	otherBot     = "B0ELSEWHERE"
	otherBotUser = "U0ELSEWHERE"
)

// extras are the parts of a message that are delivered unchecked.
type extras struct {
	Blocks      json.RawMessage `json:"blocks,omitempty"`
	Attachments json.RawMessage `json:"attachments,omitempty"`
	Files       json.RawMessage `json:"files,omitempty"`
}

func (e extras) addTo(p *post) { p.Blocks, p.Attachments, p.Files = e.Blocks, e.Attachments, e.Files }

// foreignRequest is the body of POST /emulator/foreign.
type foreignRequest struct {
	Channel  string          `json:"channel"`
	ThreadTS string          `json:"thread_ts,omitempty"`
	Text     string          `json:"text,omitempty"`
	Metadata json.RawMessage `json:"metadata,omitempty"`
	extras
}

// foreign is another app posting a message.
func (s *Server) foreign(_ context.Context, _ string, r foreignRequest) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	where, ok := s.channels[r.Channel]
	if !ok {
		return nil, deny("channel_not_found", "There is no channel %q.", r.Channel)
	}
	p := &post{User: otherBotUser, BotID: otherBot, AppID: otherApp, Team: s.team.ID, Text: r.Text, Metadata: r.Metadata, ThreadTS: where.root(r.ThreadTS)}
	r.extras.addTo(p)
	return object{"ts": s.post(where, p).TS}, nil
}

// editRequest is the body of POST /emulator/edit.
type editRequest struct {
	User    string `json:"user"`
	Channel string `json:"channel"`
	TS      string `json:"ts"`
	Text    string `json:"text"`
}

// rewrite is a person editing their own message. If the new text names the app, the app gets the
// event of a mention, with the time of the edit.
func (s *Server) rewrite(ctx context.Context, r editRequest) (object, error) {
	s.mu.Lock()
	payload, err := s.edit(r)
	s.mu.Unlock()
	answer := object{"ts": r.TS, "delivered": false}
	if err != nil || payload == nil {
		return answer, err
	}
	return s.deliverWritten(ctx, payload, answer), nil
}

// edit changes a person's message and makes the event for it, if the app gets one. The lock
// is held.
func (s *Server) edit(r editRequest) (object, error) {
	u, where, err := s.writer(r.User, r.Channel)
	if err != nil {
		return nil, err
	}
	p := where.find(r.TS)
	switch {
	case p == nil:
		return nil, deny("message_not_found", "There is no message %q.", r.TS)
	case p.User != u.ID:
		return nil, deny("cant_update_message", "%s did not write that message.", u.RealName)
	case strings.TrimSpace(r.Text) == "":
		return nil, deny("no_text", "There is nothing to say.")
	}
	p.Text, p.Edited = s.escape(r.Text, false), &edit{User: u.ID, TS: where.stamp(s.clock.Now())}
	s.changed()
	return s.mentionOf(where, u, p), nil
}
