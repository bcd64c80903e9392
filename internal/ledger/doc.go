// Package ledger is the durable story of a change: the operation with its events, the table of
// what may follow what, approvals, and the episodes of alerts.
package ledger
