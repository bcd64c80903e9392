package slackemu

import (
	"encoding/json"
	"fmt"

	"github.com/scalebot/scalebot/internal/blockkit"
)

// maxStack is how many views a stack may have.
const maxStack = 3

// view is a modal or home tab that a user has open.
type view struct {
	id, user  string
	hash      string
	body      object // as the app gave it, with block ids.
	root      string // the first view of the stack
	previous  string // the view below; empty for the first.
	publisher bool   // a home tab.
}

// slack is the view in Slack's form; state contains what was filled in.
func (v *view) slack(team, app, bot string, state object) object {
	o := merged(object{}, v.body)
	o["id"], o["hash"], o["team_id"], o["app_id"], o["bot_id"] = v.id, v.hash, team, app, bot
	o["app_installed_team_id"], o["root_view_id"], o["previous_view_id"] = team, v.root, nil
	if v.previous != "" {
		o["previous_view_id"] = v.previous
	}
	usually := object{
		"callback_id": "", "private_metadata": "", "external_id": "", "clear_on_close": false, "notify_on_close": false, "submit": nil, "close": nil,
	}
	for name, usual := range usually {
		if _, given := o[name]; !given {
			o[name] = usual
		}
	}
	o["state"] = object{"values": state}
	return o
}

func (s *Server) show(v *view) object {
	return object{"view": v.slack(s.team.ID, s.app.ID, s.app.BotID, object{})}
}

// readView checks a view the app sent. The lock is held.
func (s *Server) readView(raw json.RawMessage) (object, error) {
	if raw == nil {
		return nil, refuse("invalid_arguments")
	}
	if len(raw) > blockkit.ViewBytes {
		return nil, refuse("view_too_large")
	}
	if problems := blockkit.CheckView(raw); len(problems) > 0 {
		messages := make([]string, len(problems))
		for i, p := range problems {
			messages[i] = "[ERROR] " + blockkit.Problem{Pointer: "/view" + p.Pointer, Message: p.Message}.String()
		}
		return nil, refusal{"invalid_arguments", object{"response_metadata": object{"messages": messages}}}
	}
	var body object
	if json.Unmarshal(raw, &body) != nil {
		return nil, refuse("invalid_arguments")
	}
	if blocks, ok := body["blocks"].([]any); ok {
		s.identifyBlocks(blocks)
	}
	return body, s.freeExternalID(body)
}

func (s *Server) freeExternalID(body object) error {
	id, _ := body["external_id"].(string)
	for _, v := range s.views.each {
		if id != "" && v.body["external_id"] == id {
			return refuse("duplicate_external_id")
		}
	}
	return nil
}

func (s *Server) viewOpen(c *call) (object, error) {
	body, err := s.readView(c.args.raw("view"))
	if err != nil {
		return nil, err
	}
	if body["type"] != "modal" {
		return nil, refuse("invalid_arguments")
	}
	user, err := s.useTrigger(c.args["trigger_id"])
	if err != nil {
		return nil, err
	}
	s.closeViews(user)
	return s.show(s.putView(user, body, nil)), nil
}

func (s *Server) viewPush(c *call) (object, error) {
	body, err := s.readView(c.args.raw("view"))
	if err != nil {
		return nil, err
	}
	user, err := s.useTrigger(c.args["trigger_id"])
	if err != nil {
		return nil, err
	}
	stack := s.stack(user)
	switch {
	case len(stack) == 0:
		return nil, refuse("not_found")
	case len(stack) >= maxStack:
		return nil, refuse("push_limit_reached")
	}
	return s.show(s.putView(user, body, stack[len(stack)-1])), nil
}

// putView opens a view on top of another, or as the first of a stack. The caller holds the lock.
func (s *Server) putView(user string, body object, below *view) *view {
	v := &view{id: s.nextID("V"), user: user, hash: s.newHash(), body: body}
	v.root = v.id
	if below != nil {
		v.root, v.previous = below.root, below.id
	}
	s.views.put(v.id, v)
	s.changed()
	return v
}

func (s *Server) newHash() string {
	return fmt.Sprintf("%d.%s", s.clock.Now().Unix(), secret()[:8])
}

// stack lists the modals that a user has open, bottom first. The caller holds the lock.
func (s *Server) stack(user string) []*view {
	var found []*view
	for _, v := range s.views.each {
		if v.user == user && !v.publisher {
			found = append(found, v)
		}
	}
	return found
}

func (s *Server) closeViews(user string) {
	for _, v := range s.stack(user) {
		s.views.drop(v.id)
	}
	s.changed()
}

func (s *Server) viewUpdate(c *call) (object, error) {
	v := s.viewOf(c.args)
	if v == nil {
		return nil, refuse("not_found")
	}
	if hash := c.args["hash"]; hash != "" && hash != v.hash {
		return nil, refuse("hash_conflict")
	}
	previous := v.body["external_id"]
	v.body["external_id"] = nil // so that it does not conflict with itself
	body, err := s.readView(c.args.raw("view"))
	if err != nil {
		v.body["external_id"] = previous
		return nil, err
	}
	s.replaceView(v, body)
	return s.show(v), nil
}

func (s *Server) replaceView(v *view, body object) {
	v.body, v.hash = body, s.newHash()
	s.changed()
}

func (s *Server) viewOf(a args) *view {
	if v, ok := s.views.get(a["view_id"]); ok {
		return v
	}
	for _, v := range s.views.each {
		if id := a["external_id"]; id != "" && v.body["external_id"] == id {
			return v
		}
	}
	return nil
}

func (s *Server) viewPublish(c *call) (object, error) {
	user := c.args["user_id"]
	if _, ok := s.user(user); !ok {
		return nil, refuse("user_not_found")
	}
	v, known := s.homes[user]
	if hash := c.args["hash"]; hash != "" && known && hash != v.hash {
		return nil, refuse("hash_conflict")
	}
	body, err := s.readView(c.args.raw("view"))
	if err != nil {
		return nil, err
	}
	if body["type"] != "home" {
		return nil, refuse("invalid_arguments")
	}
	if !known {
		v = &view{id: s.nextID("V"), user: user, publisher: true}
		v.root = v.id
		s.homes[user] = v
	}
	s.replaceView(v, body)
	return s.show(v), nil
}
