package scale

// STUBS: signatures other packages build on; the judgement follows.

// Recommend applies every rule of the policy to what was seen and
// says what to do, with reasons in the order of the argument. past is the
// component's history, oldest first, at least the longest window of the rules where
// it exists; the judgement is made for the moment s.At.
func Recommend(c Component, p Policy, s Snapshot, past []Point) Recommendation {
	return Recommendation{Action: Undecided}
}

// Resolve turns a named target into a count for what was seen, or refuses.
func Resolve(c Component, p Policy, s Snapshot, advice Recommendation, t Target) (int, *Refusal) {
	return t.N, nil
}

// Refuse says why a count must not even be proposed: below the minimum, above the
// partitions, a single-instance component, too large a step down, no change, or a
// workload that is not known. It returns nil
// when the count may be proposed.
func Refuse(c Component, p Policy, s Snapshot, to int) *Refusal { return nil }

// MakePlan describes the change to the given count for the card: comparison now and
// after, checklist, warnings, notes, the kubectl line.
func MakePlan(c Component, p Policy, s Snapshot, past []Point, advice Recommendation, to int, reason string) Plan {
	return Plan{To: to}
}

// Drift compares what the proposal was made on with the world now, and refuses with
// code RefusedDrift when the approval would not be for this world any more: other
// replicas, another owner, a rollout that started, lag that changed beyond
// tolerance, or a workload that is unknown now.
func Drift(op Operation, p Policy, now Snapshot) *Refusal { return nil }

// Settlement is the judgement about a running rollout.
type Settlement struct {
	Rollout Rollout
	// Done says that every pod is ready and consuming; Failed says why it never will
	// be, in words for people, empty otherwise.
	Done   bool
	Failed string
}

// Settle follows a rollout one look further (R-034 to R-040, T-36, T-37).
func Settle(op Operation, p Policy, now Snapshot) Settlement { return Settlement{Rollout: op.Rollout} }

// MakeReport fills in the checklist of one horizon. past reaches
// back to at least 15 minutes before the write where it exists.
func MakeReport(c Component, p Policy, op Operation, horizon int, now Snapshot, past []Point) Report {
	return op.Reports[horizon]
}

// Follow moves an episode one look further. prev is the newest episode of this
// component and kind, nil when there never was one. It returns the episode to store
// and whether anything has to be stored; a returned episode without an ID is a new
// one and gets its number from the store.
func Follow(kind EpisodeKind, c Component, p Policy, s Snapshot, past []Point, advice Recommendation, prev *Episode) (Episode, bool) {
	return Episode{}, false
}

// Measure estimates arrival and consumption from the history, each on its own and
// without the pauses of rebalances.
func Measure(past []Point, p Policy) (Rates, bool) { return Rates{}, false }

// Diagnosis is the troubleshooting section of the runbook applied to what is seen
//
type Diagnosis struct {
	Component string
	// Headline says what is most likely wrong, or that nothing stands out.
	Headline string
	// Findings are the branches of the runbook in its order, each answered.
	Findings []Check
	// Next are the steps to take, in order.
	Next []string
}

// Diagnose walks through the troubleshooting branches.
func Diagnose(c Component, p Policy, s Snapshot, past []Point) Diagnosis {
	return Diagnosis{Component: c.Name}
}
