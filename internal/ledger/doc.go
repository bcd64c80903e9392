// Package ledger is the durable record of a change: the operation with its events, the table of
// allowed states, the approvals, and the episodes of alerts.
package ledger
