package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

const noteID = "fleet-blindness-1"

// many is a fleet of the given number of components like the first one.
func many(n int) func(*stage) {
	return func(s *stage) {
		first := s.book.Components[0]
		for i := 1; i < n; i++ {
			c := first
			c.Name, c.Deployment = fmt.Sprintf("worker-%03d", i), fmt.Sprintf("worker-%03d", i)
			s.book.Components = append(s.book.Components, c)
		}
	}
}

// note reads the newest note about what cannot be judged.
func (s *stage) note() (ledger.Episode, bool) {
	s.t.Helper()
	e, err := s.store.NewestEpisode(s.t.Context(), ledger.Fleet, ledger.EpisodeBlindness)
	if err != nil && !errors.Is(err, scale.ErrNotStored) {
		s.t.Fatal(err)
	}
	return e, err == nil
}

// wantSince checks since when something is reported as unknown: since the first round after it
// began.
func wantSince(t *testing.T, got ledger.Onset, want time.Time, atLeast bool) {
	t.Helper()
	if off := got.At.Sub(want); off < 0 || off > 30*time.Second || got.AtLeast != atLeast {
		t.Errorf("blind since: got %v, want within 30 s after %v, at least %v", got, want, atLeast)
	}
}

// T-28: for two hundred components that cannot be judged there is one message, which names a
// dozen.
func TestOneNoteForTheWholeFleet(t *testing.T) {
	play(t, 6, many(200), func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(5*time.Minute + 30*time.Second)
		posts := 0
		s.room.read(func(r *room) { posts = len(r.posts) })
		b := s.room.episode(noteID).Blindness
		if posts != 1 || b == nil || b.Count() != 200 || len(b.Components) != 12 || b.More != 188 || b.Of != 200 {
			t.Errorf("got %d messages and %+v, want one note of 200 components that names 12", posts, b)
		}
	})
}

// T-28, R-010: nothing is posted about a short gap. A long one is posted on one card, once, and
// closed with its length.
func TestTheNoteAboutMissingMetrics(t *testing.T) {
	play(t, 6, many(2), func(t *testing.T, s *stage) {
		gone := time.Now()
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(4 * time.Minute)
		if e, ok := s.note(); ok || s.room.posted(noteID) != 0 {
			t.Fatalf("after 4 min: got %+v, want nothing told", e)
		}
		s.wait(90 * time.Second)
		e := s.room.episode(noteID)
		if !e.Open() || s.room.posted(noteID) != 1 || e.Component != ledger.Fleet || e.Blindness == nil {
			t.Fatalf("after 5.5 min: got %+v posted %d times, want one open note", e, s.room.posted(noteID))
		}
		b := *e.Blindness
		if b.Count() != 2 || b.Of != 2 || b.WithoutLag != 0 || b.What() != "metrics" {
			t.Errorf("got %d of %d, %d without lag (%s); want both components, with lag", b.Count(), b.Of, b.WithoutLag, b.What())
		}
		if !slices.Equal(b.Components[0].Blind, []scale.Rule{"R-002", "R-005", "R-006"}) || !slices.Equal(b.From, []string{"the metrics of the pods"}) {
			t.Errorf("got %v from %v, want the three rules that the pods tell", b.Components[0].Blind, b.From)
		}
		wantSince(t, b.First, gone, false)
		s.wait(81 * time.Minute)
		var posts, edits int
		s.room.read(func(r *room) { posts, edits = len(r.posts), r.edits[noteID] })
		if posts != 1 || edits > 1 {
			t.Errorf("in 86 minutes: got %d messages and %d edits of the note, want the one note and nothing that changes", posts, edits)
		}
		back := time.Now()
		s.world.edit(func(w *world) { w.metricsDown = false })
		s.wait(time.Minute)
		if !s.room.episode(noteID).Open() {
			t.Error("closed after a minute of sight, want it to last for closeFor")
		}
		s.wait(90 * time.Second)
		if e = s.room.episode(noteID); e.Open() || !s.room.said("Metrics are back after 1 h 27 min.") {
			t.Errorf("got open %v and %q, want it closed with how long it took: %s", e.Open(), s.room.remarks, scale.Span(back.Sub(gone)))
		}
	})
}

