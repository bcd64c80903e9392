// Package cards draws: operations, reports, alerts and answers become messages that fit into
// Slack's limits. Everything is a pure function, and the golden files show each message.
package cards
