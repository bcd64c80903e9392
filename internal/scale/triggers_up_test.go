package scale

import (
	"strings"
	"testing"
	"time"
)

func TestR001LagAboveTheLimitIsCritical(t *testing.T) {
	tests := []struct {
		lag    int64
		want   Outcome
		action Action
	}{{10_000, Silent, Hold}, {10_001, Fires, ScaleUp}, {0, Silent, Hold}}
	for _, tt := range tests {
		w := calmWorld().lag(tt.lag)
		w.s.Rates.Value.Arrival = 900
		r := w.recommend()
		f, _ := find(r.Findings, "R-001")
		if f.Outcome != tt.want || r.Action != tt.action {
			t.Errorf("lag %d: got %s and %s, want %s and %s", tt.lag, f.Outcome, r.Action, tt.want, tt.action)
		}
	}
}

func TestR007FindingPrintsMetricValueLimitUrgencyAndTime(t *testing.T) {
	w := calmWorld().lag(14_200)
	f := w.outcome(t, "R-001")
	if got, want := f.Sentence, "lag 14,200 > 10,000 → Critical, now"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if f.Rule != "R-001" || f.Metric != "lag" || f.Value != "14,200" || f.Limit != "> 10,000" || f.Advises != ScaleUp || f.Urgency != UrgencyCritical || f.ActWithin != 0 {
		t.Errorf("got %+v", f)
	}
}

func TestR002LatencyAboveFiveSeconds(t *testing.T) {
	for p95, want := range map[float64]Outcome{5.0: Silent, 5.1: Fires, 5.001: Fires} {
		w := calmWorld()
		w.s.Signals.Latency.Value = p95
		if got := w.outcome(t, "R-002"); got.Outcome != want {
			t.Errorf("p95 %v: got %s, want %s", p95, got.Outcome, want)
		}
	}
	w := calmWorld()
	w.s.Signals.Latency.Value = 5.001
	wantText(t, "a value beside its limit", w.outcome(t, "R-002").Sentence, "5.001 s > 5.0 s", "Warning", "within 1 h")
	if r := w.recommend(); r.Action != ScaleUp || r.To != 8 || !r.ActBy.Equal(start.Add(time.Hour)) {
		t.Errorf("got %s to %d by %s, want up to 8 within the hour", r.Action, r.To, r.ActBy)
	}
}

func TestR003CPUAboveTheLimitMustBeSustained(t *testing.T) {
	tests := []struct {
		name string
		now  float64
		// high is since how long ago the CPU has been high.
		high time.Duration
		want Outcome
	}{
		{"at the limit", 0.80, time.Hour, Silent},
		{"short spike", 0.9, 4*time.Minute + 45*time.Second, Silent},
		{"sustained", 0.9, 5 * time.Minute, Fires},
		{"over now, under at the last sample", 0.9, -1, Silent},
	}
	for _, tt := range tests {
		w := calmWorld()
		w.s.Usage.Value.CPULimit = tt.now
		w.remember(time.Hour, func(ago time.Duration, p *Point) {
			if ago <= tt.high {
				p.CPU = 0.9
			}
		})
		if got := w.outcome(t, "R-003"); got.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, got.Outcome, got.Sentence, tt.want)
		}
	}
}

func TestR004MemoryIsCriticalWithinThirtyMinutes(t *testing.T) {
	w := calmWorld()
	w.s.Usage.Value.MemoryLimit = 0.86
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Memory = 0.86 })
	f := w.outcome(t, "R-004")
	if f.Outcome != Fires || f.Urgency != UrgencyCritical || f.ActWithin != 30*time.Minute || f.Window != 5*time.Minute {
		t.Errorf("got %+v", f)
	}
	wantText(t, "sentence", f.Sentence, "memory 86 % of limit > 85 %", "for 5 min", "Critical, within 30 min")
}

