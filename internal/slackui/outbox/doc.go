// Package outbox delivers messages to Slack. Each channel has a queue (a lane) that keeps to
// Slack's rate limits: new messages first, then only the newest edit of each message. If a
// channel accepts no messages, important ones go to another channel or to people directly.
package outbox
