// Package scale is the vocabulary of scalebot: the nouns that every other package uses, and no
// judgement about them. It has no clock, no network and no log, and imports only the standard
// library.
//
// A [Snapshot] is what the bot has read of one component. Every part of it is a [Reading]: a
// value with its age and source, or the reason why it is unknown. Unknown is never zero. A
// [Component] is what the team's runbook names, and a [Policy] what it demands. A [Finding] is
// the answer of one rule, a [Check] one line of a checklist, a [Refusal] the reason why something
// is not done, and a [Fault] the failure of another system.
//
// The packages above use these words: ledger records, measure counts, ownership says who else
// sets the replicas, judge decides before a change, review compares after it, diagnose searches
// for a cause and capacity plans ahead.
//
// The package has many files because it has many nouns, and each file holds one. What is read of
// Kafka is in group.go, member.go, lag.go and lag_age.go; what is read of Kubernetes in
// workload.go, pod.go, usage.go, room.go and owner.go; what is read of the workers in metric.go
// and signals.go. The runbook's numbers are in policy.go, its row ids in rule.go. The phrases
// that several packages print are in wording.go and span.go.
//
// A sentence made here is in the bot's own words and plain text. Names of pods, topics, images
// and people inside it come from outside and are escaped where the sentence is shown.
package scale
