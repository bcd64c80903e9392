package slackemu

import (
	"context"
	"encoding/json"
)

// clickRequest is the body of POST /emulator/click: an element of a message, or of a
// modal when there is a view_id.
type clickRequest struct {
	User           string `json:"user"`
	Channel        string `json:"channel,omitempty"`
	TS             string `json:"ts,omitempty"`
	ViewID         string `json:"view_id,omitempty"`
	BlockID        string `json:"block_id,omitempty"` // needed only when two elements have the same action_id
	ActionID       string `json:"action_id"`
	Value          given  `json:"value,omitempty"`           // the chosen value; a button has its own
	SelectedOption given  `json:"selected_option,omitempty"` // the option, or its value.
	Force          bool   `json:"force,omitempty"`           // allow somebody to act whom Slack would not allow
}

// click is a person using a button, menu or picker.
func (s *Server) click(ctx context.Context, base string, r clickRequest) (object, error) {
	s.mu.Lock()
	payload, err := s.press(base, r)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	got := s.dispatch(ctx, "interactive", false, payload)
	answer := object{"envelope_id": got.id, "ack": got.ack}
	if got.err != nil {
		return answer, problem{got.err.Error(), got.words("This")}
	}
	return answer, nil
}

// press makes the payload of a click. The lock is held.
func (s *Server) press(base string, r clickRequest) (object, error) {
	if r.ViewID != "" {
		return s.pressInView(r)
	}
	u, where, err := s.clicker(r)
	if err != nil {
		return nil, err
	}
	p := where.findFor(r.TS, u.ID)
	if p == nil || p.Subtype == "tombstone" {
		return nil, deny("message_not_found", "There is no message %s that %s can see in #%s.", r.TS, u.RealName, where.Name)
	}
	action, err := r.action(append(parts(p.Blocks), parts(p.Attachments)...))
	if err != nil {
		return nil, err
	}
	action["action_ts"] = where.stamp(s.clock.Now())
	payload := s.interaction("block_actions", u)
	container := object{"type": "message", "message_ts": p.TS, "channel_id": where.ID, "is_ephemeral": p.Ephemeral}
	if p.ThreadTS != "" {
		container["thread_ts"] = p.ThreadTS
	}
	payload["container"], payload["channel"] = container, object{"id": where.ID, "name": where.Name}
	payload["state"], payload["actions"] = object{"values": object{}}, []object{action}
	payload["response_url"] = s.newHook(base, &hook{channel: where.ID, user: u.ID, original: p.TS})
	if !p.Ephemeral { // Slack does not send back an ephemeral message
		payload["message"] = p.visible(true)
	}
	return payload, nil
}

// clicker finds the person who clicks. The lock is held.
func (s *Server) clicker(r clickRequest) (User, *conversation, error) {
	u, where, err := s.writer(r.User, r.Channel)
	if err == nil || !r.Force {
		return u, where, err
	}
	u, known := s.user(r.User)
	where, there := s.channels[r.Channel]
	if !known || !there {
		return u, where, err
	}
	return u, where, nil
}

// action finds the element of a click and makes its entry in "actions".
func (r clickRequest) action(all []part) (object, error) {
	for _, one := range all {
		if one.element["action_id"] != r.ActionID || r.BlockID != "" && one.blockID != r.BlockID {
			continue
		}
		value := r.SelectedOption
		if value == nil {
			value = r.Value
		}
		action, err := answered(one.element, value)
		if err != nil {
			return nil, deny("invalid_action", "%v in %s.", err, r.ActionID)
		}
		action["action_id"], action["block_id"] = r.ActionID, one.blockID
		for _, name := range []string{"text", "style", "confirm", "placeholder", "url"} {
			if member, ok := one.element[name]; ok {
				action[name] = member
			}
		}
		if action["value"] == nil {
			delete(action, "value")
		}
		return action, nil
	}
	return nil, deny("no_such_action", "There is no element with the action_id %q there.", r.ActionID)
}

// pressInView makes the payload of a click inside a modal. The caller holds the lock.
func (s *Server) pressInView(r clickRequest) (object, error) {
	u, v, err := s.viewer(r.User, r.ViewID)
	if err != nil {
		return nil, err
	}
	blocks, err := json.Marshal(v.body["blocks"])
	if err != nil {
		return nil, err
	}
	action, err := r.action(parts(blocks))
	if err != nil {
		return nil, err
	}
	action["action_ts"] = (&conversation{}).stamp(s.clock.Now())
	payload := s.interaction("block_actions", u)
	payload["container"] = object{"type": "view", "view_id": v.id}
	payload["view"], payload["actions"] = v.slack(s.team.ID, s.app.ID, s.app.BotID, object{}), []object{action}
	return payload, nil
}
