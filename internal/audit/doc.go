// Package audit turns stored operations into a trail that can be given to others: records in a
// hash chain that shows whether a line was changed, removed or moved. It also makes a timeline in
// Markdown for a post-mortem. The package is pure; its caller reads the store.
package audit