// Nothing is posted about gaps shorter than the time in the runbook file, however often they
// come.
func TestShortGapsSayNothing(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		for range 6 {
			s.world.edit(func(w *world) { w.metricsDown = true })
			s.wait(4 * time.Minute)
			s.world.edit(func(w *world) { w.metricsDown = false })
			s.wait(time.Minute)
		}
		if e, ok := s.note(); ok {
			t.Errorf("got %+v, want nothing told", e)
		}
	})
}

// If Kafka does not answer, the card says that the lag is missing. It does not name the metrics
// while they are there.
func TestTheNoteAboutKafka(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.kafkaDown = true })
		s.wait(7 * time.Minute)
		e := s.room.episode(noteID)
		if b := e.Blindness; b == nil || b.What() != "lag" || b.WithoutLag != 1 || !slices.Equal(b.From, []string{"Kafka"}) {
			t.Fatalf("got %+v, want the lag missing from Kafka", e.Blindness)
		}
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(7 * time.Minute)
		if b := s.room.episode(noteID).Blindness; b.What() != "metrics and lag" || !slices.Equal(b.From, []string{"Kafka", "the metrics of the pods"}) {
			t.Errorf("got %s missing from %v, want both", b.What(), b.From)
		}
		s.world.edit(func(w *world) { w.kafkaDown, w.metricsDown = false, false })
		s.wait(4 * time.Minute)
		if !s.room.said("Metrics and lag are back after") || s.room.posted(noteID) != 1 {
			t.Errorf("got %q and %d notes, want one, closed", s.room.remarks, s.room.posted(noteID))
		}
	})
}

// Without the API server, neither the workers' use nor their wanted count can be judged.
func TestTheNoteAboutKubernetes(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.clusterDown = true })
		s.wait(8 * time.Minute)
		if b := s.room.episode(noteID).Blindness; b == nil || b.WithoutLag != 0 || !slices.Equal(b.From, []string{"Kubernetes"}) {
			t.Errorf("got %+v, want what Kubernetes tells missing", b)
		}
	})
}

// The card is edited when other components cannot be judged, at most once in the time that it
// took to open. Each component has its own start time.
func TestTheNoteFollowsWhatChanges(t *testing.T) {
	play(t, 6, many(3), func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.dark = map[string]bool{"worker-001": true} })
		s.wait(6 * time.Minute)
		b := s.room.episode(noteID).Blindness
		if b == nil || b.Count() != 1 || b.Components[0].Component != "worker-001" || b.Of != 3 {
			t.Fatalf("got %+v, want the one of three that is blind", b)
		}
		second := time.Now()
		for i := range 12 { // a third one comes and goes, every 30 s
			s.world.edit(func(w *world) {
				w.dark = map[string]bool{"worker-001": true, "worker-002": true, "download-worker": i%2 == 0}
			})
			s.wait(30 * time.Second)
		}
		b = s.room.episode(noteID).Blindness
		if b.Count() != 2 || b.Components[1].Component != "worker-002" {
			t.Errorf("got %+v, want the two that stay blind", b)
		}
		wantSince(t, b.Components[1].Since, second, false)
		var edits int
		s.room.read(func(r *room) { edits = r.edits[noteID] })
		if posts := s.room.posted(noteID); posts != 1 || edits > 3 {
			t.Errorf("got %d posts and %d edits in 12 min, want one and at most an edit in 5 min", posts, edits)
		}
		s.world.edit(func(w *world) { w.dark = nil })
		s.wait(3 * time.Minute)
		if s.room.episode(noteID).Open() {
			t.Error("still open, want it closed once everything was seen")
		}
	})
}

