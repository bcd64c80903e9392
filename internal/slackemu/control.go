package slackemu

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// controlled is a control endpoint with a JSON body and a JSON answer. A refusal by Slack is an
// answer with "ok": false; a body that cannot be decoded is HTTP 400.
func controlled[T any](s *Server, act func(ctx context.Context, base string, r T) (object, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body T
		if err := readControl(w, r, &body); err != nil {
			writeJSON(w, http.StatusBadRequest, object{"ok": false, "error": "invalid_json", "message": err.Error()})
			return
		}
		s.mu.Lock()
		base := s.hookAddress(r)
		s.mu.Unlock()
		answer, err := act(r.Context(), base, body)
		if answer == nil {
			answer = object{}
		}
		answer["ok"] = err == nil
		if err != nil {
			answer["error"], answer["message"] = "internal_error", err.Error()
			if p, ok := errors.AsType[problem](err); ok {
				answer["error"], answer["message"] = p.code, p.sentence
			}
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

// readControl reads a control body and names unknown members.
func readControl(w http.ResponseWriter, r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return explain(err, into)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body has more than one JSON value")
	}
	return nil
}

// inviteRequest is the body of POST /emulator/invite.
type inviteRequest struct {
	User    string `json:"user"` // who is invited; the app's bot by default.
	Channel string `json:"channel"`
}

// invite puts somebody into a channel.
func (s *Server) invite(_ context.Context, _ string, r inviteRequest) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.User == "" {
		r.User = s.app.BotUser
	}
	where, ok := s.channels[r.Channel]
	if !ok {
		return nil, deny("channel_not_found", "There is no channel %q.", r.Channel)
	}
	if _, ok := s.user(r.User); !ok {
		return nil, deny("user_not_found", "There is no user %q.", r.User)
	}
	s.addMember(where, r.User)
	return object{"members": where.Members}, nil
}

// homeRequest is the body of POST /emulator/home.
type homeRequest struct {
	User string `json:"user"`
}

// openHome is a person opening the app's home tab.
func (s *Server) openHome(_ context.Context, _ string, r homeRequest) (object, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := s.person(r.User)
	if err != nil {
		return nil, err
	}
	where, err := s.direct(u)
	if err != nil {
		return nil, err
	}
	event := object{"type": "app_home_opened", "user": u.ID, "channel": where.ID, "tab": "home", "event_ts": where.stamp(s.clock.Now())}
	answer := object{"view": nil}
	if home, ok := s.homes[u.ID]; ok {
		event["view"] = s.show(home)["view"]
		answer["view"] = event["view"]
	}
	s.emit(event)
	return answer, nil
}

// messages answers with the messages that a user sees in a channel, oldest first.
func (s *Server) messages(w http.ResponseWriter, r *http.Request) {
	channel, user := r.URL.Query().Get("channel"), r.URL.Query().Get("user")
	s.mu.Lock()
	where, ok := s.channels[channel]
	shown := []post{}
	if ok {
		for _, p := range where.posts {
			if p.onlyFor == "" || p.onlyFor == user {
				shown = append(shown, p.visible(true))
			}
		}
	}
	s.mu.Unlock()
	if !ok {
		writeJSON(w, http.StatusNotFound, object{"ok": false, "error": "channel_not_found", "message": fmt.Sprintf("There is no channel %q.", channel)})
		return
	}
	writeJSON(w, http.StatusOK, object{"ok": true, "messages": shown})
}

// state answers with the workspace's users, channels and other objects.
func (s *Server) state(w http.ResponseWriter, _ *http.Request) {
	connections, faults := s.hub.count(), s.faults.state()
	s.mu.Lock()
	users, channels, groups, views := []object{}, []object{}, []object{}, []object{}
	for _, u := range s.sortedUsers() {
		users = append(users, u.slack())
	}
	for _, id := range s.order {
		c := s.channels[id].slack(s.app.BotUser, s.team.ID)
		c["members"] = append([]string{}, s.channels[id].Members...)
		channels = append(channels, c)
	}
	for _, g := range s.sortedGroups() {
		groups = append(groups, g.slack(s.team.ID, true))
	}
	for _, v := range s.views.each {
		views = append(views, merged(v.slack(s.team.ID, s.app.ID, s.app.BotID, object{}), object{"user": v.user}))
	}
	for _, v := range s.homes {
		views = append(views, merged(v.slack(s.team.ID, s.app.ID, s.app.BotID, object{}), object{"user": v.user}))
	}
	answer := object{
		"ok": true, "team": s.team, "users": users, "channels": channels, "usergroups": groups, "views": views,
		"commands": s.app.Commands, "bot": object{"user_id": s.app.BotUser, "bot_id": s.app.BotID, "app_id": s.app.ID, "scopes": s.app.Scopes},
		"connections": connections, "faults": faults,
	}
	data := mustJSON(answer)
	s.mu.Unlock()
	writeJSON(w, http.StatusOK, json.RawMessage(data))
}
