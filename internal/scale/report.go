package scale

import "time"

// Result is the answer of one check.
type Result string

// The answers a check may give. Unknown is never a pass.
const (
	Pass         Result = "pass"
	Warn         Result = "warn"
	Fail         Result = "fail"
	ResultUnsure Result = "unknown"
)

// Check is one item of a checklist with its numbers and where they come from.
type Check struct {
	// Rule is the requirement row, such as "R-118".
	Rule string `json:"rule"`
	// Name is what is checked: "lag under 5,000".
	Name   string `json:"name"`
	Result Result `json:"result"`
	// Before and After are the printed values; "unknown" with the reason in Note
	// when there is none. Before is empty where it makes no sense.
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	// Source is where the value comes from and how old it was.
	Source string `json:"source,omitempty"`
	// Note explains: pod names, the event, why it is unknown.
	Note string `json:"note,omitempty"`
}

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

// Report is the runbook's checklist at one horizon after the write.
type Report struct {
	// Horizon is "5 min", "15 min" or "1 h".
	Horizon string    `json:"horizon"`
	Due     time.Time `json:"due"`
	// MadeAt is when the world was judged; zero while the report is due. Late says
	// that it was made well after Due because the bot was down.
	MadeAt time.Time `json:"madeAt,omitzero"`
	Late   bool      `json:"late,omitempty"`
	// Posted is where people see it; zero while it is not posted.
	Posted MessageRef `json:"posted,omitzero"`
	// Closed says why it will never be made: a newer scale took over.
	Closed string `json:"closed,omitempty"`

	Checks  []Check `json:"checks,omitempty"`
	Verdict Verdict `json:"verdict,omitempty"`
	// Why explains the verdict, Forecast compares prediction and fact, Next is what
	// to do now.
	Why      string `json:"why,omitempty"`
	Forecast string `json:"forecast,omitempty"`
	Next     string `json:"next,omitempty"`
	// Suggest is a count worth scaling to next; 0 when none. RollBack offers the old
	// number, Diagnose the troubleshooting.
	Suggest  int  `json:"suggest,omitempty"`
	RollBack bool `json:"rollBack,omitempty"`
	Diagnose bool `json:"diagnose,omitempty"`
	// Lag is the total the report judged by, unknown in reports of older versions.
	Lag Reading[int64] `json:"lag,omitzero"`
	// Chart is the lag from before the write until now, at most 20 points: of each stretch
	// the highest, and last what it was when the report was made.
	Chart []ChartPoint `json:"chart,omitempty"`
}

// Pending reports whether the report still has to be made.
func (r Report) Pending() bool { return r.MadeAt.IsZero() && r.Closed == "" }

// ChartPoint is one point of a lag chart. A negative Lag means unknown.
type ChartPoint struct {
	At       time.Time `json:"at"`
	Lag      int64     `json:"lag"`
	Replicas int       `json:"replicas"`
}
