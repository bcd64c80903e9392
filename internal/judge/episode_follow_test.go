package judge

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// watcher looks at an episode again and again, as the engine does.
type watcher struct {
	t    *testing.T
	kind ledger.EpisodeKind
	*measuretest.World
	e      *ledger.Episode
	stored int
}

func watch(t *testing.T, w *measuretest.World) *watcher {
	return &watcher{t: t, kind: ledger.EpisodeAlert, World: w}
}

// look takes a look some time after start at the given lag; a negative lag is unknown.
func (x *watcher) look(after time.Duration, lag int64) bool {
	x.t.Helper()
	now := scaletest.Start.Add(after)
	x.Now.At = now
	if lag < 0 {
		x.Now.Lag = scale.Unknown[scale.Lag]("Kafka does not answer", now, "Kafka")
	} else {
		x.Lag(lag)
	}
	s := &x.Now
	s.Workload.At, s.Group.At, s.Owner.At, s.Partitions.At, s.Rates.At, s.Usage.At = now, now, now, now, now, now
	s.Signals.Latency.At, s.Signals.Errors.At, s.Signals.Throughput.At, s.Signals.Download.At, s.Signals.Breaker.At = now, now, now, now, now
	past := append(x.Past[:len(x.Past):len(x.Past)], scale.Point{At: now, Lag: float64(max(lag, 0)), Ends: scale.Missing, Commits: scale.Missing, Replicas: 6, CPU: float32(scale.Missing), Memory: float32(scale.Missing)})
	if lag < 0 {
		past[len(past)-1].Lag = scale.Missing
	}
	x.Past = past
	e, changed := Follow(x.kind, judge(x.World), x.e)
	if changed {
		x.stored++
		if e.ID == "" {
			e.Number++
			e.ID = "download-worker-alert-1"
		}
		x.e = &e
	}
	return changed
}

func spikeToWatch(t *testing.T) *watcher { return watch(t, measuretest.Spike(0)) }

func TestR143AlertOpensAndFollowsTheLag(t *testing.T) {
	x := spikeToWatch(t)
	if x.look(0, 10_000) || x.e != nil {
		t.Fatal("10,000 opened an alert")
	}
	if !x.look(15*time.Second, 10_001) {
		t.Fatal("10,001 opened no alert")
	}
	e := x.e
	if e.Component != "download-worker" || e.Kind != ledger.EpisodeAlert || !e.OpenedAt.Equal(scaletest.Start.Add(15*time.Second)) || e.Urgency != scale.UrgencyCritical ||
		e.Lag != 10_001 || !e.ActBy.Equal(scaletest.Start.Add(15*time.Second)) || e.Advice.To != 12 {
		t.Errorf("got %+v", e)
	}
	if x.look(20*time.Second, 11_000) {
		t.Error("five seconds later: stored, want the pace of edits kept")
	}
	if !x.look(30*time.Second, 14_200) || x.e.Lag != 14_200 || x.e.PeakLag != 14_200 || len(x.e.Spark) == 0 {
		t.Errorf("fifteen seconds later: got %+v", x.e)
	}
	x.look(45*time.Second, 12_000)
	if x.e.PeakLag != 14_200 || x.e.Peak != scale.UrgencyCritical {
		t.Errorf("peak: got %d %s", x.e.PeakLag, x.e.Peak)
	}
}

func TestR143AlertClosesWithHysteresis(t *testing.T) {
	x := spikeToWatch(t)
	x.look(0, 12_000)
	at := time.Duration(0)
	step := func(lag int64) bool { at += 15 * time.Second; return x.look(at, lag) }
	for range 20 {
		step(7000)
	}
	if !x.e.Open() || !x.e.QuietSince.IsZero() || x.e.Urgency != scale.UrgencyInfo {
		t.Fatal("7,000 is under the limit but above half of it: got closing")
	}
	for range 7 {
		step(4000)
	}
	if !x.e.Open() || x.e.QuietSince.IsZero() {
		t.Fatalf("quiet for 90 s: got open %v, quiet since %s", x.e.Open(), x.e.QuietSince)
	}
	step(6000)
	for range 8 {
		step(5000)
	}
	if !x.e.Open() {
		t.Fatal("quiet for less than 2 min since the relapse: got closed")
	}
	step(5000)
	if x.e.Open() || x.e.PeakLag != 12_000 {
		t.Errorf("quiet for 2 min: got %+v", x.e)
	}
}

