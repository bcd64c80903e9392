// Package api holds how the bot calls the Kubernetes API server: the deadline of a call, lists in
// pages, watches, the field manager of the bot's writes, and what the answers mean in words for
// people.
package api
