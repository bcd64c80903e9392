// Package inbox receives from Slack: the sockets, the frames on them, commands, clicks and forms,
// and the check whether the bot takes orders in a channel. It acknowledges every delivery at once
// and answers it once.
package inbox