func TestR143ReopenedWithinTheGraceTime(t *testing.T) {
	closed := ledger.Episode{ID: "download-worker-alert-1", Number: 1, Component: "download-worker", Kind: ledger.EpisodeAlert,
		OpenedAt: scaletest.Start.Add(-time.Hour), ClosedAt: scaletest.Start, Overdue: true, ActBy: scaletest.Start.Add(-time.Hour), Peak: scale.UrgencyCritical, PeakLag: 90_000}
	x := spikeToWatch(t)
	x.e = &closed
	if x.look(10*time.Minute, 9000) {
		t.Error("nothing fires: stored")
	}
	if !x.look(15*time.Minute, 11_000) || x.e.ID != closed.ID || x.e.Reopened != 1 || !x.e.Open() || x.e.Overdue || x.e.ActBy.Before(scaletest.Start) {
		t.Errorf("within the grace time: got %+v", x.e)
	}
	x = spikeToWatch(t)
	x.e = &closed
	if !x.look(15*time.Minute+time.Second, 11_000) || x.e.ID == "" || x.e.Reopened != 0 || !x.e.OpenedAt.Equal(scaletest.Start.Add(15*time.Minute+time.Second)) {
		t.Errorf("after the grace time: got %+v", x.e)
	}
	if e, _ := Follow(ledger.EpisodeAlert, judge(x.World), &closed); e.ID != "" {
		t.Errorf("a new episode has no id yet: got %q", e.ID)
	}
}

func TestUnknownDataNeitherOpensNorClosesAnAlert(t *testing.T) {
	x := spikeToWatch(t)
	if x.look(0, -1) || x.e != nil {
		t.Fatal("unknown lag opened an alert")
	}
	x.look(15*time.Second, 12_000)
	if !x.look(30*time.Second, -1) || !x.e.Blind.Equal(scaletest.Start.Add(30*time.Second)) || x.e.Lag != 12_000 {
		t.Fatalf("blind: got %+v", x.e)
	}
	for at := 45 * time.Second; at < 10*time.Minute; at += 15 * time.Second {
		x.look(at, -1)
	}
	if !x.e.Open() || !x.e.Blind.Equal(scaletest.Start.Add(30*time.Second)) {
		t.Fatalf("ten blind minutes: got open %v, blind since %s", x.e.Open(), x.e.Blind)
	}
	x.look(10*time.Minute, 100)
	if !x.e.Blind.IsZero() || x.e.QuietSince.IsZero() || !x.e.Open() {
		t.Errorf("seeing again: got %+v", x.e)
	}
}

func TestARuleThatFiredAndCannotBeJudgedKeepsTheAlertOpen(t *testing.T) {
	x := spikeToWatch(t)
	x.Now.Signals.Latency.Value = 8
	x.look(0, 100)
	if x.e == nil || x.e.Urgency != scale.UrgencyWarning {
		t.Fatalf("p95 of 8 s: got %+v", x.e)
	}
	latency := x.Now.Signals.Latency
	x.Now.Signals.Latency = scale.Unknown[float64]("no pod answered", scaletest.Start, "scrape")
	for at := 15 * time.Second; at < 5*time.Minute; at += 15 * time.Second {
		x.look(at, 100)
	}
	if !x.e.Open() || x.e.Blind.IsZero() {
		t.Fatalf("latency unknown for minutes: got open %v, blind since %s", x.e.Open(), x.e.Blind)
	}
	x.Now.Signals.Latency = latency
	x.Now.Signals.Latency.Value = 1
	for at := 5 * time.Minute; at <= 8*time.Minute; at += 15 * time.Second {
		x.look(at, 100)
	}
	if x.e.Open() {
		t.Error("latency is fine again for minutes: got open")
	}
}

func TestR009ActByIsFixedAndItsPassingToldOnce(t *testing.T) {
	x := spikeToWatch(t)
	x.Now.Signals.Latency.Value = 8
	x.look(0, 100)
	by := x.e.ActBy
	if !by.Equal(scaletest.Start.Add(time.Hour)) {
		t.Fatalf("got %s, want in an hour", by)
	}
	told := 0
	for at := 15 * time.Second; at <= 70*time.Minute; at += 15 * time.Second {
		before := x.e.Overdue
		x.look(at, 100)
		if x.e.Overdue && !before {
			told++
			if at <= time.Hour {
				t.Errorf("overdue after %s", at)
			}
		}
	}
	if told != 1 || !x.e.ActBy.Equal(by) {
		t.Errorf("got told %d times, act by %s", told, x.e.ActBy)
	}
	// A more urgent rule brings the time forward.
	x = spikeToWatch(t)
	x.Now.Signals.Latency.Value = 8
	x.look(0, 100)
	x.look(time.Minute, 12_000)
	if !x.e.ActBy.Equal(scaletest.Start.Add(time.Minute)) || x.e.Urgency != scale.UrgencyCritical {
		t.Errorf("got %s, act by %s", x.e.Urgency, x.e.ActBy)
	}
}

