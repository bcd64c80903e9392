// Package slackui connects the bot with Slack, in five packages.
//
//   - inbox receives: it keeps Socket Mode connections open, acknowledges every envelope within
//     Slack's three seconds, and passes on what people typed and clicked to the commands.
//   - outbox delivers: it makes Slack show the stored operations and episodes, one card each,
//     which it edits at most once a second per channel and never posts twice.
//   - cards draws: it turns an operation, episode or answer into the content of a message,
//     without asking Slack anything.
//   - people answers who somebody is and what they may do, read again at each click.
//   - api calls Slack: every call has a deadline, and Slack's errors become faults.
//
// A button's value is the id of an operation or episode and nothing else. All text from outside
// is escaped where it is drawn.
package slackui
