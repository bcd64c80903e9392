package memstore

import (
	"context"
	"fmt"

	"github.com/scalebot/scalebot/internal/scale"
)

// seriesOf names the episodes of a component and kind.
func seriesOf(component string, kind scale.EpisodeKind) string { return component + "/" + string(kind) }

func headOfEpisode(e scale.Episode) head {
	return head{id: e.ID, series: seriesOf(e.Component, e.Kind), number: e.Number, at: e.OpenedAt, ended: e.ClosedAt}
}

// CreateEpisode stores a new episode; see engine.Store.
func (s *Store) CreateEpisode(_ context.Context, e scale.Episode) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := highest(s.episodes.records, seriesOf(e.Component, e.Kind))
	if e.Number != newest+1 {
		return e, fmt.Errorf("creating %s %d of %s after %d: %w", e.Kind, e.Number, e.Component, newest, scale.ErrVersion)
	}
	e.ID = scale.EpisodeID(e.Component, e.Kind, e.Number)
	version, err := s.put(s.episodes, headOfEpisode(e), e)
	e.Version = version
	return e, err
}

// UpdateEpisode replaces an episode; see engine.Store.
func (s *Store) UpdateEpisode(_ context.Context, e scale.Episode) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := s.swap(s.episodes, headOfEpisode(e), e.Version, e)
	if err == nil {
		e.Version = version
	}
	return e, err
}

// Episode returns one episode; see engine.Store.
func (s *Store) Episode(_ context.Context, id string) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.episodes.records[id]
	if !ok {
		return scale.Episode{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return decodeEpisode(record), nil
}

// NewestEpisode returns the newest episode of a component and kind; see engine.Store.
func (s *Store) NewestEpisode(_ context.Context, component string, kind scale.EpisodeKind) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := find(s.episodes.records, seriesOf(component, kind))
	if len(found) == 0 {
		return scale.Episode{}, fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	}
	return decodeEpisode(found[0]), nil
}