func TestR010MissingSamplesMakeASustainedRuleUnknown(t *testing.T) {
	w := calmWorld()
	w.s.Usage.Value.CPULimit = 0.9
	w.remember(time.Hour, func(ago time.Duration, p *Point) {
		p.CPU = 0.9
		if ago > time.Minute && ago < 3*time.Minute {
			p.CPU = float32(Missing)
		}
	})
	f := w.outcome(t, "R-003")
	if f.Outcome != Unclear {
		t.Fatalf("a hole of two minutes: got %s, want %s", f.Outcome, Unclear)
	}
	wantText(t, "reason", f.Sentence, "of 5 min without a gap")
	w.remember(2*time.Minute, func(_ time.Duration, p *Point) { p.CPU = 0.9 })
	if f = w.outcome(t, "R-003"); f.Outcome != Unclear {
		t.Errorf("a history of two minutes: got %s, want %s", f.Outcome, Unclear)
	}
	w.s.Usage = Unknown[Usage]("the metrics API answered 503", start, "metrics.k8s.io")
	wantText(t, "unknown usage", w.outcome(t, "R-003").Sentence, "cannot be judged", "503")
	w.s.Usage = Known(Usage{CPULimit: -1, CPURequest: -1, MemoryLimit: -1, MemoryRequest: -1}, start, "metrics.k8s.io")
	wantText(t, "no bounds set", w.outcome(t, "R-003").Sentence, "neither a limit nor a request")
}

func TestT15TheShareNamesWhatItIsAShareOf(t *testing.T) {
	w := calmWorld()
	w.s.Usage.Value.CPULimit, w.s.Usage.Value.CPURequest = -1, 0.95
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.CPU = 0.95 })
	wantText(t, "request", w.outcome(t, "R-003").Sentence, "CPU 95 % of request > 80 %")
}

func TestR005OnlyTimeOutsAskForMoreWorkers(t *testing.T) {
	w := calmWorld()
	w.s.Signals.Errors.Value = ErrorRate{Share: 0.02, Timeouts: 0.02}
	if f := w.outcome(t, "R-005"); f.Outcome != Fires || f.Advises != ScaleUp || f.Urgency != UrgencyWarning {
		t.Errorf("time-outs: got %+v", f)
	}
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("time-outs: got %s, want up", r.Action)
	}
	w.s.Signals.Errors.Value = ErrorRate{Share: 0.02, Timeouts: 0.001}
	if f := w.outcome(t, "R-005"); f.Outcome != Silent {
		t.Errorf("other errors: got %s, want silent", f.Outcome)
	}
	if r := w.recommend(); r.Action != Hold {
		t.Errorf("other errors: got %s, want hold", r.Action)
	}
}

func TestT10SlowDownstreamTurnsTheTimeOutRuleAround(t *testing.T) {
	slow := func(edit func(*Signals)) *world {
		w := calmWorld()
		w.s.Signals.Errors.Value = ErrorRate{Share: 0.05, Timeouts: 0.05}
		edit(&w.s.Signals)
		return w
	}
	tests := map[string]*world{
		"slow transfer":    slow(func(s *Signals) { s.Download.Value = 9.5 }),
		"open breaker":     slow(func(s *Signals) { s.Breaker.Value.Open = 2 }),
		"transfer unknown": slow(func(s *Signals) { s.Download = Unknown[float64]("no pod answered", start, "scrape") }),
	}
	for name, w := range tests {
		f, r := w.outcome(t, "R-005"), w.recommend()
		if f.Outcome != Fires || f.Advises != Hold || r.Action != Hold || r.To != r.From {
			t.Errorf("%s: got %s advising %s, action %s to %d", name, f.Outcome, f.Advises, r.Action, r.To)
		}
		if len(r.Vetoes) == 0 || len(r.Remedies) == 0 {
			t.Errorf("%s: got vetoes %q and remedies %q, want both", name, r.Vetoes, r.Remedies)
		}
	}
	w := slow(func(s *Signals) { s.Download = Reading[float64]{} })
	w.Metrics.Download = Metric{}
	if r := w.recommend(); r.Action != ScaleUp {
		t.Errorf("a component without a transfer: got %s, want up", r.Action)
	}
}

