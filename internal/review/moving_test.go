package review

import (
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// A report on a change that met a record nobody gets past says so, whatever the numbers of
// the others are.
func TestAReportNamesWhatDoesNotMove(t *testing.T) {
	before := measuretest.Poisoned(12_000)
	op := operation(before, 8)
	op.Steps[0].Rollout.WrittenAt, op.Steps[0].Rollout.StableAt = scaletest.Start.Add(-15*time.Minute), scaletest.Start.Add(-14*time.Minute)
	w := measuretest.Poisoned(30_000).Workers(8)
	w.Now.Group.Value = measuretest.GroupOf(8, 24)
	for i := range w.Now.Lag.Value.Partitions {
		w.Now.Lag.Value.Partitions[i].Oldest = 3 * time.Second
	}
	w.Now.Lag.Value.Partitions[7].Oldest = 25 * time.Minute
	for i := range w.Past {
		w.Past[i].Replicas = 8
	}
	r := MakeReport(w.Component, w.Policy, op, 1, w.Now, w.Past)
	if r.Verdict != scale.VerdictIneffective || !strings.Contains(r.Why, "partition 7 of xact.downloads.pending stands still") {
		t.Errorf("got %s because %q", r.Verdict, r.Why)
	}
	scaletest.WantText(t, "the forecast", r.Forecast, "30,000 of them on partition 7, which does not move")
	if strings.Contains(r.Forecast, "longer than predicted") {
		t.Errorf("got %q, want no comparison with what the forecast left out", r.Forecast)
	}
	scaletest.WantText(t, "R-118", measuretest.WantCheck(t, r.Checks, "R-118", scale.Fail).After, "(oldest 25 min)")
	now := newFollowup(w.Component, w.Policy, op, w.Now, w.Past)
	scaletest.WantText(t, "R-044", now.consumptionCheck(scale.Check{}).Note, "keeps up with arrivals of 431 msg/s without partition 7, which does not move")
}

// What reads alike is not told apart, neither a time and the forecast nor a latency before
// and after.
func TestWhatReadsAlikeIsNotCompared(t *testing.T) {
	d := ledger.Drain{Known: true, Low: 55 * time.Second, Expected: 85 * time.Second, High: 2*time.Minute + 2*time.Second}
	if got := goneAfter(2*time.Minute+10*time.Second, d, ""); !strings.HasSuffix(got, "as predicted") {
		t.Errorf("2 min beside 2 min: got %q", got)
	}
	l := changed(15 * time.Minute)
	l.op.Before.Signals.Latency.Value, l.w.Now.Signals.Latency.Value = 0.0902, 0.0899
	check := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past).latencyCheck(scale.Check{})
	if check.Before != "0.09 s" || check.After != "0.09 s" || check.Note != "not over 5.0 s" {
		t.Errorf("got %s", measuretest.Line(check))
	}
}

// A backlog that went while nobody read it is gone, and does not wait longer than predicted.
func TestABacklogThatWentUnseenIsGone(t *testing.T) {
	l := changed(15 * time.Minute)
	for i := range l.w.Past {
		l.w.Past[i].Lag = scale.Missing
	}
	l.w.Lag(900)
	now := newFollowup(l.w.Component, l.w.Policy, l.op, l.w.Now, l.w.Past)
	d := ledger.Drain{Known: true, Low: time.Minute, Expected: 2 * time.Minute, High: 3 * time.Minute}
	if got := now.stillWaits(d, ""); got != "the backlog is gone, and when it went was not seen" {
		t.Errorf("got %q", got)
	}
}

// One backlog goes but once: a later report names the time that the first one saw, although
// the past it sees is coarser by then.
func TestAllReportsNameOneTimeForOneBacklog(t *testing.T) {
	l := changed(15 * time.Minute)
	l.w.Lag(900)
	first := MakeReport(l.w.Component, l.w.Policy, l.op, 0, l.w.Now, l.w.Past)
	if first.Cleared <= 0 || !strings.Contains(first.Forecast, scale.Span(first.Cleared)) {
		t.Fatalf("got %s in the field and %q in words", first.Cleared, first.Forecast)
	}
	l.op.Reports = append([]ledger.Report{first}, l.op.Reports...)[:max(1, len(l.op.Reports))]
	for i := range l.w.Past { // as far as the hour remembers, it was high for two minutes more.
		if after := l.w.Past[i].At.Sub(l.op.Rollout().WrittenAt); after > 0 && after < first.Cleared+2*time.Minute {
			l.w.Past[i].Lag = 9_000
		}
	}
	later := MakeReport(l.w.Component, l.w.Policy, l.op, 2, l.w.Now, l.w.Past)
	if later.Cleared != first.Cleared || !strings.Contains(later.Forecast, scale.Span(first.Cleared)) {
		t.Errorf("got %s and %q, want %s as before", later.Cleared, later.Forecast, first.Cleared)
	}
}
