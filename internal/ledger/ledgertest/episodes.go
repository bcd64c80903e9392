package ledgertest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Episodes checks the port of episodes.
func Episodes(t *testing.T, open func(t *testing.T) ledger.Episodes) {
	for _, check := range []struct {
		name string
		run  func(t *testing.T, s ledger.Episodes)
	}{
		{"episodes", episodes},
		{"episodes of all components", allEpisodes},
		{"changes of episodes wake", episodesWake},
	} {
		t.Run(check.name, func(t *testing.T) { check.run(t, open(t)) })
	}
}

func episodes(t *testing.T, s ledger.Episodes) {
	alert := ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: start, Lag: 14200}
	made, err := s.CreateEpisode(t.Context(), alert)
	if err != nil {
		t.Fatal(err)
	}
	if made.ID != "download-worker-alert-1" || made.Version == "" {
		t.Errorf("created %q with version %q, want an id and a version", made.ID, made.Version)
	}
	if _, err := s.CreateEpisode(t.Context(), alert); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("creating it twice: %v, want ErrVersion", err)
	}
	if _, err := s.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeSuggestion); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("the newest suggestion: %v, want ErrNotStored", err)
	}
	closed := made
	closed.ClosedAt = start.Add(time.Hour)
	if closed, err = s.UpdateEpisode(t.Context(), closed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.UpdateEpisode(t.Context(), made); !errors.Is(err, scale.ErrVersion) {
		t.Errorf("a stale update: %v, want ErrVersion", err)
	}
	newest, err := s.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert)
	if err != nil || newest.Open() || newest.Lag != 14200 || newest.Version != closed.Version {
		t.Errorf("the newest is %+v, %v; want the closed one", newest, err)
	}
	if _, err := s.Episode(t.Context(), "download-worker-alert-9"); !errors.Is(err, scale.ErrNotStored) {
		t.Errorf("reading a missing one: %v, want ErrNotStored", err)
	}
}

// allEpisodes returns the open episodes and those that ended in a span of time, of all
// components.
func allEpisodes(t *testing.T, s ledger.Episodes) {
	want := func(what string, got []ledger.Episode, err error, ids ...string) {
		t.Helper()
		var found []string
		for _, e := range got {
			if e.Version == "" {
				t.Errorf("%s: %s has no version", what, e.ID)
			}
			found = append(found, e.ID)
		}
		slices.Sort(found)
		if err != nil || !slices.Equal(found, ids) {
			t.Errorf("%s: got %v, %v; want %v", what, found, err, ids)
		}
	}
	none, err := s.OpenEpisodes(t.Context())
	want("before the first", none, err)
	for i, one := range []ledger.Episode{
		{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, ClosedAt: start.Add(-30 * time.Hour)},
		{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 2},
		{Component: "download-worker", Kind: ledger.EpisodeSuggestion, Number: 1, ClosedAt: start},
		{Component: "event-ingester", Kind: ledger.EpisodeAlert, Number: 1, ClosedAt: start.Add(24 * time.Hour)},
		{Component: "event-ingester", Kind: ledger.EpisodeAlert, Number: 2, ClosedAt: start.Add(24*time.Hour + time.Second)},
		{Component: "event-ingester", Kind: ledger.EpisodeSuggestion, Number: 1},
		{Component: ledger.Fleet, Kind: ledger.EpisodeBlindness, Number: 1, Blindness: &ledger.Blindness{Of: 6, First: ledger.Onset{At: start, AtLeast: true}}},
	} {
		ended := one.ClosedAt
		one.OpenedAt, one.ClosedAt = start.Add(time.Duration(i)*time.Minute), time.Time{}
		made, err := s.CreateEpisode(t.Context(), one)
		if err == nil && !ended.IsZero() {
			made.ClosedAt = ended.In(time.FixedZone("elsewhere", -11*3600))
			_, err = s.UpdateEpisode(t.Context(), made)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	open, err := s.OpenEpisodes(t.Context())
	want("open", open, err, "download-worker-alert-2", "event-ingester-suggestion-1", "fleet-blindness-1")
	note, err := s.NewestEpisode(t.Context(), ledger.Fleet, ledger.EpisodeBlindness)
	if err != nil || note.Blindness == nil || note.Blindness.Of != 6 || note.Blindness.First != (ledger.Onset{At: start, AtLeast: true}) {
		t.Errorf("the note about the fleet came back as %+v, %v", note, err)
	}
	ended, err := s.EndedEpisodes(t.Context(), start, start.Add(24*time.Hour))
	want("ended within a day", ended, err, "download-worker-suggestion-1", "event-ingester-alert-1")
	ended, err = s.EndedEpisodes(t.Context(), start.Add(time.Hour), start.Add(2*time.Hour))
	want("ended within an hour without any", ended, err)
}

func episodesWake(t *testing.T, s ledger.Episodes) {
	createEpisode(t, s)
	woken(t, "an episode", s.EpisodeChanges())
}

func createEpisode(t *testing.T, s ledger.Episodes) {
	t.Helper()
	if _, err := s.CreateEpisode(t.Context(), ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: start}); err != nil {
		t.Fatal(err)
	}
}
