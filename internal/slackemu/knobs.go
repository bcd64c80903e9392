package slackemu

import (
	"context"
	"net/http"
	"slices"
)

// faultRequest is the body of POST /emulator/fault. Every member is a knob, and one request may
// turn several. The package comment lists them.
type faultRequest struct {
	callFault

	Disconnect     string   `json:"disconnect,omitempty"` // end connections for this reason.
	Links          string   `json:"links,omitempty"`      // which: in_turn, one or all.
	DropSockets    bool     `json:"drop_sockets,omitempty"`
	RefuseConnects *bool    `json:"refuse_connects,omitempty"`
	SilentSocket   *bool    `json:"silent_socket,omitempty"`
	DuplicateEvent *int     `json:"duplicate_event,omitempty"`
	ClockFactor    *float64 `json:"clock_factor,omitempty"`
	Force          *bool    `json:"force,omitempty"`
	RefuseBlocks   []string `json:"refuse_blocks,omitempty"`
	NoUserGroups   *bool    `json:"no_usergroups,omitempty"`
	Hello          object   `json:"hello,omitempty"` // members of every hello from now on.

	Deactivate string `json:"deactivate,omitempty"` // user ids.
	Reactivate string `json:"reactivate,omitempty"`
	Guest      string `json:"guest,omitempty"`
	External   string `json:"external,omitempty"`
	Member     string `json:"member,omitempty"`

	Archive   string `json:"archive,omitempty"` // channel ids.
	Unarchive string `json:"unarchive,omitempty"`
	Share     string `json:"share,omitempty"`
	Unshare   string `json:"unshare,omitempty"`
	RemoveBot string `json:"remove_bot,omitempty"`
	AddBot    string `json:"add_bot,omitempty"`

	DeleteMessage *struct {
		Channel string `json:"channel"`
		TS      string `json:"ts"`
	} `json:"delete_message,omitempty"`
	Group *struct {
		ID      string   `json:"id"`
		Members []string `json:"members"`
	} `json:"group,omitempty"`
	Scopes *[]string `json:"scopes,omitempty"`
	Clear  bool      `json:"clear,omitempty"` // forget every knob that is not about people and channels.
}

// fault turns knobs. If one of them is invalid, it turns none.
func (s *Server) fault(_ context.Context, _ string, r faultRequest) (object, error) {
	if err := s.sensible(r); err != nil {
		return nil, err
	}
	if r.Clear {
		s.faults.clear()
	}
	if r.Method != "" && !s.faults.add(r.callFault) {
		return nil, deny("too_many_faults", "There are %d call faults already; clear them first.", maxFaults)
	}
	s.turnSwitches(r)
	s.turnPeople(r)
	s.turnChannels(r)
	answer := object{}
	if r.Disconnect != "" {
		answer["disconnected"] = s.disconnect(r.Disconnect, r.Links)
	}
	if r.DropSockets {
		answer["dropped"] = s.hub.drop()
	}
	s.traffic.note("fault", object{"knobs": r})
	s.changed()
	answer["faults"], answer["connections"] = s.faults.state(), s.hub.count()
	return answer, nil
}

// sensible checks all knobs before any is turned.
func (s *Server) sensible(r faultRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := r.callFault.sensible(); err != nil {
		return err
	}
	for _, id := range []string{r.Deactivate, r.Reactivate, r.Guest, r.External, r.Member} {
		if _, ok := s.user(id); id != "" && !ok {
			return deny("user_not_found", "There is no user %q.", id)
		}
	}
	for _, id := range []string{r.Archive, r.Unarchive, r.Share, r.Unshare, r.RemoveBot, r.AddBot} {
		if s.channels[id] == nil && id != "" {
			return deny("channel_not_found", "There is no channel %q.", id)
		}
	}
	if d := r.DeleteMessage; d != nil && (s.channels[d.Channel] == nil || s.channels[d.Channel].find(d.TS) == nil) {
		return deny("message_not_found", "There is no message %q in %q.", d.TS, d.Channel)
	}
	if g := r.Group; g != nil && s.groups[g.ID].ID == "" {
		return deny("no_such_subteam", "There is no user group %q.", g.ID)
	}
	if known := []string{"", linksInTurn, linksOne, linksAll}; !slices.Contains(known, r.Links) || r.Links != "" && r.Disconnect == "" {
		return deny("invalid_fault", "links is in_turn, one or all, and goes with disconnect.")
	}
	if f := r.ClockFactor; f != nil && !(*f >= 1 && *f <= 1e6) {
		return deny("invalid_fault", "clock_factor must be from 1 to 1,000,000.")
	}
	return nil
}

