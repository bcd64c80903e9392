package judge

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

func TestR001LagAboveTheLimitIsCritical(t *testing.T) {
	tests := []struct {
		lag    int64
		want   scale.Outcome
		action scale.Action
	}{{10_000, scale.Silent, scale.Hold}, {10_001, scale.Fires, scale.ScaleUp}, {0, scale.Silent, scale.Hold}}
	for _, tt := range tests {
		w := measuretest.CalmWorld().Lag(tt.lag)
		w.Now.Rates.Value.Arrival = 900
		r := recommended(w)
		f, _ := scale.Find(r.Findings, "R-001")
		if f.Outcome != tt.want || r.Action != tt.action {
			t.Errorf("lag %d: got %s and %s, want %s and %s", tt.lag, f.Outcome, r.Action, tt.want, tt.action)
		}
	}
}

func TestR007FindingPrintsMetricValueLimitUrgencyAndTime(t *testing.T) {
	w := measuretest.CalmWorld().Lag(14_200)
	f := outcomeOf(w, t, "R-001")
	if got, want := f.Sentence, "lag 14,200 > 10,000 → Critical, now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f.Rule != "R-001" || f.Metric != "lag" || f.Value != "14,200" || f.Limit != "> 10,000" || f.Advises != scale.ScaleUp || f.Urgency != scale.UrgencyCritical || f.ActWithin != 0 {
		t.Errorf("got %+v", f)
	}
}

func TestR002LatencyAboveFiveSeconds(t *testing.T) {
	for p95, want := range map[float64]scale.Outcome{5.0: scale.Silent, 5.1: scale.Fires, 5.001: scale.Fires} {
		w := measuretest.CalmWorld()
		w.Now.Signals.Latency.Value = p95
		if got := outcomeOf(w, t, "R-002"); got.Outcome != want {
			t.Errorf("p95 %v: got %s, want %s", p95, got.Outcome, want)
		}
	}
	w := measuretest.CalmWorld()
	w.Now.Signals.Latency.Value = 5.001
	scaletest.WantText(t, "a value beside its limit", outcomeOf(w, t, "R-002").Sentence, "5.001 s > 5.0 s", "Warning", "within 1 h")
	if r := recommended(w); r.Action != scale.ScaleUp || r.To != 8 || !r.ActBy.Equal(scaletest.Start.Add(time.Hour)) {
		t.Errorf("got %s to %d by %s, want up to 8 within the hour", r.Action, r.To, r.ActBy)
	}
}

func TestR003CPUAboveTheLimitMustBeSustained(t *testing.T) {
	tests := []struct {
		name string
		now  float64
		// high is since how long ago the CPU has been high.
		high time.Duration
		want scale.Outcome
	}{
		{"at the limit", 0.80, time.Hour, scale.Silent},
		{"short spike", 0.9, 4*time.Minute + 45*time.Second, scale.Silent},
		{"sustained", 0.9, 5 * time.Minute, scale.Fires},
		{"over now, under at the last sample", 0.9, -1, scale.Silent},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		w.Now.Usage.Value.CPULimit = tt.now
		w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
			if ago <= tt.high {
				p.CPU = 0.9
			}
		})
		if got := outcomeOf(w, t, "R-003"); got.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, got.Outcome, got.Sentence, tt.want)
		}
	}
}

func TestR004MemoryIsCriticalWithinThirtyMinutes(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Usage.Value.MemoryLimit = 0.86
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Memory = 0.86 })
	f := outcomeOf(w, t, "R-004")
	if f.Outcome != scale.Fires || f.Urgency != scale.UrgencyCritical || f.ActWithin != 30*time.Minute || f.Window != 5*time.Minute {
		t.Errorf("got %+v", f)
	}
	scaletest.WantText(t, "sentence", f.Sentence, "memory 86 % of limit > 85 %", "for 5 min", "Critical, within 30 min")
}

