package judge

import (
	"slices"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/measure/measuretest"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/scale/scaletest"
)

// dimmed looks at a fleet again and again and keeps its note, as the engine does.
type dimmed struct {
	t      *testing.T
	policy scale.Policy
	names  []string
	sights *ledger.Sights
	at     time.Time
	note   *ledger.Episode
	stored int
}

func dim(t *testing.T, names ...string) *dimmed {
	d := &dimmed{t: t, policy: measuretest.CalmWorld().Policy, names: names, at: scaletest.Start}
	d.policy.Times.Sample, d.policy.Times.Gap = 15*time.Second, time.Minute
	d.policy.Alert = scale.AlertLimits{CloseFor: 2 * time.Minute, Grace: 15 * time.Minute, BlindFor: 5 * time.Minute}
	d.begin()
	return d
}

// begin is a process that has seen nothing yet.
func (d *dimmed) begin() {
	var components []scale.Component
	for _, name := range d.names {
		components = append(components, scale.Component{Name: name})
	}
	d.sights = ledger.NewSights(d.policy, components)
}

var (
	withoutMetrics = ledger.Sight{Rules: 6, Blind: []scale.Rule{"R-002", "R-005"}, Metrics: []string{"p95 latency", "timeouts"}, Why: []string{"down"}, From: []string{"Prometheus"}}
	withoutAnyLag  = ledger.Sight{Rules: 6, Blind: []scale.Rule{"R-001"}, Metrics: []string{"lag"}, Why: []string{"no broker"}, From: []string{scale.Broker}}
)

// pass takes a look every 15 s for some time, in which these components are blind.
func (d *dimmed) pass(length time.Duration, blind map[string]ledger.Sight) {
	d.t.Helper()
	for end := d.at.Add(length); d.at.Before(end); {
		d.at = d.at.Add(15 * time.Second)
		for _, name := range d.names {
			sight, is := blind[name]
			if !is {
				sight = ledger.Sight{Rules: 6}
			}
			d.sights.Record(name, sight, d.at)
		}
		if e, changed := FollowBlindness(d.policy, d.sights, d.at, d.note); changed {
			d.stored++
			if e.ID == "" {
				e.Number++
				e.ID = ledger.EpisodeID(e.Component, e.Kind, e.Number)
			}
			d.note = &e
		}
	}
}

func TestT28BlindnessOpensAfterItsTimeAndNotBefore(t *testing.T) {
	d := dim(t, "a", "b", "c")
	d.pass(time.Minute, nil)
	went := d.at.Add(15 * time.Second)
	d.pass(5*time.Minute, map[string]ledger.Sight{"b": withoutMetrics})
	if d.note != nil {
		t.Fatalf("after 4 min 45 s: got %+v, want nothing", d.note)
	}
	d.pass(15*time.Second, map[string]ledger.Sight{"b": withoutMetrics})
	if d.note == nil || d.note.ID != "fleet-blindness-1" || !d.note.Open() {
		t.Fatalf("after 5 min: got %+v, want a note", d.note)
	}
	b := d.note.Blindness
	if b.Count() != 1 || b.Of != 3 || b.First != (ledger.Onset{At: went}) || b.Components[0].Component != "b" || b.What() != "metrics" || !slices.Equal(b.From, []string{"Prometheus"}) {
		t.Errorf("got %+v, want b alone, since %v", b, went)
	}
	d.pass(20*time.Minute, map[string]ledger.Sight{"b": withoutMetrics})
	if d.stored != 1 {
		t.Errorf("stored %d times while nothing changes, want once", d.stored)
	}
}

// What was missing comes first where it is the lag; of many only some are named.
func TestBlindnessNamesTheLagFirst(t *testing.T) {
	names, blind := []string{}, map[string]ledger.Sight{}
	for i := range 20 {
		name := string(rune('a' + i))
		names, blind[name] = append(names, name), withoutMetrics
	}
	blind["q"] = withoutAnyLag
	d := dim(t, names...)
	d.pass(6*time.Minute, blind)
	b := d.note.Blindness
	if b.Components[0].Component != "q" || len(b.Components) != 12 || b.More != 8 || b.WithoutLag != 1 || b.LagOnly != 1 || b.What() != "metrics and lag" {
		t.Errorf("got %+v, want q first and 8 beyond the dozen", b)
	}
	if got := b.Back(b.First.At.Add(12 * time.Minute)); got != "Metrics and lag are back after at least 12 min." {
		t.Errorf("got %q", got)
	}
}

// A component that is not named holds the note open only when it is blind for longer than the
// windows of the rules step over; one that is named does so with every look.
func TestBlindnessEndsThoughOthersFlicker(t *testing.T) {
	for flickers, open := range map[string]bool{"a": true, "b": false} {
		d := dim(t, "a", "b")
		d.pass(time.Minute, nil)
		d.pass(6*time.Minute, map[string]ledger.Sight{"a": withoutMetrics})
		for range 4 {
			d.pass(45*time.Second, nil)
			d.pass(15*time.Second, map[string]ledger.Sight{flickers: withoutMetrics})
		}
		if d.note.Open() != open {
			t.Errorf("%s flickers: got open %v, want %v", flickers, d.note.Open(), open)
		}
	}
}