func (f callFault) sensible() error {
	_, known := methods[f.Method]
	switch {
	case f.Method == "" && f != callFault{}:
		return deny("invalid_fault", "A call fault needs a method, such as chat.postMessage, or *.")
	case f.Method == "":
		return nil
	case !known && f.Method != "*":
		return deny("invalid_fault", "There is no method %q.", f.Method)
	case f.Status != 0 && (f.Status < 400 || f.Status > 599):
		return deny("invalid_fault", "status must be from 400 to 599.")
	case f.Hang < 0 || f.Hang > 3_600 || f.RetryAfter < 0:
		return deny("invalid_fault", "hang and retry_after are seconds, hang at most 3600.")
	case !slices.Contains([]string{"", "before", "after"}, f.Cut):
		return deny("invalid_fault", "cut must be \"before\" or \"after\".")
	case f.Status == 0 && f.Error == "" && f.Hang == 0 && f.Cut == "":
		return deny("invalid_fault", "Say what goes wrong: status, error, hang or cut.")
	case f.RetryAfter != 0 && f.Status != http.StatusTooManyRequests:
		return deny("invalid_fault", "retry_after goes with status 429.")
	}
	return nil
}

func (s *Server) turnSwitches(r faultRequest) {
	s.faults.change(func() {
		turn(&s.faults.refuse, r.RefuseConnects)
		turn(&s.faults.quiet, r.SilentSocket)
		turn(&s.faults.force, r.Force)
		turn(&s.faults.doubles, r.DuplicateEvent)
		turn(&s.faults.factor, r.ClockFactor)
		turn(&s.faults.noGroups, r.NoUserGroups)
		if r.Hello != nil {
			s.faults.hello = r.Hello
		}
		for _, kind := range r.RefuseBlocks {
			s.faults.refusedBlocks[kind] = true
		}
	})
}

func turn[T any](knob, to *T) {
	if to != nil {
		*knob = *to
	}
}

func (s *Server) turnPeople(r faultRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alter(r.Deactivate, func(u *User) { u.Deactivated = true })
	s.alter(r.Reactivate, func(u *User) { u.Deactivated = false })
	s.alter(r.Guest, func(u *User) { u.Guest = true })
	s.alter(r.External, func(u *User) { u.TeamID = "T0ELSEWHERE" })
	s.alter(r.Member, func(u *User) {
		u.Guest, u.SingleChannelGuest, u.TeamID = false, false, s.team.ID
	})
	if r.Group != nil {
		g := s.groups[r.Group.ID]
		before := g.Members
		g.Members = slices.Clone(r.Group.Members)
		s.groups[g.ID] = g
		s.emit(object{
			"type": "subteam_members_changed", "subteam_id": g.ID, "team_id": s.team.ID,
			"added_users": without(g.Members, before), "removed_users": without(before, g.Members),
		})
	}
	if r.Scopes != nil {
		s.app.Scopes = slices.Clone(*r.Scopes)
	}
}

func without(all, gone []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(id string) bool { return slices.Contains(gone, id) })
}

// alter changes a user and tells the app. The lock is held.
func (s *Server) alter(id string, change func(*User)) {
	u, ok := s.user(id)
	if !ok {
		return
	}
	change(&u)
	s.users[id] = u
	s.emit(object{"type": "user_change", "user": u.slack(), "event_ts": "0.0"})
}

func (s *Server) turnChannels(r faultRequest) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mark(r.Archive, func(c *conversation) { c.Archived = true })
	s.mark(r.Unarchive, func(c *conversation) { c.Archived = false })
	s.mark(r.Share, func(c *conversation) {
		c.Shared = true
		s.emit(object{"type": "channel_shared", "channel": c.ID, "connected_team_id": "T0ELSEWHERE"})
	})
	s.mark(r.Unshare, func(c *conversation) { c.Shared = false })
	s.mark(r.RemoveBot, func(c *conversation) { c.Members = without(c.Members, []string{s.app.BotUser}) })
	s.mark(r.AddBot, func(c *conversation) { s.addMember(c, s.app.BotUser) })
	if d := r.DeleteMessage; d != nil {
		if p := s.channels[d.Channel].find(d.TS); p != nil {
			s.channels[d.Channel].remove(p)
		}
	}
}

func (s *Server) mark(id string, change func(*conversation)) {
	if c := s.channels[id]; c != nil {
		change(c)
	}
}
