package scale

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	tests := map[time.Duration]string{
		0: "under 1 s", 900 * time.Millisecond: "under 1 s", 45 * time.Second: "45 s", 119 * time.Second: "119 s",
		119*time.Second + 600*time.Millisecond: "2 min", 12*time.Minute + 10*time.Second: "12 min", 59*time.Minute + 40*time.Second: "1 h",
		65 * time.Minute: "1 h 5 min", 4 * time.Hour: "4 h", 23*time.Hour + 59*time.Minute + 50*time.Second: "1 d", 51 * time.Hour: "2 d 3 h",
		-90 * time.Second: "-90 s",
	}
	for d, want := range tests {
		if got := Span(d); got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
	}
}

// The longest time into the past is what the zero time makes: it is printed and ends.
func TestSpanOfTheZeroTime(t *testing.T) {
	if got := Span(time.Time{}.Sub(start)); !strings.HasPrefix(got, "-") {
		t.Errorf("got %q, want a negative span", got)
	}
}

func TestNumbersForPeople(t *testing.T) {
	tests := []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(14_200), "14,200"}, {Count(-1_234_567), "-1,234,567"}, {Count(math.MinInt64), "-9,223,372,036,854,775,808"},
		{Percent(0.824), "82 %"}, {Percent(0.004), "0.4 %"}, {Percent(0.02), "2 %"}, {Percent(0), "0 %"}, {Percent(0.0004), "0.04 %"}, {Percent(0.000999), "0.1 %"},
		{Percent(0.00001), "under 0.01 %"}, {Percent(0.0999), "10 %"}, {Percent(1.5), "150 %"}, {Percent(-0.05), "-5 %"},
		{PerSecond(740), "740 msg/s"}, {PerSecond(2.4), "2.4 msg/s"}, {PerSecond(0), "0 msg/s"}, {PerSecond(0.01), "under 0.1 msg/s"},
		{PerSecond(1234.5), "1,235 msg/s"}, {PerSecond(-12.6), "-13 msg/s"}, {PerSecond(9.99), "10 msg/s"},
		{besidePercent(0.804, 0.8), "80.4 %"}, {besidePercent(0.9, 0.8), "90 %"}, {besidePercent(0.8, 0.8), "80 %"}, {besideSeconds(5.1, 5), "5.1 s"},
		{percent(0.8), "80 %"}, {percent(0.855), "85.5 %"}, {list([]string{"a", "b", "c"}, 3), "a, b and c"}, {list([]string{"a", "b", "c"}, 2), "a, b and 1 more"},
		{list(nil, 2), ""}, {span(6, 12), "6–12"}, {span(4, 4), "4"}, {several(1, "pod"), "1 pod"}, {several(2000, "pod"), "2,000 pods"}, {within(0), "now"},
	}
	for _, tt := range tests {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
}

func TestZeroReadingIsUnknown(t *testing.T) {
	var r Reading[int]
	if r.Known() || r.Why() != "not measured" || r.Age(start) != 0 {
		t.Errorf("got known %v, %q, %s", r.Known(), r.Why(), r.Age(start))
	}
	if v, ok := Unknown[int]("", start, "Kafka").Get(); ok || v != 0 {
		t.Errorf("got %d %v", v, ok)
	}
	if got := Unknown[int]("", start, "Kafka").Why(); got != "not measured" {
		t.Errorf("an unknown reading always says why: got %q", got)
	}
	if v, ok := Known(0, start, "Kafka").Get(); !ok || v != 0 {
		t.Error("a measured zero is known")
	}
}

func TestReadingFreshAt(t *testing.T) {
	r := Known(7, start, "Kafka")
	if got := r.FreshAt(start.Add(time.Minute), time.Minute); !got.Known() || got.Value != 7 {
		t.Errorf("at the limit: got %+v", got)
	}
	old := r.FreshAt(start.Add(61*time.Second), time.Minute)
	if old.Known() || old.Source != "Kafka" || !old.At.Equal(start) {
		t.Errorf("over the limit: got %+v", old)
	}
	wantText(t, "why", old.Why(), "last seen 61 s ago")
	if got := r.FreshAt(start.Add(-time.Hour), time.Minute); !got.Known() {
		t.Error("a reading of a clock that is ahead is fresh")
	}
	if got := Unknown[int]("forbidden", start, "x").FreshAt(start.Add(time.Hour), time.Minute).Why(); got != "forbidden" {
		t.Errorf("an unknown reading keeps its reason: got %q", got)
	}
}

