package slackemu

// call is one Web API call being answered.
type call struct {
	args args
	base string // for links in the answer.
}

// method is one Web API method. It runs with the server's lock held, so it does no I/O.
type method struct {
	scope    string // what the bot token needs; empty for none, or when it depends on the channel.
	app      bool   // takes the app-level token instead.
	formOnly bool   // refuses JSON, as Slack's page of the method says.
	tier     int    // calls per minute.
	run      func(s *Server, c *call) (object, error)
}

// methods is the Web API this emulator knows.
// Source: docs.slack.dev/reference/methods, one page each.
var methods = map[string]method{
	"api.test":                     {tier: tierSpecial, run: func(*Server, *call) (object, error) { return object{}, nil }},
	"auth.test":                    {tier: tierSpecial, run: (*Server).authTest},
	"apps.connections.open":        {app: true, tier: tier3, run: (*Server).connectionsOpen},
	"blocks.validate":              {tier: tier4, run: (*Server).blocksValidate},
	"chat.postMessage":             {scope: "chat:write", tier: tierSpecial, run: (*Server).postMessage},
	"chat.postEphemeral":           {scope: "chat:write", tier: tier4, run: (*Server).postEphemeral},
	"chat.update":                  {scope: "chat:write", tier: tier3, run: (*Server).updateMessage},
	"chat.delete":                  {scope: "chat:write", tier: tier3, run: (*Server).deleteMessage},
	"chat.getPermalink":            {tier: tierSpecial, run: (*Server).permalink},
	"conversations.info":           {tier: tier3, run: (*Server).conversationInfo},
	"conversations.list":           {tier: tier2, run: (*Server).conversationList},
	"conversations.members":        {tier: tier4, run: (*Server).conversationMembers},
	"conversations.history":        {tier: tier3, run: (*Server).history},
	"conversations.replies":        {tier: tier3, run: (*Server).replies},
	"conversations.join":           {scope: "channels:join", tier: tier3, run: (*Server).join},
	"conversations.open":           {scope: "im:write", tier: tier3, run: (*Server).openDirect},
	"users.info":                   {scope: "users:read", tier: tier4, run: (*Server).userInfo},
	"users.lookupByEmail":          {scope: "users:read.email", tier: tier3, run: (*Server).userByEmail},
	"users.list":                   {scope: "users:read", tier: tier2, run: (*Server).userList},
	"usergroups.list":              {scope: "usergroups:read", tier: tier2, run: (*Server).groupList},
	"usergroups.users.list":        {scope: "usergroups:read", tier: tier2, run: (*Server).groupUsers},
	"reactions.add":                {scope: "reactions:write", tier: tier3, run: (*Server).react},
	"pins.add":                     {scope: "pins:write", tier: tier2, run: (*Server).pin},
	"files.getUploadURLExternal":   {scope: "files:write", formOnly: true, tier: tier4, run: (*Server).uploadURL},
	"files.completeUploadExternal": {scope: "files:write", tier: tier4, run: (*Server).completeUpload},
	"views.open":                   {tier: tier4, run: (*Server).viewOpen},
	"views.push":                   {tier: tier4, run: (*Server).viewPush},
	"views.update":                 {tier: tier4, run: (*Server).viewUpdate},
	"views.publish":                {tier: tier4, run: (*Server).viewPublish},
}
