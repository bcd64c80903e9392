// Package cardstest draws every message the bot can send, for the tests that look at all of
// them.
package cardstest
