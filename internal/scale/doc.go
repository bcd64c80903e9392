// Package scale is the vocabulary of scalebot: the nouns that everything else speaks in, and no
// judgement about them. It has no clock, no network and no log, and imports only the standard
// library.
//
// What is seen of the world is a [Snapshot], every part of which is a [Reading]: a value with its
// age and source, or the reason why it is unknown. Unknown is never zero. A [Component] is what
// the team's runbook names, and a [Policy] what it demands. A [Finding] is what one rule says, a
// [Check] one line of a checklist, a [Refusal] the reason why something is not done, and a
// [Fault] what kept another system from answering.
//
// The floors above use these words: ledger records, measure counts, ownership says who else sets
// the replicas, judge decides before a change, review looks back on it, diagnose looks for a
// cause and capacity plans ahead.
//
// A sentence made here is in the bot's own words and plain text; names of pods, topics, images
// and people inside it are foreign and are escaped where it is shown.
package scale
