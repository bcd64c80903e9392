package slackemu

import (
	"cmp"
	"slices"
	"strings"
)

func (s *Server) authTest(c *call) (object, error) {
	return object{
		"url": c.base + "/", "team": s.team.Name, "user": s.users[s.app.BotUser].Name, "team_id": s.team.ID,
		"user_id": s.app.BotUser, "bot_id": s.app.BotID, "app_id": s.app.ID, "is_enterprise_install": false,
	}, nil
}

func (s *Server) connectionsOpen(c *call) (object, error) {
	return object{"url": socketAddress(c.base) + "/link/?ticket=" + s.hub.newTicket() + "&app_id=" + s.app.ID}, nil
}

// socketAddress is the WebSocket form of an http or https address.
func socketAddress(base string) string { return "ws" + base[len("http"):] }

func (s *Server) userInfo(c *call) (object, error) {
	u, ok := s.user(c.args["user"])
	if !ok {
		return nil, refuse("user_not_found")
	}
	return object{"user": u.slack()}, nil
}

// userByEmail does not find outsiders or deactivated people, as in Slack.
func (s *Server) userByEmail(c *call) (object, error) {
	for _, u := range s.sortedUsers() {
		if u.email() != "" && strings.EqualFold(u.email(), c.args["email"]) && !u.Deactivated && !s.external(u) {
			return object{"user": u.slack()}, nil
		}
	}
	return nil, refuse("users_not_found")
}

func (s *Server) userList(c *call) (object, error) {
	all := []object{}
	for _, u := range s.sortedUsers() {
		if !s.external(u) {
			all = append(all, u.slack())
		}
	}
	part, next, err := page(c.args, all, 200, 1_000)
	return object{"members": part, "cache_ts": s.clock.Now().Unix(), "response_metadata": object{"next_cursor": next}}, err
}

func (s *Server) groupList(c *call) (object, error) {
	if s.faults.groupless() {
		return nil, refuse("plan_upgrade_required")
	}
	all := []object{}
	for _, g := range s.sortedGroups() {
		all = append(all, g.slack(s.team.ID, c.args.flag("include_users")))
	}
	return object{"usergroups": all}, nil
}

func (s *Server) sortedGroups() []Group {
	all := make([]Group, 0, len(s.groups))
	for _, g := range s.groups {
		all = append(all, g)
	}
	slices.SortFunc(all, func(a, b Group) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// groupUsers lists the members of a user group. Slack leaves out deactivated members.
func (s *Server) groupUsers(c *call) (object, error) {
	if s.faults.groupless() {
		return nil, refuse("plan_upgrade_required")
	}
	g, ok := s.groups[c.args["usergroup"]]
	if !ok {
		return nil, refuse("no_such_subteam")
	}
	members := slices.DeleteFunc(slices.Clone(g.Members), func(id string) bool { return s.users[id].Deactivated })
	return object{"users": members}, nil
}