func TestR010MissingSamplesMakeASustainedRuleUnknown(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Usage.Value.CPULimit = 0.9
	w.Remember(time.Hour, func(ago time.Duration, p *scale.Point) {
		p.CPU = 0.9
		if ago > time.Minute && ago < 3*time.Minute {
			p.CPU = float32(scale.Missing)
		}
	})
	f := outcomeOf(w, t, "R-003")
	if f.Outcome != scale.Unclear {
		t.Fatalf("a hole of two minutes: got %s, want %s", f.Outcome, scale.Unclear)
	}
	scaletest.WantText(t, "reason", f.Sentence, "of 5 min without a gap")
	w.Remember(2*time.Minute, func(_ time.Duration, p *scale.Point) { p.CPU = 0.9 })
	if f = outcomeOf(w, t, "R-003"); f.Outcome != scale.Unclear {
		t.Errorf("a history of two minutes: got %s, want %s", f.Outcome, scale.Unclear)
	}
	w.Now.Usage = scale.Unknown[scale.Usage]("the metrics API answered 503", scaletest.Start, "metrics.k8s.io")
	scaletest.WantText(t, "unknown usage", outcomeOf(w, t, "R-003").Sentence, "cannot be judged", "503")
	w.Now.Usage = scale.Known(scale.Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1}, scaletest.Start, "metrics.k8s.io")
	scaletest.WantText(t, "no bounds set", outcomeOf(w, t, "R-003").Sentence, "neither a limit nor a request")
}

func TestT15TheShareNamesWhatItIsAShareOf(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Usage.Value.CPULimit, w.Now.Usage.Value.CPURequest = -1, 0.95
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.CPU = 0.95 })
	scaletest.WantText(t, "request", outcomeOf(w, t, "R-003").Sentence, "CPU 95 % of request > 80 %")
}

func TestR005OnlyTimeOutsAskForMoreWorkers(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.02, Timeouts: 0.02}
	if f := outcomeOf(w, t, "R-005"); f.Outcome != scale.Fires || f.Advises != scale.ScaleUp || f.Urgency != scale.UrgencyWarning {
		t.Errorf("time-outs: got %+v", f)
	}
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("time-outs: got %s, want up", r.Action)
	}
	w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.02, Timeouts: 0.001}
	if f := outcomeOf(w, t, "R-005"); f.Outcome != scale.Silent {
		t.Errorf("other errors: got %s, want silent", f.Outcome)
	}
	if r := recommended(w); r.Action != scale.Hold {
		t.Errorf("other errors: got %s, want hold", r.Action)
	}
}

func TestT10SlowDownstreamTurnsTheTimeOutRuleAround(t *testing.T) {
	slow := func(edit func(*scale.Signals)) *measuretest.World {
		w := measuretest.CalmWorld()
		w.Now.Signals.Errors.Value = scale.ErrorRate{Share: 0.05, Timeouts: 0.05}
		edit(&w.Now.Signals)
		return w
	}
	tests := map[string]*measuretest.World{
		"slow transfer": slow(func(s *scale.Signals) { s.Download.Value = 9.5 }),
		"open breaker":  slow(func(s *scale.Signals) { s.Breaker.Value.Open = 2 }),
		"transfer unknown": slow(func(s *scale.Signals) {
			s.Download = scale.Unknown[float64]("no pod answered", scaletest.Start, "scrape")
		}),
	}
	for name, w := range tests {
		f, r := outcomeOf(w, t, "R-005"), recommended(w)
		if f.Outcome != scale.Fires || f.Advises != scale.Hold || r.Action != scale.Hold || r.To != r.From {
			t.Errorf("%s: got %s advising %s, action %s to %d", name, f.Outcome, f.Advises, r.Action, r.To)
		}
		if len(r.Vetoes) == 0 || len(r.Remedies) == 0 {
			t.Errorf("%s: got vetoes %q and remedies %q, want both", name, r.Vetoes, r.Remedies)
		}
	}
	w := slow(func(s *scale.Signals) { s.Download = scale.Reading[float64]{} })
	w.Metrics.Download = scale.Metric{}
	if r := recommended(w); r.Action != scale.ScaleUp {
		t.Errorf("a component without a transfer: got %s, want up", r.Action)
	}
}