// What nobody looked at is not known: a hole in the looks makes it "at least".
func TestBlindnessClaimsOnlyWhatWasSeen(t *testing.T) {
	d := dim(t, "a")
	d.pass(3*time.Minute, map[string]ledger.Sight{"a": withoutMetrics})
	d.at = d.at.Add(20 * time.Minute) // nobody looks
	resumed := d.at.Add(15 * time.Second)
	d.pass(4*time.Minute, map[string]ledger.Sight{"a": withoutMetrics})
	if d.note != nil {
		t.Fatalf("got %+v, want nobody told of 4 min", d.note)
	}
	d.pass(2*time.Minute, map[string]ledger.Sight{"a": withoutMetrics})
	if b := d.note.Blindness; b.First != (ledger.Onset{At: resumed, AtLeast: true}) {
		t.Errorf("got %+v, want at least since %v", b.First, resumed)
	}
}

// The next leader keeps what is written about a component it has not seen go blind, and says
// "at least" of the others.
func TestBlindnessIsHandedOver(t *testing.T) {
	d := dim(t, "a", "b")
	d.pass(time.Minute, nil)
	d.pass(6*time.Minute, map[string]ledger.Sight{"a": withoutMetrics})
	before := d.note.Blindness.First
	d.begin()
	d.pass(6*time.Minute, map[string]ledger.Sight{"a": withoutMetrics, "b": withoutMetrics})
	b := d.note.Blindness
	if b.First != before || b.Count() != 2 || b.Components[0].Since != before || !b.Components[1].Since.AtLeast {
		t.Errorf("got %+v, want a since %v and b at least", b, before)
	}
	d.begin()
	d.pass(time.Minute, nil)
	if !d.note.Open() {
		t.Error("a new leader has closed it after a minute")
	}
	d.pass(2*time.Minute, nil)
	if d.note.Open() {
		t.Error("still open after 3 min of sight")
	}
}

// Reasons that tell how long ago something was change with every look, and are no news.
func TestBlindnessIsNotEditedForItsReasons(t *testing.T) {
	d := dim(t, "a")
	for i := range 40 {
		sight := withoutMetrics
		sight.Why = []string{"last seen " + scale.Span(time.Duration(i)*30*time.Second) + " ago"}
		d.pass(30*time.Second, map[string]ledger.Sight{"a": sight})
	}
	if d.stored != 1 {
		t.Errorf("stored %d times, want once", d.stored)
	}
}

// Samples an hour apart: the note has to name what it is about.
func TestBlindnessWithRareSamples(t *testing.T) {
	d := dim(t, "a")
	d.policy.Times.Sample = time.Hour
	d.begin()
	var e ledger.Episode
	for i, sight := range []ledger.Sight{{Rules: 6}, withoutMetrics, withoutMetrics} {
		at := scaletest.Start.Add(time.Duration(i) * time.Hour)
		d.sights.Record("a", sight, at)
		e, _ = FollowBlindness(d.policy, d.sights, at, nil)
	}
	if e.Blindness == nil || e.Blindness.Count() != 1 || e.Blindness.First.AtLeast {
		t.Errorf("got %+v, want the component named, and since when", e.Blindness)
	}
}

// The lag that is not known on some partitions comes from Kafka; pods are one system, however
// many of them answer.
func TestUnseenNamesTheSystems(t *testing.T) {
	w := measuretest.CalmWorld()
	w.Now.Lag.Value.Unknown, w.Now.Lag.Source = 2, scale.Broker
	w.Now.Signals.Latency = scale.Unknown[float64]("none answered", scaletest.Start, "0 of 6 pods scraped")
	w.Now.Signals.Errors = scale.Unknown[scale.ErrorRate]("no pod is ready", scaletest.Start, "pods")
	w.Now.Usage = scale.Unknown[scale.Usage]("503", scaletest.Start, "metrics.k8s.io")
	got := Unseen(w.Component, w.Policy, w.Now, func() []scale.Point { return w.Past })
	if b := (ledger.Blindness{Of: 1, Components: []ledger.Unsighted{{Sight: got}}, WithoutLag: 1, LagPart: 1}); !got.LagPart || b.What() != "metrics and complete lag" {
		t.Errorf("got %q missing, in part %v; want what is known in part told so", b.What(), got.LagPart)
	}
	if !slices.Equal(got.From, []string{scale.Broker, "the metrics of the pods", "metrics.k8s.io"}) || !slices.Equal(got.Metrics, []string{"lag", "p95 latency", "CPU", "memory", "timeouts"}) {
		t.Errorf("got %v from %v", got.Metrics, got.From)
	}
}
