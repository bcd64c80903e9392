package runbook

import (
	"time"

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
	readUp(top.sub("scaleUp"), &p.Up)
	readDown(top.sub("scaleDown"), &p.Down)
	readSizing(top.sub("sizing"), &p.Sizing)
	readRollout(top.sub("rollout"), &p.Rollout)
	readAfter(top.sub("after"), &p.After)
	readAlert(top.sub("alert"), &p.Alert)
	readTimes(top.sub("times"), &p.Times)
}

func readUp(s *section, up *scale.UpLimits) {
	trigger(s.sub("lag"), &up.Lag, func(s *section, v *float64) { s.amount("above", v, 1, mostMessages) })
	trigger(s.sub("latency"), &up.Latency, func(s *section, v *float64) { s.seconds("above", v, time.Millisecond, day) })
	trigger(s.sub("cpu"), &up.CPU, shareOf("above"))
	trigger(s.sub("memory"), &up.Memory, shareOf("above"))
	trigger(s.sub("timeoutErrors"), &up.Errors, shareOf("above"))
	trigger(s.sub("throughput"), &up.Throughput, func(s *section, v *float64) { s.amount("below", v, 0.001, mostMessages) })
	s.amount("throughputLagFloor", &up.ThroughputLagFloor, 0, mostMessages)
	s.seconds("slowDownload", &up.SlowDownload, time.Millisecond, day)
	s.end()
}

func readDown(s *section, down *scale.DownLimits) {
	quiet(s.sub("lag"), &down.Lag, func(s *section, v *float64) { s.amount("below", v, 1, mostMessages) })
	quiet(s.sub("cpu"), &down.CPU, shareOf("below"))
	quiet(s.sub("memory"), &down.Memory, shareOf("below"))
	s.count("maxStep", &down.MaxStep, 1, mostReplicas)
	s.length("watch", &down.Watch, 0, day)
	s.end()
}

// shareOf reads the bound of a rule about a share; a share cannot exceed 100 %.
func shareOf(key string) func(*section, *float64) {
	return func(s *section, v *float64) { s.share(key, v, 1) }
}

// trigger reads one scale-up row.
func trigger(s *section, limit *scale.Limit, value func(*section, *float64)) {
	value(s, &limit.Value)
	s.length("for", &limit.For, 0, day)
	s.length("within", &limit.Within, 0, 7*day)
	readUrgency(s, &limit.Urgency)
	s.end()
}

// quiet reads one scale-down row.
func quiet(s *section, limit *scale.Limit, value func(*section, *float64)) {
	value(s, &limit.Value)
	s.length("for", &limit.For, 0, day)
	s.end()
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
