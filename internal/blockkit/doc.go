// Package blockkit knows Slack's limits on messages and views.
//
// Slack refuses a whole message when one character of it breaks a limit, and the Slack
// client library checks almost nothing before sending. So the limits are written down
// once, here: the bot fits what it says to them and the emulator refuses by them.
//
// [CheckMessage] and [CheckView] read raw JSON, so they judge exactly what would go
// over the wire, whichever library produced it. The shapes are tables ([Problem] lists
// what can be said about them); a shape is one entry in blocks.go or elements.go.
package blockkit