func TestR009ActNowIsOverdueAfterTheCriticalTimeAndNotWithAnOperation(t *testing.T) {
	x := spikeToWatch(t)
	for at := time.Duration(0); at <= 5*time.Minute; at += 15 * time.Second {
		x.look(at, 12_000)
	}
	if x.e.Overdue {
		t.Error("after five minutes: got overdue")
	}
	x.look(5*time.Minute+15*time.Second, 12_000)
	if !x.e.Overdue {
		t.Error("after more than five minutes: got not overdue")
	}
	x = spikeToWatch(t)
	x.look(0, 12_000)
	x.e.Operation = "download-worker-17"
	x.look(time.Hour, 12_000)
	if x.e.Overdue {
		t.Error("somebody acted: got overdue")
	}
}

// What comes back asks for action from then on, whenever it was first seen.
func TestR009ActNowIsOverdueAfterTheCriticalTimeWhenItComesBack(t *testing.T) {
	x := spikeToWatch(t)
	x.e = &ledger.Episode{ID: "download-worker-alert-1", Number: 1, Component: "download-worker", Kind: ledger.EpisodeAlert,
		OpenedAt: scaletest.Start.Add(-time.Hour), ClosedAt: scaletest.Start.Add(-time.Minute), ActBy: scaletest.Start.Add(-time.Hour)}
	for at := time.Duration(0); at <= 5*time.Minute; at += 15 * time.Second {
		x.look(at, 12_000)
		if x.e.Overdue || !x.e.Open() || !x.e.Began().Equal(scaletest.Start) {
			t.Fatalf("after %s: got overdue %v, open %v, began %s", at, x.e.Overdue, x.e.Open(), x.e.Began())
		}
	}
	x.look(5*time.Minute+15*time.Second, 12_000)
	if !x.e.Overdue {
		t.Error("after more than five minutes: got not overdue")
	}
}

func TestSnoozeEndsAndNeverHidesAHigherUrgency(t *testing.T) {
	x := spikeToWatch(t)
	x.Now.Signals.Latency.Value = 8
	x.look(0, 100)
	x.e.SnoozedUntil, x.e.SnoozedBy, x.e.SnoozedAt = scaletest.Start.Add(30*time.Minute), scale.Person{ID: "U0ANA"}, scale.UrgencyWarning
	x.look(time.Minute, 100)
	if !x.e.Snoozed(x.Now.At) {
		t.Error("snoozed a minute ago: got awake")
	}
	x.look(2*time.Minute, 12_000)
	if x.e.Snoozed(x.Now.At) {
		t.Error("it became critical: got silent")
	}
	x.Now.Signals.Latency.Value = 8
	for at := 3 * time.Minute; at <= 31*time.Minute; at += 15 * time.Second {
		x.look(at, 100)
	}
	if !x.e.SnoozedUntil.IsZero() || !x.e.SnoozedBy.IsZero() {
		t.Errorf("after the time: got snoozed until %s by %v", x.e.SnoozedUntil, x.e.SnoozedBy)
	}
}

func TestSnoozeUntilRecoveryEndsWithTheEpisode(t *testing.T) {
	x := spikeToWatch(t)
	x.look(0, 12_000)
	x.e.SnoozedForever, x.e.SnoozedBy, x.e.SnoozedAt = true, scale.Person{ID: "U0ANA"}, scale.UrgencyCritical
	for at := 15 * time.Second; x.e.Open() && at < 10*time.Minute; at += 15 * time.Second {
		x.look(at, 100)
	}
	if x.e.Open() || x.e.SnoozedForever || !x.e.SnoozedBy.IsZero() {
		t.Errorf("got %+v", x.e)
	}
}

func TestVetoedCriticalLagStillAlerts(t *testing.T) {
	x := spikeToWatch(t)
	x.Now.Signals.Download.Value = 20
	if !x.look(0, 12_000) || x.e.Advice.Action != scale.Hold || len(x.e.Advice.Vetoes) == 0 {
		t.Errorf("got %+v", x.e)
	}
}

