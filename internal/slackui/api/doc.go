// Package api asks Slack's Web API: the client with its pace and its faults, messages that are
// posted once and found again, private answers, files, and who somebody is.
package api