func TestR006LowThroughputNeedsDemand(t *testing.T) {
	tests := []struct {
		name string
		edit func(*world)
		want Outcome
	}{
		{"T-09 no backlog", func(*world) {}, Silent},
		{"T-09 backlog that does not grow", func(w *world) { w.lag(6000) }, Silent},
		{"backlog that grows", func(w *world) {
			w.lag(6000)
			w.remember(10*time.Minute, func(ago time.Duration, p *Point) {
				p.Lag = 7000 - 11*ago.Seconds()
				p.Commits = p.Ends - p.Lag
			})
		}, Fires},
		{"backlog that is young", func(w *world) {
			w.lag(6000)
			w.remember(10*time.Minute, func(ago time.Duration, p *Point) {
				p.Lag = max(0, 6000-30*ago.Seconds())
				p.Commits = p.Ends - p.Lag
			})
		}, Silent},
		{"busy workers", func(w *world) { w.s.Signals.Busy = Known(28.0, start, "scrape") }, Fires},
		{"enough throughput", func(w *world) { w.s.Signals.Throughput.Value = 600 }, Silent},
		{"unknown", func(w *world) { w.s.Signals.Throughput = Reading[float64]{} }, Unclear},
	}
	for _, tt := range tests {
		w := calmWorld()
		tt.edit(w)
		if f := w.outcome(t, "R-006"); f.Outcome != tt.want {
			t.Errorf("%s: got %s (%s), want %s", tt.name, f.Outcome, f.Sentence, tt.want)
		}
	}
	w := calmWorld()
	w.s.Signals.Throughput.Value = 6 * 99.997
	w.s.Signals.Busy = Known(28.0, start, "scrape")
	if f := w.outcome(t, "R-006"); f.Outcome != Silent {
		t.Errorf("a hair below the target: got %s (%s), want that it is the target", f.Outcome, f.Sentence)
	}
	w.s.Signals.Throughput.Value = 6 * 99.4
	wantText(t, "below the target", w.outcome(t, "R-006").Sentence, "throughput 99 msg/s < 100 msg/s per worker")
	wantText(t, "no demand is said", calmWorld().outcome(t, "R-006").Sentence, "75 msg/s", "little to do")
}

func TestR008TheHighestUrgencyLeadsAndAllAreListed(t *testing.T) {
	w := calmWorld().lag(20_000)
	w.s.Usage.Value.CPULimit = 0.9
	w.s.Signals.Latency.Value = 7
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.CPU = 0.9 })
	r := w.recommend()
	var rules []string
	for _, f := range r.Findings {
		if f.Outcome == Fires {
			rules = append(rules, f.Rule)
		}
	}
	if got := strings.Join(rules, " "); got != "R-001 R-002 R-003" || r.Urgency != UrgencyCritical || !r.ActBy.Equal(start) {
		t.Errorf("got rules %v, %s by %s, want R-001 first of three, Critical, now", rules, r.Urgency, r.ActBy)
	}
	if len(r.Reasons) < 3 || r.Reasons[0] != "lag 20,000 > 10,000 → Critical, now" {
		t.Errorf("got reasons %q", r.Reasons)
	}
	// What is urgent leads over an earlier row, and the soonest to act on among equals.
	w.s.Usage.Value.MemoryLimit, w.Policy.Up.CPU.Within = 0.9, 30*time.Minute
	w.lag(0).remember(time.Hour, func(_ time.Duration, p *Point) { p.CPU, p.Memory = 0.9, 0.9 })
	r, rules = w.recommend(), nil
	for _, f := range r.Findings[:3] {
		rules = append(rules, f.Rule)
	}
	if got := strings.Join(rules, " "); got != "R-004 R-003 R-002" || r.Urgency != UrgencyCritical || !r.ActBy.Equal(start.Add(30*time.Minute)) {
		t.Errorf("memory, CPU within half an hour, and latency: got %s, %s by %s", got, r.Urgency, r.ActBy)
	}
}

