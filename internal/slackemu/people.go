package slackemu

import (
	"cmp"
	"slices"
)

// object is a JSON object of Slack's.
type object = map[string]any

// slack is the user as users.info shows it.
func (u User) slack() object {
	return object{
		"id": u.ID, "team_id": u.TeamID, "name": u.Name, "real_name": u.RealName, "deleted": u.Deactivated,
		"is_admin": u.Admin, "is_owner": false, "is_primary_owner": false,
		"is_restricted": u.Guest || u.SingleChannelGuest, "is_ultra_restricted": u.SingleChannelGuest,
		"is_bot": u.Bot, "is_app_user": false, "is_stranger": false, "is_invited_user": false, "is_workflow_bot": false, "is_connector_bot": false,
		"tz": "Etc/UTC", "tz_label": "UTC", "tz_offset": 0, "color": "9f69e7", "updated": 1_700_000_000,
		"profile": object{
			"display_name": u.Name, "display_name_normalized": u.Name, "real_name": u.RealName, "real_name_normalized": u.RealName,
			"email": u.email(), "team": u.TeamID, "status_text": "", "status_emoji": "",
		},
	}
}

// email is the user's address; bots have none.
func (u User) email() string {
	if u.Bot {
		return ""
	}
	return u.Name + "@pipeline.example"
}

// slack is the channel as conversations.info shows it to the bot.
func (c *conversation) slack(bot, team string) object {
	direct := c.ID[0] == 'D'
	o := object{
		"id": c.ID, "is_archived": c.Archived, "is_im": direct, "is_channel": !direct && !c.Private, "is_group": !direct && c.Private,
		"is_mpim": false, "is_private": c.Private || direct, "is_general": c.Name == "general", "is_member": slices.Contains(c.Members, bot),
		"is_shared": c.Shared, "is_ext_shared": c.Shared, "is_org_shared": false, "is_pending_ext_shared": false,
		"context_team_id": team, "shared_team_ids": []string{team}, "created": 1_700_000_000, "creator": "USLACKBOT",
		"topic": object{"value": c.Topic, "creator": "", "last_set": 0}, "purpose": object{"value": "", "creator": "", "last_set": 0},
	}
	if direct {
		o["user"] = c.Members[0]
		return o
	}
	o["name"], o["name_normalized"] = c.Name, c.Name
	return o
}

// slack is the user group as usergroups.list shows it.
func (g Group) slack(team string, withUsers bool) object {
	o := object{
		"id": g.ID, "team_id": team, "is_usergroup": true, "is_external": false, "handle": g.Handle, "name": g.Name, "description": "",
		"date_create": 1_700_000_000, "date_update": 1_700_000_000, "date_delete": 0, "auto_type": nil, "user_count": len(g.Members),
	}
	if withUsers {
		o["users"] = slices.Clone(g.Members)
	}
	return o
}

// user finds a user; the second result tells whether there is one. The lock is held.
func (s *Server) user(id string) (User, bool) {
	u, ok := s.users[id]
	return u, ok
}

// external tells whether a user belongs to another company than the workspace.
func (s *Server) external(u User) bool { return u.TeamID != s.team.ID }

// sortedUsers lists everybody by id. The lock is held.
func (s *Server) sortedUsers() []User {
	all := make([]User, 0, len(s.users))
	for _, u := range s.users {
		all = append(all, u)
	}
	slices.SortFunc(all, func(a, b User) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
