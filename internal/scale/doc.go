// Package scale holds the nouns of scalebot and the judgement about them, and
// nothing else: no clock, no network, no logging, only the standard library.
//
// What is seen of the world is a [Snapshot], every part of which is a [Reading]:
// a value with its age and source, or the reason why it is unknown. Unknown is
// never zero. What the team's runbook demands is a [Policy]. From the two, pure
// functions make a [Recommendation], a [Plan] for a number somebody typed, and the
// [Report]s that follow a change. An [Operation] is the durable story of one
// change, and its state is what its last [Event] says. An [Episode] is the story
// of one alert.
//
// # The judgement
//
// Every function takes the moment it judges for from the snapshot, and the past as
// [Point]s, oldest first.
//
//   - [Measure] tells arrivals and consumption apart (rates.go, trend.go).
//   - [Recommend] applies the rules (triggers_up.go, triggers_down.go, window.go),
//     chooses a count (choose.go, descend.go, sizing.go, drain.go, capacity.go) and
//     says what speaks against it (veto.go, skew.go, excuse.go, owner.go).
//   - [Resolve] and [Refuse] turn what somebody typed into a count or a reason why not.
//   - [MakePlan] fills the card (plan.go, checklist.go); [Drift] says whether an
//     approval is still for this world.
//   - [Settle] follows a rollout (settle.go, trouble.go); [MakeReport] looks back on
//     it (followup.go and its checks, verdict.go, outcome.go).
//   - [Follow] moves an alert or suggestion (follow.go, closing.go).
//   - [Diagnose] walks through the troubleshooting (diagnose.go, tuning.go).
//
// A sentence made here is in the bot's own words and plain text; names of pods,
// topics, images and people inside it are foreign and are escaped where it is shown.
package scale
