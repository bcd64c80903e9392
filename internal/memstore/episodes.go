package memstore

import (
	"context"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// seriesOf names the episodes of a component and kind.
func seriesOf(component string, kind ledger.EpisodeKind) string {
	return component + "/" + string(kind)
}

func headOfEpisode(e ledger.Episode) head {
	return head{id: e.ID, series: seriesOf(e.Component, e.Kind), number: e.Number, at: e.OpenedAt, ended: e.ClosedAt}
}

// CreateEpisode stores a new episode; see ledger.Store.
func (s *Store) CreateEpisode(_ context.Context, e ledger.Episode) (ledger.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := highest(s.episodes.records, seriesOf(e.Component, e.Kind))
	if e.Number != newest+1 {
		return e, fmt.Errorf("creating %s %d of %s after %d: %w", e.Kind, e.Number, e.Component, newest, scale.ErrVersion)
	}
	e.ID = ledger.EpisodeID(e.Component, e.Kind, e.Number)
	version, err := put(s, s.episodes, headOfEpisode(e), e)
	e.Version = version
	return e, err
}

// UpdateEpisode replaces an episode; see ledger.Store.
func (s *Store) UpdateEpisode(_ context.Context, e ledger.Episode) (ledger.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := swap(s, s.episodes, headOfEpisode(e), e.Version, e)
	if err == nil {
		e.Version = version
	}
	return e, err
}

// Episode returns one episode; see ledger.Store.
func (s *Store) Episode(_ context.Context, id string) (ledger.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.episodes.records[id]
	if !ok {
		return ledger.Episode{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return episodeOf(record), nil
}

// NewestEpisode returns the newest episode of a component and kind; see ledger.Store.
func (s *Store) NewestEpisode(_ context.Context, component string, kind ledger.EpisodeKind) (ledger.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := find(s.episodes.records, seriesOf(component, kind))
	if len(found) == 0 {
		return ledger.Episode{}, fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	}
	return episodeOf(found[0]), nil
}

// OpenEpisodes returns all that are open; see ledger.Store.
func (s *Store) OpenEpisodes(context.Context) ([]ledger.Episode, error) {
	return s.episodesWhere(func(h head) bool { return h.ended.IsZero() }), nil
}

// EndedEpisodes returns those that ended in a span of time; see ledger.Store.
func (s *Store) EndedEpisodes(_ context.Context, from, to time.Time) ([]ledger.Episode, error) {
	return s.episodesWhere(func(h head) bool { return !h.ended.IsZero() && !h.ended.Before(from) && !h.ended.After(to) }), nil
}

func (s *Store) episodesWhere(want func(head) bool) []ledger.Episode {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []ledger.Episode
	for _, record := range find(s.episodes.records, "") {
		if want(record.head) {
			all = append(all, episodeOf(record))
		}
	}
	return all
}
