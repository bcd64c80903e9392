package runbook

import (
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/measure"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	day = 24 * time.Hour
	// mostMessages bounds counts of messages; it is exact as a float.
	mostMessages = 1e12
	mostReplicas = 1000
)

// readPolicy lays the policy sections of a file onto the policy.
func readPolicy(top *section, p *scale.Policy) {
	readUp(readTriggers(top.sub("scaleUp"), p, scale.ScaleUp), &p.Up)
	readDown(readTriggers(top.sub("scaleDown"), p, scale.ScaleDown), &p.Down)
	readSizing(top.sub("sizing"), &p.Sizing)
	readRollout(top.sub("rollout"), &p.Rollout)
	readAfter(top.sub("after"), &p.After)
	readAlert(top.sub("alert"), &p.Alert)
	readTimes(top.sub("times"), &p.Times)
}

func readUp(s *section, up *scale.UpLimits) {
	s.amount("throughputLagFloor", &up.ThroughputLagFloor, 0, mostMessages)
	s.seconds("slowDownload", &up.SlowDownload, time.Millisecond, day)
	s.end()
}

func readDown(s *section, down *scale.DownLimits) {
	s.count("maxStep", &down.MaxStep, 1, mostReplicas)
	s.length("watch", &down.Watch, 0, day)
	s.end()
}

// readTriggers reads the limits of the triggers that advise the action.
func readTriggers(s *section, p *scale.Policy, advise scale.Action) *section {
	for _, t := range judge.Triggers() {
		if t.Limit != nil && t.Advises == advise {
			readTrigger(s.sub(t.Setting.Key), t, t.Limit(p))
		}
	}
	return s
}

// readTrigger reads one row: its bound, how long that must hold, and how soon to act where
// the row asks for action.
func readTrigger(s *section, t judge.Trigger, limit *scale.Limit) {
	readBound(s, t.Setting, &limit.Value)
	s.length("for", &limit.For, 0, day)
	if t.Advises == scale.ScaleUp {
		s.length("within", &limit.Within, 0, 7*day)
		readUrgency(s, &limit.Urgency)
	}
	s.end()
}

// readBound reads the value of a limit in its unit; a share cannot exceed 100 %.
func readBound(s *section, setting judge.Setting, into *float64) {
	switch setting.Unit {
	case judge.Messages:
		s.amount(setting.Bound, into, 1, mostMessages)
	case judge.MessagesPerSecond:
		s.amount(setting.Bound, into, 0.001, mostMessages)
	case judge.Seconds:
		s.seconds(setting.Bound, into, time.Millisecond, day)
	case judge.Share:
		s.share(setting.Bound, into, 1)
	}
}

func readUrgency(s *section, into *scale.Urgency) {
	var word string
	s.choice("urgency", &word, "info", "warning", "critical")
	switch word {
	case "info":
		*into = scale.UrgencyInfo
	case "warning":
		*into = scale.UrgencyWarning
	case "critical":
		*into = scale.UrgencyCritical
	}
}

func readSizing(s *section, z *scale.Sizing) {
	s.count("minPerWorker", &z.MinPerWorker, 1, mostReplicas)
	s.count("maxPerWorker", &z.MaxPerWorker, 1, mostReplicas)
	s.count("highLagPerWorker", &z.HighLagPerWorker, 1, mostReplicas)
	s.amount("targetRate", &z.TargetRate, 0.001, mostMessages)
	s.amount("headroom", &z.Headroom, 1, 10)
	s.length("recovery", &z.Recovery, time.Second, day)
	s.length("podStart", &z.PodStart, time.Second, time.Hour)
	s.length("rebalance", &z.Rebalance, time.Second, time.Hour)
	s.share("largeChange", &z.LargeChange, 10)
	s.share("hotShare", &z.HotShare, 1)
	s.share("flatSlope", &z.FlatSlope, 1)
	s.end()
}

func readRollout(s *section, r *scale.RolloutLimits) {
	s.length("podsLate", &r.PodsLate, time.Second, time.Hour)
	s.length("rebalanceLate", &r.RebalanceLate, time.Second, time.Hour)
	s.length("deadline", &r.Deadline, time.Minute, day)
	s.lengths("revertChecks", &r.RevertChecks, time.Second, time.Hour)
	s.share("lagDrift", &r.LagDrift, 100)
	s.amount("lagDriftFloor", &r.LagDriftFloor, 0, mostMessages)
	s.end()
}

func readAfter(s *section, a *scale.AfterLimits) {
	s.amount("acceptableLag", &a.Lag15, 1, mostMessages)
	s.amount("lowLag", &a.LagLow, 1, mostMessages)
	s.amount("goodLag", &a.LagGood, 1, mostMessages)
	s.amount("errorSpike", &a.ErrorSpike, 1, 1000)
	s.share("errorFloor", &a.ErrorFloor, 1)
	s.share("errorShare", &a.Errors60, 1)
	s.share("atLimit", &a.AtLimit, 1)
	s.share("keptUp", &a.KeptUp, 1)
	s.count("spread", &a.Spread, 0, mostReplicas)
	s.length("holdAfterIneffective", &a.Hold, 0, day)
	s.end()
}

func readAlert(s *section, a *scale.AlertLimits) {
	s.share("closeShare", &a.CloseShare, 1)
	s.length("closeFor", &a.CloseFor, 0, day)
	s.length("grace", &a.Grace, 0, day)
	s.lengths("snoozes", &a.Snoozes, scale.SnoozeLeast, scale.SnoozeMost)
	s.length("editEvery", &a.EditEvery, time.Second, time.Hour)
	s.length("blindFor", &a.BlindFor, time.Minute, day)
	s.end()
}

func readTimes(s *section, t *scale.Times) {
	s.length("sample", &t.Sample, time.Second, time.Hour)
	s.length("live", &t.Live, time.Second, time.Hour)
	s.length("stale", &t.Stale, time.Second, day)
	s.length("gap", &t.Gap, time.Second, day)
	s.length("expiry", &t.Expiry, 30*time.Second, day)
	s.length("criticalExpiry", &t.CriticalExpiry, 30*time.Second, day)
	s.length("rateWindow", &t.RateWindow, measure.LeastRateSpan, time.Hour)
	readReports(s, t)
	s.end()
}

// readReports names every report by its time, the way people say it.
func readReports(s *section, t *scale.Times) {
	var after []time.Duration
	if s.lengths("reports", &after, time.Minute, 7*day); !s.has("reports") {
		return
	}
	t.Horizons = make([]scale.Horizon, 0, len(after))
	for _, d := range after {
		t.Horizons = append(t.Horizons, scale.Horizon{Name: scale.Span(d), After: d})
	}
}
