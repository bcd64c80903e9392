package api

// Scope is a right of the bot token.
type Scope struct {
	// Name is Slack's, such as "chat:write"; Why is what the bot needs it for.
	Name, Why string
	// Must says that the bot cannot work without it.
	Must bool
}

// Scopes are the only rights that the bot asks for. [Identity.Scopes] has those that it was
// given.
func Scopes() []Scope {
	return []Scope{
		{"commands", "to be called by /scale", true},
		{"chat:write", "to post and edit cards, reports and alerts", true},
		{"app_mentions:read", "to be called in threads, where slash commands do not work", true},
		{"users:read", "to refuse guests, outsiders and deactivated people", true},
		{"users:read.email", "to find the people of a PagerDuty schedule by their address; nothing else reads addresses", false},
		{"usergroups:read", "to read who is on call", true},
		{"channels:read", "to see whether it is in a public channel and who shares it", true},
		{"groups:read", "the same in private channels", false},
		{"channels:history", "to find its own posts after a broken connection, so that nothing is posted twice", true},
		{"groups:history", "the same in private channels", false},
		{"files:write", "to share a chart as a picture where native charts are refused", false},
	}
}
