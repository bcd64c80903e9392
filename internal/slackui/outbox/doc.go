// Package outbox delivers: one lane per message that keeps its order, at Slack's pace, with a
// second way for what must be heard.
package outbox
