// Package slackui is Slack both ways. Inwards, a [Listener] keeps Socket Mode
// connections open, acknowledges every envelope within Slack's three seconds and
// hands what people typed and clicked to the commands. Outwards, an [Announcer]
// makes Slack look like the operations and episodes: one card each, edited in
// place at most once a second per channel, never posted twice. A [Directory]
// answers who somebody is and what they may do, read at the click. All three speak
// through one [Client], which gives every call a deadline and turns Slack's answers
// into faults.
//
// Drawing is pure: a noun goes in, a [Look] comes out, and nothing of Slack's state
// is asked. Button values carry the id of an operation or episode and nothing else;
// everything foreign is escaped where it is drawn.
package slackui
