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
package scale
