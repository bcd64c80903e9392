package slackemu

import (
	"slices"
	"strconv"
	"strings"
)

// readable finds a channel that the bot may read; right is "read" or "history". A private channel
// that the bot is not in does not exist for it, and private channels need a scope of their own.
// The caller holds the lock.
func (s *Server) readable(id, right string) (*conversation, error) {
	public, private := needScope(s.app.Scopes, "channels:"+right), needScope(s.app.Scopes, "groups:"+right)
	c, err := s.channelFor(id)
	switch {
	case public != nil && private != nil:
		return nil, public
	case err != nil:
		return nil, err
	case c.Private && !slices.Contains(c.Members, s.app.BotUser):
		return nil, refuse("channel_not_found")
	case c.Private:
		return c, private
	case c.ID[0] == 'D':
		return c, nil
	}
	return c, public
}

func (s *Server) conversationInfo(c *call) (object, error) {
	where, err := s.readable(c.args["channel"], "read")
	if err != nil {
		return nil, err
	}
	shown := where.slack(s.app.BotUser, s.team.ID)
	if c.args.flag("include_num_members") {
		shown["num_members"] = len(where.Members)
	}
	return object{"channel": shown}, nil
}

func (s *Server) conversationList(c *call) (object, error) {
	wanted := strings.Split(c.args["types"], ",")
	if c.args["types"] == "" {
		wanted = []string{"public_channel"}
	}
	all := []object{}
	for _, id := range s.order {
		one := s.channels[id]
		kind, scope := "public_channel", "channels:read"
		if one.Private {
			kind, scope = "private_channel", "groups:read"
		}
		if slices.Contains(wanted, kind) {
			if err := needScope(s.app.Scopes, scope); err != nil {
				return nil, err
			}
		}
		hidden := one.Private && !slices.Contains(one.Members, s.app.BotUser) || one.Archived && c.args.flag("exclude_archived")
		if slices.Contains(wanted, kind) && !hidden {
			all = append(all, one.slack(s.app.BotUser, s.team.ID))
		}
	}
	part, next, err := page(c.args, all, 100, 1_000)
	return object{"channels": part, "response_metadata": object{"next_cursor": next}}, err
}

func (s *Server) conversationMembers(c *call) (object, error) {
	where, err := s.readable(c.args["channel"], "read")
	if err != nil {
		return nil, err
	}
	members := slices.DeleteFunc(slices.Clone(where.Members), func(id string) bool { return s.users[id].Deactivated })
	part, next, err := page(c.args, members, 100, 1_000)
	return object{"members": part, "response_metadata": object{"next_cursor": next}}, err
}

func (s *Server) join(c *call) (object, error) {
	where, err := s.channelFor(c.args["channel"])
	switch {
	case err != nil:
		return nil, err
	case where.Private:
		return nil, refuse("method_not_supported_for_channel_type")
	case where.Archived:
		return nil, refuse("is_archived")
	}
	s.addMember(where, s.app.BotUser)
	return object{"channel": where.slack(s.app.BotUser, s.team.ID)}, nil
}

func (s *Server) openDirect(c *call) (object, error) {
	u, ok := s.user(c.args["users"])
	if !ok {
		return nil, refuse("user_not_found")
	}
	where, err := s.direct(u)
	if err != nil {
		return nil, err
	}
	return object{"channel": object{"id": where.ID}}, nil
}

// addMember puts a user into a channel and tells the app. The lock is held.
func (s *Server) addMember(where *conversation, user string) {
	if slices.Contains(where.Members, user) {
		return
	}
	where.Members = append(where.Members, user)
	s.emit(object{"type": "member_joined_channel", "user": user, "channel": where.ID, "channel_type": "C", "team": s.team.ID})
	s.changed()
}

// window is the part of a channel that a call requests, between two timestamps.
type window struct {
	oldest, latest string
	inclusive      bool
}

func (a args) window() window {
	return window{a["oldest"], a["latest"], a.flag("inclusive")}
}

func (w window) holds(ts string) bool {
	if w.oldest != "" && (before(ts, w.oldest) || !w.inclusive && !before(w.oldest, ts)) {
		return false
	}
	return w.latest == "" || before(ts, w.latest) || w.inclusive && !before(w.latest, ts)
}

// before compares timestamps as numbers of microseconds, because an app may leave out
// the fraction.
func before(a, b string) bool { return micros(a) < micros(b) }

func micros(ts string) int64 {
	whole, fraction, _ := strings.Cut(ts, ".")
	sec, _ := strconv.ParseInt(whole, 10, 64)
	micro, _ := strconv.ParseInt((fraction + "000000")[:6], 10, 64)
	return sec*1e6 + micro
}

// messagesOf finds a channel whose messages the bot may read.
func (s *Server) messagesOf(id string) (*conversation, error) {
	where, err := s.readable(id, "history")
	if err == nil && !slices.Contains(where.Members, s.app.BotUser) {
		err = refuse("not_in_channel")
	}
	return where, err
}

// history answers with the messages of a channel outside of threads, newest first.
func (s *Server) history(c *call) (object, error) {
	where, err := s.messagesOf(c.args["channel"])
	if err != nil {
		return nil, err
	}
	w, shown := c.args.window(), []post{}
	for _, p := range slices.Backward(where.posts) {
		reply := p.ThreadTS != "" && p.ThreadTS != p.TS && !p.Broadcast
		if !p.Ephemeral && !reply && w.holds(p.TS) {
			shown = append(shown, p.visible(c.args.flag("include_all_metadata")))
		}
	}
	return listed(c.args, shown)
}

// replies answers with a thread: its parent first, then its replies, oldest first.
func (s *Server) replies(c *call) (object, error) {
	where, err := s.messagesOf(c.args["channel"])
	if err != nil {
		return nil, err
	}
	parent := where.find(where.root(c.args["ts"]))
	if parent == nil {
		return nil, refuse("thread_not_found")
	}
	metadata := c.args.flag("include_all_metadata")
	w, shown := c.args.window(), []post{parent.visible(metadata)}
	for _, p := range where.posts {
		if p != parent && p.ThreadTS == parent.TS && !p.Ephemeral && w.holds(p.TS) {
			shown = append(shown, p.visible(metadata))
		}
	}
	return listed(c.args, shown)
}

func listed(a args, shown []post) (object, error) {
	part, next, err := page(a, shown, 100, 999)
	answer := object{"messages": part, "has_more": next != "", "pin_count": 0}
	if next != "" {
		answer["response_metadata"] = object{"next_cursor": next}
	}
	return answer, err
}