// After a restart or under another leader, the stored start time is used. A process that starts
// while data is missing says only what it has seen itself.
func TestTheNoteOutlivesItsLeader(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		gone := time.Now()
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(6 * time.Minute)
		for range 3 {
			s.stop()
			s.start()
			s.wait(8 * time.Minute)
		}
		e, _ := s.note()
		if !e.Open() || e.Number != 1 || s.room.posted(noteID) != 1 {
			t.Fatalf("got number %d open %v, posted %d times; want the same note", e.Number, e.Open(), s.room.posted(noteID))
		}
		wantSince(t, e.Blindness.First, gone, false)
		wantSince(t, e.Blindness.Components[0].Since, gone, false)
		s.stop()
		s.world.edit(func(w *world) { w.metricsDown = false })
		s.start()
		s.wait(4 * time.Minute)
		if e, _ = s.note(); e.Open() || !s.room.said("Metrics are back after") {
			t.Errorf("got open %v and %q, want closed by the next leader", e.Open(), s.room.remarks)
		}
	})
}

func TestALeaderThatStartsBlindSaysAtLeast(t *testing.T) {
	var started time.Time
	play(t, 6, func(s *stage) { s.world.metricsDown, started = true, time.Now() }, func(t *testing.T, s *stage) {
		s.wait(3 * time.Minute)
		if _, ok := s.note(); ok {
			t.Error("told after 4 min, want nobody told of what was seen for less than 5")
		}
		s.wait(2 * time.Minute)
		e := s.room.episode(noteID)
		if e.Blindness == nil {
			t.Fatal("nothing told after 6 min")
		}
		wantSince(t, e.Blindness.First, started, true)
		s.world.edit(func(w *world) { w.metricsDown = false })
		s.wait(4 * time.Minute)
		if !s.room.said("Metrics are back after at least 6 min.") {
			t.Errorf("got %q, want no more claimed than was seen", s.room.remarks)
		}
	})
}

// A replica that does not lead has seen it begin. When it becomes the leader, it reports the
// right time.
func TestAFollowerKnowsSinceWhen(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.stop()
		config, lead := s.config(), &lead{}
		config.Leader = lead
		s.startWith(config)
		s.wait(time.Minute)
		gone := time.Now()
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(10 * time.Minute)
		if _, ok := s.note(); ok {
			t.Fatal("a follower has told it")
		}
		lead.yes.Store(true)
		s.wait(30 * time.Second)
		e, ok := s.note()
		if !ok {
			t.Fatal("the new leader has not told it at once")
		}
		wantSince(t, e.Blindness.First, gone, false)
	})
}

// After a post with an unknown outcome, the bot searches for it before it posts again.
func TestTheNoteIsPostedOnce(t *testing.T) {
	for name, restart := range map[string]bool{"by the same process": false, "by the next one": true} {
		play(t, 6, nil, func(t *testing.T, s *stage) {
			lost := 0
			s.room.read(func(r *room) {
				r.fail = func(key string) error {
					if key != noteID || lost > 0 {
						return nil
					}
					lost++
					r.next++
					r.posts[key]++
					r.refs[key] = scale.MessageRef{Channel: "C0INCIDENT", TS: fmt.Sprintf("%d.000", r.next)}
					return &scale.Fault{Kind: scale.FaultUnknownOutcome, Doing: "posting a message"}
				}
			})
			s.world.edit(func(w *world) { w.metricsDown = true })
			s.wait(5*time.Minute + 20*time.Second)
			if restart {
				s.stop()
				s.start()
			}
			s.wait(5 * time.Minute)
			if e, _ := s.note(); lost != 1 || e.Message.IsZero() || s.room.posted(noteID) != 1 {
				t.Errorf("%s: got the note at %+v, %d posts and %d lost answers; want one post", name, e.Message, s.room.posted(noteID), lost)
			}
		})
	}
}

// within the grace time the same card opens again, after that a new one.
func TestTheNoteOpensAgain(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		dark := func(is bool, length time.Duration) {
			s.world.edit(func(w *world) { w.metricsDown = is })
			s.wait(length)
		}
		dark(true, 7*time.Minute)
		dark(false, 5*time.Minute)
		again := time.Now()
		dark(true, 7*time.Minute)
		e := s.room.episode(noteID)
		if !e.Open() || e.Reopened != 1 || !s.room.said("No metrics again, since ") {
			t.Fatalf("got open %v, reopened %d, %q; want the same note again", e.Open(), e.Reopened, s.room.remarks)
		}
		wantSince(t, e.Blindness.First, again, false)
		dark(false, 30*time.Minute)
		dark(true, 7*time.Minute)
		if e, _ = s.note(); e.Number != 2 || s.room.posted("fleet-blindness-2") != 1 {
			t.Errorf("after the grace time: got number %d, want a new note", e.Number)
		}
	})
}

