package scale

import "time"

// Outcome is whether a rule's condition holds.
type Outcome string

// The outcomes of a rule. Unknown is neither silent nor firing.
const (
	Silent  Outcome = "silent"
	Fires   Outcome = "fires"
	Unclear Outcome = "unknown"
)

// Finding is one rule of the runbook applied to what was seen.
type Finding struct {
	// Rule is the requirement row, such as "R-001"; it is part of what people see.
	Rule string `json:"rule"`
	// Metric names what was measured: "consumer lag".
	Metric  string  `json:"metric"`
	Outcome Outcome `json:"outcome"`
	// Value and Limit are printed with their unit: "14,200", "> 10,000".
	Value string `json:"value,omitempty"`
	Limit string `json:"limit,omitempty"`
	// Urgency and ActWithin say how soon to act; ActWithin 0 means now.
	Urgency   Urgency       `json:"urgency,omitempty"`
	ActWithin time.Duration `json:"actWithin,omitempty"`
	// Window is the time the condition must hold, Held how long it has.
	Window time.Duration `json:"window,omitempty"`
	Held   time.Duration `json:"held,omitempty"`
	// Sentence is the whole finding for people: "lag 14,200 > 10,000 → Critical, now".
	Sentence string `json:"sentence"`
	// Advises says which way the rule points: up, down, or hold when it fires but
	// scaling would not help (T-10).
	Advises Action `json:"advises,omitempty"`
	// Missing is why the data is not there that a scale-up rule is judged by; empty where the
	// rule can be judged, or where no data was to be expected.
	Missing string `json:"missing,omitempty"`
	// MissingFrom is the system that the missing data should come from, where that is known.
	MissingFrom string `json:"missingFrom,omitempty"`
	// MissingPart says that some of the data is there, and not enough to judge by.
	MissingPart bool `json:"missingPart,omitempty"`
}

// Action is what a recommendation says to do.
type Action string

// The actions a recommendation may name.
const (
	Hold      Action = "hold"
	ScaleUp   Action = "up"
	ScaleDown Action = "down"
	// Undecided means that too little is known to recommend anything.
	Undecided Action = "unknown"
)

// Option is one replica count worth comparing.
type Option struct {
	Replicas int `json:"replicas"`
	// Consumers is how many consumers they run; 0 in what was stored before that was told.
	Consumers int `json:"consumers,omitempty"`
	// Busiest is the number of partitions on the busiest consumer, ceil(P/N) (T-05).
	Busiest int `json:"busiest"`
	// Efficient says that fewer workers would load the busiest one more.
	Efficient bool `json:"efficient"`
	// Idle is how many consumers would own nothing.
	Idle int `json:"idle,omitempty"`
	// Load is the arrivals of the busiest worker over its capacity; negative when
	// not known.
	Load  float64 `json:"load"`
	Drain Drain   `json:"drain"`
}

// PerPod is how many consumers one pod of the option runs; 0 where that was not told.
func (o Option) PerPod() int {
	if o.Replicas <= 0 {
		return 0
	}
	return o.Consumers / o.Replicas
}

// Drain is the predicted time until the backlog is gone (T-08).
type Drain struct {
	// Known says that arrivals, lag and a capacity were at hand; Why says why not.
	Known bool   `json:"known"`
	Why   string `json:"why,omitempty"`
	// Never says that arrivals reach or exceed capacity, so that the backlog does
	// not drain; MayNot that the slow end of the interval does not.
	Never  bool `json:"never,omitempty"`
	MayNot bool `json:"mayNot,omitempty"`
	// Low, Expected and High bound the time, start of pods and rebalance included.
	Low      time.Duration `json:"low,omitempty"`
	Expected time.Duration `json:"expected,omitempty"`
	High     time.Duration `json:"high,omitempty"`
	// Sentence prints it: "about 6 min (4–9 min)".
	Sentence string `json:"sentence"`
}