func TestSuggestionsFollowScaleDownAdvice(t *testing.T) {
	x := watch(t, measuretest.IdleWorld())
	x.kind = ledger.EpisodeSuggestion
	open := func(w *measuretest.World) (ledger.Episode, bool) {
		return Follow(ledger.EpisodeSuggestion, judge(w), x.e)
	}
	e, changed := open(x.World)
	if !changed || e.Kind != ledger.EpisodeSuggestion || e.Advice.To != 8 || !e.ActBy.IsZero() || e.Urgency != scale.UrgencyInfo {
		t.Fatalf("got %v %+v", changed, e)
	}
	e.ID = "download-worker-suggestion-1"
	x.e = &e
	later := func(after time.Duration, edit func(*measuretest.World)) (ledger.Episode, bool) {
		w := measuretest.IdleWorld()
		edit(w)
		shift(w, after)
		return open(w)
	}
	if e, changed = later(time.Minute, func(w *measuretest.World) { w.Now.Usage = scale.Reading[scale.Usage]{} }); !changed || e.Blind.IsZero() || !e.Open() {
		t.Errorf("R-017 usage unknown: got %v %+v", changed, e)
	}
	if e, changed = later(time.Minute, func(w *measuretest.World) { w.Lag(4000) }); !changed || e.QuietSince.IsZero() || !e.Open() {
		t.Errorf("lag came back: got %v %+v", changed, e)
	}
	for after := time.Minute; after <= 3*time.Minute && e.Open(); after += 15 * time.Second {
		x.e = &e
		e, _ = later(after, func(w *measuretest.World) { w.Lag(4000) })
	}
	if e.Open() {
		t.Errorf("lag stayed for two minutes: got open, quiet since %s", e.QuietSince)
	}
	// more workers than partitions.
	w := measuretest.CalmWorld().Workers(25)
	if e, changed = Follow(ledger.EpisodeSuggestion, judge(w), nil); !changed || e.Advice.To != 24 {
		t.Errorf("R-014: got %v to %d", changed, e.Advice.To)
	}
}

// shift moves a whole world in time.
func shift(w *measuretest.World, by time.Duration) {
	s := &w.Now
	s.At = s.At.Add(by)
	for _, at := range []*time.Time{&s.Lag.At, &s.Group.At, &s.Rates.At, &s.Workload.At, &s.Owner.At, &s.Room.At, &s.Partitions.At} {
		*at = at.Add(by)
	}
	if !s.Usage.At.IsZero() {
		s.Usage.At = s.Usage.At.Add(by)
	}
	for i := range w.Past {
		w.Past[i].At = w.Past[i].At.Add(by)
	}
}

func TestAClockThatStepsBackChangesNothing(t *testing.T) {
	x := spikeToWatch(t)
	x.look(time.Minute, 12_000)
	if x.look(0, 50_000) {
		t.Error("an older look was stored")
	}
}

func TestWhatAnEndedEpisodeLastSawDoesNotBlockANewOne(t *testing.T) {
	x := spikeToWatch(t)
	x.e = &ledger.Episode{ID: "download-worker-alert-1", Kind: ledger.EpisodeAlert, OpenedAt: scaletest.Start.Add(-time.Hour), ClosedAt: scaletest.Start.Add(-time.Minute),
		Advice: ledger.Recommendation{Findings: []scale.Finding{{Rule: "R-006", Outcome: scale.Fires, Urgency: scale.UrgencyInfo}}}}
	x.Now.Signals.Throughput = scale.Unknown[float64]("no pod answered", scaletest.Start, "scrape")
	if !x.look(0, 12_000) || !x.e.Open() {
		t.Error("critical lag opened no alert")
	}
}

func TestASuggestionIsNeverUrgent(t *testing.T) {
	w := measuretest.CalmWorld().Workers(25).Lag(12_000)
	judged := judge(w)
	judged.advice = ledger.Recommendation{Action: scale.ScaleDown, From: 25, To: 24, Urgency: scale.UrgencyCritical}
	e, changed := Follow(ledger.EpisodeSuggestion, judged, nil)
	if !changed || e.Urgency != scale.UrgencyInfo || e.Peak != scale.UrgencyInfo {
		t.Errorf("got %v, %s, peak %s", changed, e.Urgency, e.Peak)
	}
}
