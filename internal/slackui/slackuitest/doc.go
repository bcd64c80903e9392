// Package slackuitest holds what the tests of Slack's side share: operations, reports and
// alerts in every state, and a small workspace that answers as Slack does.
package slackuitest
