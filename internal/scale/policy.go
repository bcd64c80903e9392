package scale

import (
	"time"
)

// Urgency is how soon a finding asks for action.
type Urgency int

// The urgencies of the runbook, least first.
const (
	UrgencyNone Urgency = iota
	UrgencyInfo
	UrgencyWarning
	UrgencyCritical
)

// Known reports whether it is one of the urgencies above.
func (u Urgency) Known() bool { return u >= UrgencyNone && u <= UrgencyCritical }

// String is the runbook's word for the urgency.
func (u Urgency) String() string {
	switch u {
	case UrgencyInfo:
		return "Info"
	case UrgencyWarning:
		return "Warning"
	case UrgencyCritical:
		return "Critical"
	default:
		return "None"
	}
}

// Limit is one trigger row of the runbook: a bound, how long it must hold and how
// soon to act.
type Limit struct {
	// Value is the bound; its unit is the rule's: messages, seconds, a share, msg/s
	// per worker.
	Value float64
	// For is how long the condition must hold without a gap; 0 means one sample.
	For time.Duration
	// Urgency and Within are the runbook's urgency and time to act; Within 0 means now.
	Urgency Urgency
	Within  time.Duration
}

// Policy is every number of the runbook. The runbook package fills it; the figures
// below are the embedded default's.
type Policy struct {
	Up      UpLimits
	Down    DownLimits
	Sizing  Sizing
	Rollout RolloutLimits
	After   AfterLimits
	Alert   AlertLimits
	Times   Times
	// TwoPeople are the classes of change that need two approvers.
	TwoPeople TwoPeople
}

// UpLimits are the scale-up triggers; any one is enough.
type UpLimits struct {
	Lag        Limit // 10,000 messages, now, Critical
	Latency    Limit // 5 s p95, 1 h, Warning
	CPU        Limit // 0.80 for 5 min, 1 h, Warning
	Memory     Limit // 0.85 for 5 min, 30 min, Critical
	Errors     Limit // 0.01 by time-outs, 1 h, Warning
	Throughput Limit // 100 msg/s per worker, 4 h, Info; only with demand (T-09)
	// ThroughputLagFloor is the lag above which low throughput means anything (T-09).
	ThroughputLagFloor float64
	// SlowDownload is the p95 of the transfer, in seconds, above which the external
	// service counts as the bottleneck (R-130, T-10).
	SlowDownload float64
}

// DownLimits are the scale-down triggers. All that have data must agree, and an
// unknown one blocks (T-11).
type DownLimits struct {
	Lag    Limit // under 1,000 for 1 h
	CPU    Limit // under 0.30 for 4 h
	Memory Limit // under 0.40 for 4 h
	// MaxStep is how many replicas one move may take away: 2.
	MaxStep int
	// Watch is the time between two moves: 15 min.
	Watch time.Duration
}

// Sizing bounds and shapes the target.
type Sizing struct {
	// MinPerWorker and MaxPerWorker are the rule of thumb, 2 to 4 partitions per
	// worker.
	MinPerWorker, MaxPerWorker int
	// HighLagPerWorker is the most partitions per worker under high lag: 3, which
	// makes 8–12 of 24.
	HighLagPerWorker int
	// TargetRate is messages per second per worker, 100; it is the capacity as long
	// as none was measured.
	TargetRate float64
	// Headroom multiplies the arrivals, 1.2. Recovery is the time in which a
	// backlog should be gone, 10 min.
	Headroom float64
	Recovery time.Duration
	// PodStart and Rebalance are the expected upper ends: 60 s and 30 s.
	PodStart, Rebalance time.Duration
	// LargeChange is the relative change from which the confirmation is more prominent: 0.5.
	LargeChange float64
	// HotShare is the share of lag that makes few partitions hot: 0.8 (T-33).
	HotShare float64
	// FlatSlope is the share of arrivals under which a trend counts as stable: 0.02.
	FlatSlope float64
}

// RolloutLimits bound the execution of a change.
type RolloutLimits struct {
	// PodsLate is after which time a pod that is not Running is reported: 60 s.
	PodsLate time.Duration
	// RebalanceLate is after which time a rebalance is reported: 2 min.
	RebalanceLate time.Duration
	// Deadline is after which time the bot stops waiting for a rollout: 10 min, as a Deployment's
	// own default.
	Deadline time.Duration
	// RevertChecks are the times after the write at which the count is read again to
	// see whether somebody undid it: 30 s and 2 min (T-01).
	RevertChecks []time.Duration
	// LagDrift is the relative change of lag between the posting of a card and the click on it
	// from which the proposal must be computed again: 0.5. Below LagDriftFloor messages a change
	// does not count.
	LagDrift      float64
	LagDriftFloor float64
}

// AfterLimits are the numbers of the post-scale checklist (R-114 to R-125, T-27).
type AfterLimits struct {
	// Lag15 is the acceptable lag at 15 min: 5,000. LagLow is "low" at 1 h: 5,000
	// the report also says whether lag is under LagGood, 1,000.
	Lag15, LagLow, LagGood float64
	// ErrorSpike is the factor over the rate before: 2, only above ErrorFloor 0.01.
	ErrorSpike, ErrorFloor float64
	// Errors60 is the error share at 1 h: 0.01.
	Errors60 float64
	// AtLimit is the share of a bound that counts as hitting it: 0.95.
	AtLimit float64
	// KeptUp is the share of arrivals that consumption must reach: 0.95.
	KeptUp float64
	// Spread is how many partitions more than an even share one member may own: 1.
	Spread int
	// Hold is how long after a scale-up that was judged useless no further one is
	// advised: 1 h (decision B.11).
	Hold time.Duration
}

// The bounds of a snooze, typed or from the menu. Whoever wants a longer silence should change
// the limit of the rule.
const (
	SnoozeLeast = 5 * time.Minute
	SnoozeMost  = 24 * time.Hour
)

// AlertLimits are the numbers of the alert cards.
type AlertLimits struct {
	// CloseShare of the limit is where an episode may close: 0.5, for CloseFor 2 min.
	CloseShare float64
	CloseFor   time.Duration
	// Grace is how long after closing the same episode is opened again: 15 min.
	Grace time.Duration
	// Snoozes are the offered lengths: 30 min and 2 h.
	Snoozes []time.Duration
	// EditEvery is the least time between two edits of a card that follow the numbers: 15 s.
	EditEvery time.Duration
	// BlindFor is for how long rules must be impossible to judge before a note says so, and the
	// least time between two edits of that note: 5 min.
	BlindFor time.Duration
}

// Horizon is one report time after the write.
type Horizon struct {
	// Name is what people call it: "5 min".
	Name string `json:"name"`
	// After is counted from the moment the API server accepted the write (T-26).
	After time.Duration `json:"after"`
}

// Times are the bot's own intervals.
type Times struct {
	// Sample is the sampling interval, 15 s; Live that during a change, 5 s.
	Sample, Live time.Duration
	// Stale is the age from which a reading no longer counts: 60 s.
	Stale time.Duration
	// Gap is the longest hole in a window that still counts as filled: 60 s.
	Gap time.Duration
	// Expiry is how long a proposal waits for approval: 15 min; CriticalExpiry
	// shorter when the lag is critical: 5 min (T-34).
	Expiry, CriticalExpiry time.Duration
	// RateWindow is the window rates are measured over: 5 min.
	RateWindow time.Duration
	// Horizons are the reports, at 5 min, 15 min and 1 h.
	Horizons []Horizon
}
