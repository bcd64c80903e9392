package slackemu

import (
	"context"
	"encoding/json"
	"slices"
)

// submitRequest is the body of POST /emulator/submit and /emulator/close.
type submitRequest struct {
	User   string `json:"user"`
	ViewID string `json:"view_id"`
	// Values are {block_id: {action_id: value}}, or simply {action_id: value}.
	Values object `json:"values,omitempty"`
}

// inputErrors are error messages about fields, by block_id.
type inputErrors map[string]string

func (e inputErrors) first() string {
	ids := make([]string, 0, len(e))
	for id := range e {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return e[ids[0]]
}

// viewer finds a person and the view that they have open. The caller holds the lock.
func (s *Server) viewer(user, id string) (User, *view, error) {
	u, err := s.person(user)
	if err != nil {
		return u, nil, err
	}
	v, ok := s.views.get(id)
	if !ok {
		for _, home := range s.homes {
			if home.id == id {
				v, ok = home, true
			}
		}
	}
	if !ok || v.user != user {
		return u, nil, deny("view_not_found", "%s has no view %q open.", u.RealName, id)
	}
	return u, v, nil
}

// submit is a person submitting a modal.
func (s *Server) submit(ctx context.Context, base string, r submitRequest) (object, error) {
	s.mu.Lock()
	payload, wrong, err := s.fillIn(r)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	if len(wrong) > 0 {
		return object{"errors": wrong}, problem{"invalid_input", wrong.first()}
	}
	got := s.dispatch(ctx, "interactive", true, payload)
	answer := object{"envelope_id": got.id, "ack": got.ack}
	if got.err != nil {
		return answer, problem{got.err.Error(), got.words("Submitting")}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.obey(r, got.ack, answer)
}

// fillIn checks the values as Slack's client does and makes the payload. The lock is
// held.
func (s *Server) fillIn(r submitRequest) (object, inputErrors, error) {
	u, v, err := s.viewer(r.User, r.ViewID)
	if err != nil {
		return nil, nil, err
	}
	blocks, err := json.Marshal(v.body["blocks"])
	if err != nil {
		return nil, nil, err
	}
	state, wrong := object{}, inputErrors{}
	for _, one := range parts(blocks) {
		if !one.input {
			continue
		}
		id, _ := one.element["action_id"].(string)
		value, err := answered(one.element, r.value(one, id))
		optional, _ := one.block["optional"].(bool)
		switch {
		case err != nil:
			wrong[one.blockID] = err.Error()
		case emptyState(value) && !optional:
			wrong[one.blockID] = "please fill in this field"
		}
		state[one.blockID] = object{id: value}
	}
	payload := s.interaction("view_submission", u)
	payload["view"], payload["response_urls"] = v.slack(s.team.ID, s.app.ID, s.app.BotID, state), []object{}
	return payload, wrong, nil
}

// value is what was entered into an element, or its initial value if nothing was.
func (r submitRequest) value(p part, action string) given {
	if block, ok := r.Values[p.blockID].(object); ok {
		if value, ok := block[action]; ok {
			return value
		}
	}
	if value, ok := r.Values[action]; ok {
		return value
	}
	return initial(p.element)
}

// obey changes the view as the acknowledgement says. The caller holds the lock.
func (s *Server) obey(r submitRequest, ack json.RawMessage, answer object) (object, error) {
	v, ok := s.views.get(r.ViewID)
	if !ok {
		return answer, nil // the view was closed meanwhile
	}
	var a struct {
		Action string          `json:"response_action"`
		Errors inputErrors     `json:"errors"`
		View   json.RawMessage `json:"view"`
	}
	if ack != nil && json.Unmarshal(ack, &a) != nil {
		return answer, deny("invalid_ack", "Slack does not understand how the app answered.")
	}
	switch a.Action {
	case "":
		s.views.drop(v.id)
	case "clear":
		s.closeViews(v.user)
	case "errors":
		return s.complain(v, a.Errors, answer)
	case "update", "push":
		return answer, s.nextView(v, a.Action, a.View)
	default:
		return answer, deny("invalid_ack", "Slack knows no response_action %q.", a.Action)
	}
	s.changed()
	return answer, nil
}

// complain shows the app's error messages. Each must be about an input block of the view.
func (s *Server) complain(v *view, wrong inputErrors, answer object) (object, error) {
	blocks, err := json.Marshal(v.body["blocks"])
	if err != nil {
		return answer, err
	}
	known := map[string]bool{}
	for _, one := range parts(blocks) {
		known[one.blockID] = one.input
	}
	for id := range wrong {
		if !known[id] {
			return answer, deny("invalid_ack", "The app complains about %q, which is no input block of this view.", id)
		}
	}
	if len(wrong) == 0 {
		return answer, deny("invalid_ack", "The app complains about nothing.")
	}
	answer["errors"] = wrong
	return answer, problem{"invalid_input", wrong.first()}
}

func (s *Server) nextView(v *view, action string, raw json.RawMessage) error {
	body, err := s.readView(raw)
	switch {
	case err != nil:
		return deny("invalid_ack", "Slack refuses the view the app answered: %v.", err)
	case action == "update":
		s.replaceView(v, body)
	case len(s.stack(v.user)) >= maxStack:
		return deny("push_limit_reached", "There are %d views open already.", maxStack)
	default:
		s.putView(v.user, body, v)
	}
	return nil
}

// dismiss is a person closing a modal. The app gets an event if it requested that.
func (s *Server) dismiss(ctx context.Context, _ string, r submitRequest) (object, error) {
	s.mu.Lock()
	u, v, err := s.viewer(r.User, r.ViewID)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.views.drop(v.id)
	s.changed()
	payload := s.interaction("view_closed", u)
	payload["view"], payload["is_cleared"] = v.slack(s.team.ID, s.app.ID, s.app.BotID, object{}), false
	notify, _ := v.body["notify_on_close"].(bool)
	s.mu.Unlock()
	if !notify {
		return object{}, nil
	}
	got := s.dispatch(ctx, "interactive", false, payload)
	return object{"envelope_id": got.id}, nil
}