// Lag is read separately. It opens its alert while everything else is missing, and the card about
// the missing data does not change.
func TestAnAlertOpensWhileBlind(t *testing.T) {
	play(t, 6, nil, func(t *testing.T, s *stage) {
		s.world.edit(func(w *world) { w.metricsDown = true })
		s.wait(6 * time.Minute)
		s.world.edit(func(w *world) { w.lag = 14_400 })
		s.wait(time.Minute)
		if e := s.room.episode(alertID); !e.Open() || s.room.episode(noteID).ID == "" {
			t.Errorf("got an alert open %v beside %q, want both", e.Open(), s.room.episode(noteID).ID)
		}
	})
}

// A source that nobody configured is not missing: a component without metrics can be judged.
func TestWhatWasNeverExpectedIsNotMissed(t *testing.T) {
	play(t, 0, func(s *stage) { s.world.metricsDown = true }, func(t *testing.T, s *stage) {
		s.wait(20 * time.Minute)
		if e, ok := s.note(); ok {
			t.Errorf("got %+v of a component of which no worker is wanted, want nothing", e.Blindness)
		}
	})
}

// If the end of an episode was not shown, the next leader shows it, as for an alert.
func TestTheEndOfANoteIsShownLater(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.metricsDown = true }, func(t *testing.T, s *stage) {
		s.wait(6 * time.Minute)
		s.room.read(func(r *room) {
			r.fail = func(key string) error {
				if strings.HasPrefix(key, noteID) {
					return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "editing a message"}
				}
				return nil
			}
		})
		s.world.edit(func(w *world) { w.metricsDown = false })
		s.wait(4 * time.Minute)
		if e, _ := s.note(); e.Open() || !s.room.episode(noteID).Open() {
			t.Fatal("want an end that is stored and not shown")
		}
		s.stop()
		s.room.read(func(r *room) { r.fail = nil })
		s.start()
		s.wait(2 * time.Minute)
		if s.room.episode(noteID).Open() {
			t.Error("the card still shows the note as open")
		}
	})
}

// A command that needs one component answers that the episode is about several. Snoozing it, or
// asking for a count on it, gets an answer too.
func TestCommandsAboutTheNote(t *testing.T) {
	play(t, 6, func(s *stage) { s.world.metricsDown = true }, func(t *testing.T, s *stage) {
		s.wait(6 * time.Minute)
		_, err := s.desk().Diagnose(t.Context(), noteID)
		if refusal := wantCode(t, err, scale.RefusedNotFound); !strings.Contains(refusal.Why, "several components") || refusal.Try != "/scale diagnose download-worker" {
			t.Errorf("got %+v, want what the note is and a component to diagnose", refusal)
		}
		_, err = s.desk().ScaleRecommended(t.Context(), engine.Act{ID: noteID, By: ana})
		if err == nil {
			t.Error("a change was made of a note that offers none")
		}
		if all := s.desk().Overview(t.Context()); len(all) != 1 || all[0].Episode != nil {
			t.Errorf("got %+v, want no alert of the component", all)
		}
		e, err := s.desk().Snooze(t.Context(), engine.Act{ID: noteID, By: ana}, time.Hour)
		if err != nil || e.SnoozedBy != ana {
			t.Errorf("snoozing: got %v and %v, want it silent", e.SnoozedBy, err)
		}
		s.world.edit(func(w *world) { w.metricsDown = false })
		s.wait(4 * time.Minute)
		if s.room.episode(noteID).Open() {
			t.Error("a snoozed note does not tell its end")
		}
		_, err = s.desk().Snooze(t.Context(), engine.Act{ID: noteID, By: ana}, time.Hour)
		if refusal := wantCode(t, err, scale.RefusedState); refusal.Try != "/scale" {
			t.Errorf("got %q to try, want a command that is one", refusal.Try)
		}
	})
}
