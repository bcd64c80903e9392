// Package doctor checks an installation before it is needed: tokens, scopes, channel, on-call
// group, Kafka, every group and topic of the runbook, the workers' metrics, the cluster's
// permissions, the stored records, the runbook file and the clock. It reads through the bot's own
// adapters, so it finds what the bot would find.
package doctor