// Capacity is messages per second that one worker manages, and how that is known.
type Capacity struct {
	PerWorker float64 `json:"perWorker"`
	// Basis is how it is known: [BasisMeasured], [BasisSlots] or [BasisRunbook].
	Basis string `json:"basis"`
}

// Recommendation is what the runbook and the measurements say together, in order
// and with reasons.
type Recommendation struct {
	Action Action `json:"action"`
	// From is the desired count now, To the recommended one; equal on Hold.
	From int `json:"from"`
	To   int `json:"to"`
	// Urgency is the highest among the rules that fired; ActBy the earliest
	// time to act, zero when there is none.
	Urgency Urgency   `json:"urgency,omitempty"`
	ActBy   time.Time `json:"actBy,omitzero"`
	// Findings are all rules: those that fired first, the most urgent leading, then
	// those that could not be judged, then the silent ones with their numbers.
	Findings []Finding `json:"findings,omitempty"`
	// Reasons are sentences in the order of the argument.
	Reasons []string `json:"reasons,omitempty"`
	// Vetoes are sentences that say why more workers would not help.
	Vetoes []string `json:"vetoes,omitempty"`
	// Remedies are what to do instead, in order, when scaling cannot help.
	Remedies []string `json:"remedies,omitempty"`
	// RunbookLow and RunbookHigh are the rule of thumb's answer.
	RunbookLow  int `json:"runbookLow,omitempty"`
	RunbookHigh int `json:"runbookHigh,omitempty"`
	// Options compare the efficient counts within bounds.
	Options  []Option `json:"options,omitempty"`
	Capacity Capacity `json:"capacity,omitzero"`
}

// Changes reports whether the recommendation is another count.
func (r Recommendation) Changes() bool {
	return (r.Action == ScaleUp || r.Action == ScaleDown) && r.To != r.From
}

// Trend is where lag is going.
type Trend string

// The trends of R-105.
const (
	Rising       Trend = "rising"
	Steady       Trend = "stable"
	Falling      Trend = "falling"
	TrendUnknown Trend = "unknown"
)

// Plan is everything the card shows about one asked change: what it would do, what
// it would not do, and the pre-scale checklist.
type Plan struct {
	From int `json:"from"`
	To   int `json:"to"`
	// Trend and Slope describe the lag: messages per second, positive when rising.
	Trend Trend   `json:"trend"`
	Slope float64 `json:"slope"`
	// Spark is the last few lag totals, oldest first, negative where unknown.
	Spark []int64 `json:"spark,omitempty"`
	// Open says that the workers read the same partitions, as a share group's do, so that
	// these compare nothing and bound nothing.
	Open bool `json:"open,omitempty"`
	// Part is what the workers share out where that is not partitions: "task" of Kafka Streams.
	Part string `json:"part,omitempty"`
	// Now and After compare the counts: partitions of the busiest worker, idle
	// workers, drain time.
	Now   Option `json:"now"`
	After Option `json:"after"`
	// Alternatives are neighbouring efficient counts worth naming.
	Alternatives []Option `json:"alternatives,omitempty"`
	// Checklist is.
	Checklist []Check `json:"checklist,omitempty"`
	// Warnings must be read before approving; Notes are worth knowing.
	Warnings []string `json:"warnings,omitempty"`
	Notes    []string `json:"notes,omitempty"`
	// Reverter says who would undo the change and when; empty when nobody (T-01).
	Reverter string `json:"reverter,omitempty"`
	// Keeper says what an owner of the count that does not undo the change does with it, now
	// or later; empty when there is none. WayOut is what to do about either.
	Keeper string `json:"keeper,omitempty"`
	WayOut string `json:"wayOut,omitempty"`
	// Risks are the classes for which the policy wants two people; empty for routine.
	Risks []Risk `json:"risks,omitempty"`
	// Loud asks for a stronger confirmation.
	Loud bool `json:"loud,omitempty"`
	// NeedsReason says that no trigger holds, so a reason is asked for.
	NeedsReason bool `json:"needsReason,omitempty"`
	// Kubectl is the equivalent command.
	Kubectl string `json:"kubectl"`
}
