package measuretest

import (
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// EveryClass is a policy that wants two people for every class.
var EveryClass = scale.TwoPeople{
	BelowRecommended: true, AboveRecommended: true, LargeChange: true, DownUnderLoad: true, OverrideMinimum: true, Partitions: true, AfterIneffective: true,
}

// TestPolicy holds the runbook's numbers, as the comments of Policy give them.
func TestPolicy() scale.Policy {
	return scale.Policy{
		Up: scale.UpLimits{
			Lag:                scale.Limit{Value: 10_000, Urgency: scale.UrgencyCritical},
			Latency:            scale.Limit{Value: 5, Urgency: scale.UrgencyWarning, Within: time.Hour},
			CPU:                scale.Limit{Value: 0.80, For: 5 * time.Minute, Urgency: scale.UrgencyWarning, Within: time.Hour},
			Memory:             scale.Limit{Value: 0.85, For: 5 * time.Minute, Urgency: scale.UrgencyCritical, Within: 30 * time.Minute},
			Errors:             scale.Limit{Value: 0.01, Urgency: scale.UrgencyWarning, Within: time.Hour},
			Throughput:         scale.Limit{Value: 100, Urgency: scale.UrgencyInfo, Within: 4 * time.Hour},
			ThroughputLagFloor: 1000, SlowDownload: 5,
		},
		Down: scale.DownLimits{
			Lag: scale.Limit{Value: 1000, For: time.Hour}, CPU: scale.Limit{Value: 0.30, For: 4 * time.Hour},
			Memory: scale.Limit{Value: 0.40, For: 4 * time.Hour}, MaxStep: 2, Watch: 15 * time.Minute,
		},
		Sizing: scale.Sizing{
			MinPerWorker: 2, MaxPerWorker: 4, HighLagPerWorker: 3, TargetRate: 100, Headroom: 1.2,
			Recovery: 10 * time.Minute, PodStart: time.Minute, Rebalance: 30 * time.Second,
			LargeChange: 0.5, HotShare: 0.8, FlatSlope: 0.02,
		},
		Rollout: scale.RolloutLimits{
			PodsLate: time.Minute, RebalanceLate: 2 * time.Minute, Deadline: 10 * time.Minute,
			RevertChecks: []time.Duration{30 * time.Second, 2 * time.Minute}, LagDrift: 0.5, LagDriftFloor: 1000,
		},
		After: scale.AfterLimits{
			Lag15: 5000, LagLow: 5000, LagGood: 1000, ErrorSpike: 2, ErrorFloor: 0.01, Errors60: 0.01,
			AtLimit: 0.95, KeptUp: 0.95, Spread: 1, Hold: time.Hour,
		},
		Alert: scale.AlertLimits{
			CloseShare: 0.5, CloseFor: 2 * time.Minute, Grace: 15 * time.Minute,
			Snoozes: []time.Duration{30 * time.Minute, 2 * time.Hour}, EditEvery: 15 * time.Second,
		},
		Times: scale.Times{
			Sample: 15 * time.Second, Live: 5 * time.Second, Stale: time.Minute, Gap: time.Minute,
			Expiry: 15 * time.Minute, CriticalExpiry: 5 * time.Minute, RateWindow: 5 * time.Minute,
			Horizons: []scale.Horizon{{Name: "5 min", After: 5 * time.Minute}, {Name: "15 min", After: 15 * time.Minute}, {Name: "1 h", After: time.Hour}},
		},
	}
}
