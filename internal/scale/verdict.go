package scale

// Verdict is whether a change did what it was made for.
type Verdict string

// The verdicts. Flat lag with more throughput is not a failure: demand grew.
const (
	VerdictWorked      Verdict = "worked"
	VerdictGrew        Verdict = "worked, demand grew"
	VerdictPartial     Verdict = "partial"
	VerdictIneffective Verdict = "ineffective"
	VerdictHarmful     Verdict = "harmful"
	VerdictNotApplied  Verdict = "not applied"
	VerdictUndecided   Verdict = "undecided"
	VerdictRegressed   Verdict = "regressed"
	// VerdictHolds is the good end of a scale-down: lag stayed low.
	VerdictHolds Verdict = "holds"
	// VerdictNoBacklog is the good end of a scale-up in calm: nothing was waiting that could
	// show what the new workers add, and no check found anything wrong.
	VerdictNoBacklog Verdict = "no backlog to judge by"
)
