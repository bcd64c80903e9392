// Package doctor examines an installation before it matters: tokens, scopes, channel,
// on-call group, Kafka, every group and topic of the runbook, the workers' metrics, the
// cluster's rights, the stored records, the runbook file and the clock. It reads with the
// bot's own adapters, so that what it finds is what the bot would find.
package doctor
