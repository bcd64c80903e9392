// Package slackui is Slack both ways, in five rooms.
//
//   - inbox receives: it keeps Socket Mode connections open, acknowledges every envelope within
//     Slack's three seconds and hands what people typed and clicked to the commands.
//   - outbox delivers: Slack is made to look like the operations and episodes, one card each,
//     edited in place at most once a second per channel and never posted twice.
//   - cards draws: a noun goes in, the content of a message comes out, and nothing of Slack's state is asked.
//   - people answers who somebody is and what they may do, read at the click.
//   - api asks Slack: every call has a deadline, and Slack's answers become faults.
//
// Button values carry the id of an operation or episode and nothing else; everything foreign is
// escaped where it is drawn.
package slackui