func TestR006LowThroughputNeedsDemand(t *testing.T) {
	tests := []struct {
		name string
		edit func(*measuretest.World)
		want scale.Outcome
	}{
		{"T-09 no backlog", func(*measuretest.World) {}, scale.Silent},
		{"T-09 backlog that does not grow", func(w *measuretest.World) { w.Lag(6000) }, scale.Silent},
		{"backlog that grows", func(w *measuretest.World) {
			w.Lag(6000)
			w.Remember(10*time.Minute, func(ago time.Duration, p *scale.Point) {
				p.Lag = 7000 - 11*ago.Seconds()
				p.Commits = p.Ends - p.Lag
			})
		}, scale.Fires},
		{"backlog that is young", func(w *measuretest.World) {
			w.Lag(6000)
			w.Remember(10*time.Minute, func(ago time.Duration, p *scale.Point) {
				p.Lag = max(0, 6000-30*ago.Seconds())
				p.Commits = p.Ends - p.Lag
			})
		}, scale.Silent},
		{"busy workers", func(w *measuretest.World) { w.Now.Signals.Busy = scale.Known(28.0, scaletest.Start, "scrape") }, scale.Fires},
		{"enough throughput", func(w *measuretest.World) { w.Now.Signals.Throughput.Value = 600 }, scale.Silent},
		{"unknown", func(w *measuretest.World) { w.Now.Signals.Throughput = scale.Reading[float64]{} }, scale.Unclear},
	}
	for _, tt := range tests {
		w := measuretest.CalmWorld()
		tt.edit(w)
		if f := outcomeOf(w, t, "R-006"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
	}
	w := measuretest.CalmWorld()
	w.Now.Signals.Throughput.Value = 6 * 99.997
	w.Now.Signals.Busy = scale.Known(28.0, scaletest.Start, "scrape")
	if f := outcomeOf(w, t, "R-006"); f.Outcome != scale.Silent {
		t.Errorf("a hair below the target: got %s (%s), want that it is the target", f.Outcome, f.Sentence)
	}
	w.Now.Signals.Throughput.Value = 6 * 99.4
	scaletest.WantText(t, "below the target", outcomeOf(w, t, "R-006").Sentence, "throughput 99 msg/s < 100 msg/s per worker")
	scaletest.WantText(t, "no demand is said", outcomeOf(measuretest.CalmWorld(), t, "R-006").Sentence, "75 msg/s", "little to do")
}

func TestR008TheHighestUrgencyLeadsAndAllAreListed(t *testing.T) {
	w := measuretest.CalmWorld().Lag(20_000)
	w.Now.Usage.Value.CPULimit = 0.9
	w.Now.Signals.Latency.Value = 7
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.CPU = 0.9 })
	r := recommended(w)
	var rules []string
	for _, f := range r.Findings {
		if f.Outcome == scale.Fires {
			rules = append(rules, string(f.Rule))
		}
	}
	if got := strings.Join(rules, " "); got != "R-001 R-002 R-003" || r.Urgency != scale.UrgencyCritical || !r.ActBy.Equal(scaletest.Start) {
		t.Errorf("got rules %v, %s by %s, want R-001 first of three, Critical, now", rules, r.Urgency, r.ActBy)
	}
	if len(r.Reasons) < 3 || r.Reasons[0] != "lag 20,000 > 10,000 → Critical, now" {
		t.Errorf("got reasons %q", r.Reasons)
	}
	// What is urgent leads over an earlier row, and the soonest to act on among equals.
	w.Now.Usage.Value.MemoryLimit, w.Policy.Up.CPU.Within = 0.9, 30*time.Minute
	w.Lag(0).Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.CPU, p.Memory = 0.9, 0.9 })
	r, rules = recommended(w), nil
	for _, f := range r.Findings[:3] {
		rules = append(rules, string(f.Rule))
	}
	if got := strings.Join(rules, " "); got != "R-004 R-003 R-002" || r.Urgency != scale.UrgencyCritical || !r.ActBy.Equal(scaletest.Start.Add(30*time.Minute)) {
		t.Errorf("memory, CPU within half an hour, and latency: got %s, %s by %s", got, r.Urgency, r.ActBy)
	}
}

func TestLagThatIsPartlyKnown(t *testing.T) {
	w := measuretest.CalmWorld().Lag(4800)
	partitions := w.Now.Lag.Value.Partitions
	partitions[3].Flag, partitions[3].Err, partitions[3].Lag = scale.LagUnknown, "no leader", 0
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Unclear {
		t.Errorf("a lower bound under the limit: got %s, want unknown", f.Outcome)
	}
	w.Lag(48_000)
	partitions = w.Now.Lag.Value.Partitions
	partitions[3].Flag, partitions[3].Lag = scale.LagUnknown, 0
	w.Now.Lag.Value = scale.SumLag(partitions, nil)
	f := outcomeOf(w, t, "R-001")
	if f.Outcome != scale.Fires || f.Value != "at least 46,000" {
		t.Errorf("a lower bound over the limit: got %s %q", f.Outcome, f.Value)
	}
}

