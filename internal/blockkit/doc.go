// Package blockkit knows Slack's limits on messages and views.
//
// Slack refuses a whole message when one character of it breaks a limit, and the Slack client
// library checks almost nothing before sending. So the limits are written down once, here: the
// bot shortens its messages to fit them, and the emulator refuses messages that break them.
//
// [CheckMessage] and [CheckView] read raw JSON, so they check exactly what is sent, whichever
// library made it. The rules are tables: each block or element is one shape in blocks.go or
// elements.go. Each broken rule is a [Problem].
package blockkit
