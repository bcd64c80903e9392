// Package audit turns stored operations into a trail that can be handed out: records in
// a hash chain that shows whether a line was changed, removed or moved, and a timeline in
// Markdown for a post-mortem. It is pure; reading the store is its caller's business.
package audit