func TestRebalanceOfTheBotsOwnMakingDoesNotAlarm(t *testing.T) {
	// 900 msg/s and 20 s of standstill make 18,000 messages without anything being wrong.
	w := measuretest.CalmWorld().Lag(15_000)
	w.Now.Rates.Value.Arrival = 900
	w.Now.Group.Value.LastRebalance, w.Now.Group.Value.LastRebalanceAt = 20*time.Second, scaletest.Start.Add(-10*time.Second)
	r := recommended(w)
	f, _ := scale.Find(r.Findings, "R-001")
	if f.Outcome != scale.Silent || r.Urgency != scale.UrgencyNone || r.Action != scale.Hold {
		t.Fatalf("got %s, %s, %s", f.Outcome, r.Urgency, r.Action)
	}
	scaletest.WantText(t, "it is said", r.Reasons[0], "15,000", "rebalance of 20 s", "27,000")

	w.Lag(30_000)
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Fires {
		t.Errorf("more lag than the rebalance explains: got %s, want fires", f.Outcome)
	}
	w.Lag(15_000)
	w.Now.Group.Value.LastRebalanceAt = scaletest.Start.Add(-4 * time.Minute)
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Fires {
		t.Errorf("a rebalance long ago: got %s, want fires", f.Outcome)
	}
	w.Now.Group.Value.LastRebalanceAt = scaletest.Start.Add(-10 * time.Second)
	w.Remember(time.Hour, func(_ time.Duration, p *scale.Point) { p.Lag = 12_000 })
	if f := outcomeOf(w, t, "R-001"); f.Outcome != scale.Fires {
		t.Errorf("lag that was high before: got %s, want fires", f.Outcome)
	}
}

// drains lets the lag fall at the given rate for the last ten minutes.
func drains(w *measuretest.World, perSecond float64) *measuretest.World {
	now := float64(w.Now.Lag.Value.Total)
	w.Remember(10*time.Minute, func(ago time.Duration, p *scale.Point) {
		p.Lag = now + perSecond*ago.Seconds()
		p.Commits = p.Ends - p.Lag
	})
	w.Now.Rates.Value = scale.Rates{Arrival: 450, Consumption: 450 + perSecond, Over: 5 * time.Minute}
	return w
}

// T-33: the last of a backlog lies on a few partitions, whichever were served last. That is no
// hot key.
func TestTheRestOfABacklogIsNoHotKey(t *testing.T) {
	hot := func(perSecond float64) ledger.Recommendation {
		w := measuretest.CalmWorld().Workers(12).OnPartitions(12_000, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18)
		w.Now.Group = scale.Known(measuretest.GroupOf(12, 24), scaletest.Start, "Kafka")
		return recommended(drains(w, perSecond))
	}
	if r := hot(300); len(r.Vetoes) > 0 {
		t.Errorf("gone in 40 s: got %q", r.Vetoes)
	}
	scaletest.WantText(t, "rising", strings.Join(hot(-30).Vetoes, "; "), "fewer than the 12 workers")
}

// B.12: a lag over the limit that is seen to fall, and to be gone within the recovery
// time, is worth knowing and nobody's sleep; one that falls too slowly, rises or is not
// wholly known stays critical.
func TestALagThatDrainsIsNotCritical(t *testing.T) {
	for name, c := range map[string]struct {
		lag    int64
		drains float64
		edit   func(*measuretest.World)
		want   scale.Urgency
	}{
		"gone in 200 s":       {20_000, 100, nil, scale.UrgencyInfo},
		"gone in 20 min":      {120_000, 100, nil, scale.UrgencyCritical},
		"rising":              {20_000, -100, nil, scale.UrgencyCritical},
		"stable":              {20_000, 0, nil, scale.UrgencyCritical},
		"one partition stuck": {20_000, 100, func(w *measuretest.World) { w.Now.Lag.Value.Unknown = 1 }, scale.UrgencyCritical},
	} {
		t.Run(name, func(t *testing.T) {
			w := drains(measuretest.CalmWorld().Lag(c.lag), c.drains)
			if c.edit != nil {
				c.edit(w)
			}
			f := outcomeOf(w, t, "R-001")
			if f.Outcome != scale.Fires || f.Urgency != c.want {
				t.Errorf("got %s, %s (%s), want it to fire as %s", f.Outcome, f.Urgency, f.Sentence, c.want)
			}
			if c.want == scale.UrgencyInfo {
				scaletest.WantText(t, "the sentence", f.Sentence, "lag 20,000 > 10,000, but it falls by 100 msg/s → Info")
			}
		})
	}
}