func TestLagThatIsPartlyKnown(t *testing.T) {
	w := calmWorld().lag(4800)
	partitions := w.s.Lag.Value.Partitions
	partitions[3].Flag, partitions[3].Err, partitions[3].Lag = LagUnknown, "no leader", 0
	w.s.Lag.Value = SumLag(partitions, nil)
	if f := w.outcome(t, "R-001"); f.Outcome != Unclear {
		t.Errorf("a lower bound under the limit: got %s, want unknown", f.Outcome)
	}
	w.lag(48_000)
	partitions = w.s.Lag.Value.Partitions
	partitions[3].Flag, partitions[3].Lag = LagUnknown, 0
	w.s.Lag.Value = SumLag(partitions, nil)
	f := w.outcome(t, "R-001")
	if f.Outcome != Fires || f.Value != "at least 46,000" {
		t.Errorf("a lower bound over the limit: got %s %q", f.Outcome, f.Value)
	}
}

func TestRebalanceOfTheBotsOwnMakingDoesNotAlarm(t *testing.T) {
	// 900 msg/s and 20 s of standstill make 18,000 messages without anything being wrong.
	w := calmWorld().lag(15_000)
	w.s.Rates.Value.Arrival = 900
	w.s.Group.Value.LastRebalance, w.s.Group.Value.LastRebalanceAt = 20*time.Second, start.Add(-10*time.Second)
	r := w.recommend()
	f, _ := find(r.Findings, "R-001")
	if f.Outcome != Silent || r.Urgency != UrgencyNone || r.Action != Hold {
		t.Fatalf("got %s, %s, %s", f.Outcome, r.Urgency, r.Action)
	}
	wantText(t, "it is said", r.Reasons[0], "15,000", "rebalance of 20 s", "27,000")

	w.lag(30_000)
	if f := w.outcome(t, "R-001"); f.Outcome != Fires {
		t.Errorf("more lag than the rebalance explains: got %s, want fires", f.Outcome)
	}
	w.lag(15_000)
	w.s.Group.Value.LastRebalanceAt = start.Add(-4 * time.Minute)
	if f := w.outcome(t, "R-001"); f.Outcome != Fires {
		t.Errorf("a rebalance long ago: got %s, want fires", f.Outcome)
	}
	w.s.Group.Value.LastRebalanceAt = start.Add(-10 * time.Second)
	w.remember(time.Hour, func(_ time.Duration, p *Point) { p.Lag = 12_000 })
	if f := w.outcome(t, "R-001"); f.Outcome != Fires {
		t.Errorf("lag that was high before: got %s, want fires", f.Outcome)
	}
}

// drains lets the lag fall at the given rate for the last ten minutes.
func (w *world) drains(perSecond float64) *world {
	now := float64(w.s.Lag.Value.Total)
	w.remember(10*time.Minute, func(ago time.Duration, p *Point) {
		p.Lag = now + perSecond*ago.Seconds()
		p.Commits = p.Ends - p.Lag
	})
	w.s.Rates.Value = Rates{Arrival: 450, Consumption: 450 + perSecond, Over: 5 * time.Minute}
	return w
}

// B.12: a lag over the limit that is seen to fall, and to be gone within the recovery
// time, is worth knowing and nobody's sleep; one that falls too slowly, rises or is not
// wholly known stays critical.
func TestALagThatDrainsIsNotCritical(t *testing.T) {
	for name, c := range map[string]struct {
		lag    int64
		drains float64
		edit   func(*world)
		want   Urgency
	}{
		"gone in 200 s":       {20_000, 100, nil, UrgencyInfo},
		"gone in 20 min":      {120_000, 100, nil, UrgencyCritical},
		"rising":              {20_000, -100, nil, UrgencyCritical},
		"stable":              {20_000, 0, nil, UrgencyCritical},
		"one partition stuck": {20_000, 100, func(w *world) { w.s.Lag.Value.Unknown = 1 }, UrgencyCritical},
	} {
		t.Run(name, func(t *testing.T) {
			w := calmWorld().lag(c.lag).drains(c.drains)
			if c.edit != nil {
				c.edit(w)
			}
			f := w.outcome(t, "R-001")
			if f.Outcome != Fires || f.Urgency != c.want {
				t.Errorf("got %s, %s (%s), want it to fire as %s", f.Outcome, f.Urgency, f.Sentence, c.want)
			}
			if c.want == UrgencyInfo {
				wantText(t, "the sentence", f.Sentence, "lag 20,000 > 10,000, but it falls and is gone in about 3 min → Info")
			}
		})
	}
}