func TestWithKeepsAgeAndOrigin(t *testing.T) {
	r := Known(7, start, "Kafka")
	r.Note = "at least"
	if got := With(r, func(n int) string { return fmt.Sprint(n) }); got.Value != "7" || got.Source != "Kafka" || got.Note != "at least" || !got.At.Equal(start) {
		t.Errorf("got %+v", got)
	}
	called := false
	got := With(Unknown[int]("gone", start, "x"), func(int) string { called = true; return "0" })
	if called || got.Known() || got.Value != "" || got.Why() != "gone" {
		t.Errorf("an unknown value was converted: got %+v", got)
	}
}

// What is packed comes out as it went in, to the nanosecond; unknown stays unknown.
func TestSeriesKeepsPointsWhole(t *testing.T) {
	missing := float32(Missing)
	for _, moving := range []bool{false, true} {
		want := Point{At: start.Add(1), Lag: 14200, Ends: 1 << 52, Commits: 7, Moving: moving, Replicas: 6, CPU: 0.5, Memory: 0.25, Errors: missing, Latency: 1.5, Throughput: 480}
		s := NewSeries(1)
		s.Add(want)
		got := s.Last()
		if !got.At.Equal(want.At) || got.Moving != moving || !IsMissing(float64(got.Errors)) {
			t.Errorf("got %+v, want %+v", got, want)
		}
		got.At, got.Errors, want.Errors = want.At, 0, 0
		if got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}

func TestSeriesIsARing(t *testing.T) {
	s := NewSeries(4)
	for i := range 10 {
		s.Add(Point{At: start.Add(time.Duration(i) * time.Second), Lag: float64(i)})
	}
	s.Add(Point{At: start.Add(9 * time.Second), Lag: 99})
	s.Add(Point{At: start, Lag: 98})
	var got []float64
	for i := range s.Len() {
		got = append(got, s.Index(i).Lag)
	}
	if want := []float64{6, 7, 8, 9}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v: the newest four, none that is not newer", got, want)
	}
	if s.Last().Lag != 9 {
		t.Errorf("last: got %v", s.Last().Lag)
	}
	since := s.Since(start.Add(8 * time.Second))
	if len(since) != 2 || since[0].Lag != 8 {
		t.Errorf("since: got %v", since)
	}
	since[0].Lag = -1
	if s.Index(2).Lag != 8 {
		t.Error("Since returns no copy")
	}
	if got := s.Since(start.Add(time.Hour)); len(got) != 0 {
		t.Errorf("since the future: got %d points", len(got))
	}
	var zero Series
	zero.Add(Point{At: start})
	if zero.Len() != 0 || !zero.Last().At.IsZero() || len(zero.Since(start)) != 0 {
		t.Error("the zero series keeps something")
	}
}

func TestMissingIsNeverZero(t *testing.T) {
	if !IsMissing(Missing) || IsMissing(0) || Missing == 0 {
		t.Error("a missing value passes for zero")
	}
}

func TestT32SumLagCountsTheSpecialCases(t *testing.T) {
	lag := SumLag([]PartitionLag{
		{Lag: 20}, {Lag: 10, Lost: 85, Flag: LagLost}, {Lag: 20, Flag: LagUncommitted}, {Flag: LagUncounted}, {Flag: LagAhead}, {Lag: 5000, Flag: LagUnknown},
	}, []string{"t"})
	if lag.Total != 50 || lag.Lost != 85 || lag.Uncommitted != 2 || lag.Ahead != 1 || lag.Unknown != 1 || lag.Complete() {
		t.Errorf("got %+v", lag)
	}
	if (Lag{}).Complete() {
		t.Error("a lag of no partition is complete")
	}
}

func TestGroupStates(t *testing.T) {
	for state, moving := range map[GroupState]bool{"Stable": false, "Empty": false, "Dead": false, "": false,
		"PreparingRebalance": true, "CompletingRebalance": true, "Assigning": true, "Reconciling": true} {
		if state.Rebalancing() != moving || state.Stable() != (state == "Stable") {
			t.Errorf("%q: got moving %v, stable %v", state, state.Rebalancing(), state.Stable())
		}
	}
}

func TestT15UsageNamesItsBase(t *testing.T) {
	u := Usage{CPULimit: 0.5, CPURequest: 0.9, MemoryLimit: -1, MemoryRequest: 0.7}
	if share, of := u.CPU(); share != 0.5 || of != "limit" {
		t.Errorf("got %v of %s", share, of)
	}
	if share, of := u.Memory(); share != 0.7 || of != "request" {
		t.Errorf("got %v of %s", share, of)
	}
	if share, of := (Usage{CPULimit: -1, CPURequest: -1}).CPU(); share >= 0 || of != "" {
		t.Errorf("got %v of %q, want unknown", share, of)
	}
}

