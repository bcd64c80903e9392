// Package api calls Slack's Web API: a client with deadlines, rate limits and faults; messages
// that are posted once and can be found again; private answers, files, and user profiles.
package api
