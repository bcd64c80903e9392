package slackemu

// World is the initial content of a Server's workspace. Fault knobs change it while the server
// runs.
type World struct {
	Team     Team
	App      App
	Users    []User
	Channels []Channel
	Groups   []Group
}

// Team is a Slack workspace.
type Team struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Domain string `json:"domain"`
}

// App is the one app installed in the workspace.
type App struct {
	ID       string
	BotID    string   // "B…", the author of its messages.
	BotUser  string   // "U…", whom people mention.
	BotToken string   // "xoxb-…", for the Web API.
	AppToken string   // "xapp-…", for apps.connections.open only.
	Scopes   []string // what the bot token may do.
	Events   []string // the events it has subscribed to.
	Commands []Command
}

// Command is a slash command of the app.
type Command struct {
	Command     string `json:"command"` // with its slash.
	UsageHint   string `json:"usage_hint"`
	Description string `json:"description"`
}

// User is a person or a bot. Its team differs from the workspace's when the person
// belongs to another company.
type User struct {
	ID, TeamID, Name, RealName string
	Admin                      bool
	Deactivated                bool
	Guest                      bool // is_restricted.
	SingleChannelGuest         bool // is_ultra_restricted, and is_restricted as well.
	Bot                        bool
}

// Channel is a conversation. A direct message has an ID that begins with D.
type Channel struct {
	ID, Name, Topic string
	Private         bool
	Archived        bool
	Shared          bool // is_ext_shared: with another company.
	Members         []string
}

// Group is a user group, which people mention by its handle.
type Group struct {
	ID, Handle, Name string
	Members          []string
}

// DefaultWorld is the fixed workspace of the demo: two channels, an on-call group of two, and one
// person of every kind that must not approve.
func DefaultWorld() World {
	people := []string{"U0ANA", "U0BEN", "U0CARL", "U0GINA", "U0EVE", "U0DAN", "U0SCALEBOT"}
	return World{
		Team: Team{ID: "T0PIPELINE", Name: "Pipeline Co", Domain: "pipeline-co"},
		App: App{
			ID: "A0SCALEBOT", BotID: "B0SCALEBOT", BotUser: "U0SCALEBOT",
			BotToken: "xoxb-demo-0-scalebot", AppToken: "xapp-demo-0-scalebot",
			Scopes: []string{
				"commands", "chat:write", "app_mentions:read", "channels:read", "groups:read", "channels:history", "groups:history",
				"users:read", "users:read.email", "usergroups:read", "files:write", "reactions:write", "pins:write", "im:write",
			},
			Events: []string{
				"app_mention", "app_home_opened", "member_joined_channel", "channel_id_changed", "channel_shared",
				"user_change", "subteam_members_changed", "app_uninstalled", "tokens_revoked",
			},
			Commands: []Command{{
				Command: "/scale", UsageHint: "<service> <replicas> | status <service> | help", Description: "Scale a worker deployment",
			}},
		},
		Users: []User{
			{ID: "U0ANA", TeamID: "T0PIPELINE", Name: "ana", RealName: "Ana Ruiz", Admin: true},
			{ID: "U0BEN", TeamID: "T0PIPELINE", Name: "ben", RealName: "Ben Okafor"},
			{ID: "U0CARL", TeamID: "T0PIPELINE", Name: "carl", RealName: "Carl Lind"},
			{ID: "U0GINA", TeamID: "T0PIPELINE", Name: "gina", RealName: "Gina Moss", Guest: true},
			{ID: "U0EVE", TeamID: "T0ELSEWHERE", Name: "eve", RealName: "Eve Stone"},
			{ID: "U0DAN", TeamID: "T0PIPELINE", Name: "dan", RealName: "Dan Frost", Deactivated: true},
			{ID: "U0SCALEBOT", TeamID: "T0PIPELINE", Name: "scalebot", RealName: "scalebot", Bot: true},
		},
		Channels: []Channel{
			{ID: "C0INCIDENT", Name: "incident-kafka", Topic: "Kafka pipeline incidents", Members: people},
			{ID: "C0GENERAL", Name: "general", Topic: "Everyone", Members: people},
		},
		Groups: []Group{{ID: "S0ONCALL", Handle: "kafka-oncall", Name: "Kafka on call", Members: []string{"U0ANA", "U0BEN"}}},
	}
}