func TestWorkloadSettledAndCounted(t *testing.T) {
	w := calmWorld().s.Workload.Value
	if !w.Settled() {
		t.Error("a calm workload is not settled")
	}
	for name, edit := range map[string]func(*Workload){
		"not observed": func(w *Workload) { w.Observed = false }, "rolling": func(w *Workload) { w.Rolling = true },
		"not ready": func(w *Workload) { w.Ready-- }, "old pods": func(w *Workload) { w.Updated-- },
	} {
		bent := w
		edit(&bent)
		if bent.Settled() {
			t.Errorf("%s: got settled", name)
		}
	}
	w.Pods = []Pod{{Name: "a", Current: true}, {Name: "b"}, {Name: "c", Current: true, Terminating: true}}
	if got := w.Counted(); len(got) != 1 || got[0].Name != "a" {
		t.Errorf("T-37: got %v", got)
	}
}

func TestTargetsPrintAsTyped(t *testing.T) {
	for want, target := range map[string]Target{"9": Exactly(9), "+2": {Kind: TargetBy, N: 2}, "-1": {Kind: TargetBy, N: -1},
		"x1.5": {Kind: TargetTimes, Factor: 1.5}, "recommended": {Kind: TargetRecommended}, "min": {Kind: TargetMin}, "": {}} {
		if got := target.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestFaults(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	err := fmt.Errorf("sampling: %w", &Fault{Kind: FaultUnreachable, Doing: "reading lag", Detail: "no broker answers", Cause: cause})
	if !IsFault(err, FaultUnreachable) || IsFault(err, FaultConflict) || !errors.Is(err, cause) || !FaultOf(err).Retryable() {
		t.Errorf("got %v", err)
	}
	wantText(t, "text", err.Error(), "sampling: reading lag: no broker answers")
	if FaultOf(cause) != nil || IsFault(nil, FaultThrottled) {
		t.Error("an ordinary error is a fault")
	}
	if (&Fault{Kind: FaultUnknownOutcome}).Retryable() {
		t.Error("an unknown outcome is not safe to send again")
	}
	if got := (&Fault{Kind: FaultForbidden, Doing: "reading HPAs"}).Error(); got != "reading HPAs: forbidden" {
		t.Errorf("got %q", got)
	}
}

func TestRefusalIsOneLineForPeople(t *testing.T) {
	r := &Refusal{Why: "3 is below the minimum of 4.", Limit: "minimum 4 (R-055)", Next: "Ask for 4."}
	if got, want := r.Error(), "3 is below the minimum of 4 (minimum 4 (R-055)). Ask for 4."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestUrgencyWords(t *testing.T) {
	for u, want := range map[Urgency]string{UrgencyNone: "None", UrgencyInfo: "Info", UrgencyWarning: "Warning", UrgencyCritical: "Critical", 9: "None"} {
		if got := u.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestMessageRoot(t *testing.T) {
	if got := (MessageRef{TS: "1", Thread: "0"}).Root(); got != "0" {
		t.Errorf("in a thread: got %q", got)
	}
	if got := (MessageRef{TS: "1"}).Root(); got != "1" || !(MessageRef{}).IsZero() || !(Person{}).IsZero() {
		t.Errorf("at the top: got %q", got)
	}
}

func TestValuesThatAreNoNumbersAreUnknown(t *testing.T) {
	w := calmWorld()
	w.s.Signals.Latency.Value = math.NaN()
	w.s.Signals.Errors.Value.Share = math.Inf(1)
	w.s.Rates.Value.Arrival = math.NaN()
	for _, rule := range []string{"R-002", "R-005"} {
		if f := w.outcome(t, rule); f.Outcome != Unclear {
			t.Errorf("%s: got %s, want unknown", rule, f.Outcome)
		}
	}
	if d := w.plan(9, "").After.Drain; d.Known {
		t.Errorf("got %+v", d)
	}
}

func TestSentence(t *testing.T) {
	for clause, want := range map[string]string{
		"":                          "",
		"only people on call may":   "Only people on call may.",
		"Ask for 4.":                "Ask for 4.",
		"what was it?":              "What was it?",
		"download-worker-3 is done": "download-worker-3 is done.",
		"p95 is unknown":            "p95 is unknown.",
		"xact.events.raw has 12":    "xact.events.raw has 12.",
		"“foo” is no word":          "“foo” is no word.",
	} {
		if got := Sentence(clause); got != want {
			t.Errorf("%q: got %q, want %q", clause, got, want)
		}
	}
}
