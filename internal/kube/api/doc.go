// Package api is how the API server is called: the deadline of a call, lists in pages, watches, the
// name under which the bot writes, and what the answers mean in words fit for people.
package api
