package scale

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/scale/scaletest"
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
	if got := Span(time.Time{}.Sub(scaletest.Start)); !strings.HasPrefix(got, "-") {
		t.Errorf("got %q, want a negative span", got)
	}
}

func TestZeroReadingIsUnknown(t *testing.T) {
	var r Reading[int]
	if r.Known() || r.Why() != "not measured" || r.Age(scaletest.Start) != 0 {
		t.Errorf("got known %v, %q, %s", r.Known(), r.Why(), r.Age(scaletest.Start))
	}
	if v, ok := Unknown[int]("", scaletest.Start, "Kafka").Get(); ok || v != 0 {
		t.Errorf("got %d %v", v, ok)
	}
	if got := Unknown[int]("", scaletest.Start, "Kafka").Why(); got != "not measured" {
		t.Errorf("an unknown reading always says why: got %q", got)
	}
	if v, ok := Known(0, scaletest.Start, "Kafka").Get(); !ok || v != 0 {
		t.Error("a measured zero is known")
	}
}

func TestReadingFreshAt(t *testing.T) {
	r := Known(7, scaletest.Start, "Kafka")
	if got := r.CurrentAt(scaletest.Start.Add(time.Minute), time.Minute); !got.Known() || got.Value != 7 {
		t.Errorf("at the limit: got %+v", got)
	}
	old := r.CurrentAt(scaletest.Start.Add(61*time.Second), time.Minute)
	if old.Known() || old.Source != "Kafka" || !old.At.Equal(scaletest.Start) {
		t.Errorf("over the limit: got %+v", old)
	}
	scaletest.WantText(t, "why", old.Why(), "last seen 61 s ago")
	if got := r.CurrentAt(scaletest.Start.Add(-time.Hour), time.Minute); !got.Known() {
		t.Error("a reading of a clock that is ahead is fresh")
	}
	if got := Unknown[int]("forbidden", scaletest.Start, "x").CurrentAt(scaletest.Start.Add(time.Hour), time.Minute).Why(); got != "forbidden" {
		t.Errorf("an unknown reading keeps its reason: got %q", got)
	}
}

func TestWithKeepsAgeAndOrigin(t *testing.T) {
	r := Known(7, scaletest.Start, "Kafka")
	r.Note = "at least"
	if got := With(r, func(n int) string { return fmt.Sprint(n) }); got.Value != "7" || got.Source != "Kafka" || got.Note != "at least" || !got.At.Equal(scaletest.Start) {
		t.Errorf("got %+v", got)
	}
	called := false
	got := With(Unknown[int]("gone", scaletest.Start, "x"), func(int) string { called = true; return "0" })
	if called || got.Known() || got.Value != "" || got.Why() != "gone" {
		t.Errorf("an unknown value was converted: got %+v", got)
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

func TestFaults(t *testing.T) {
	cause := errors.New("dial tcp: refused")
	err := fmt.Errorf("sampling: %w", &Fault{Kind: FaultUnreachable, Doing: "reading lag", Detail: "no broker answers", Cause: cause})
	if !IsFault(err, FaultUnreachable) || IsFault(err, FaultConflict) || !errors.Is(err, cause) || !FaultOf(err).Retryable() {
		t.Errorf("got %v", err)
	}
	scaletest.WantText(t, "text", err.Error(), "sampling: reading lag: no broker answers")
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
