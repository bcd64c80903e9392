package memstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// newestEpisodes returns all episodes, those with the highest number first; the caller
// holds mu.
func (s *Store) newestEpisodes() []scale.Episode {
	var all []scale.Episode
	for _, record := range s.episodes {
		all = append(all, decodeEpisode(record))
	}
	slices.SortFunc(all, func(a, b scale.Episode) int { return b.Number - a.Number })
	return all
}

// newestEpisode finds the newest of a component and kind; the caller holds mu.
func (s *Store) newestEpisode(component string, kind scale.EpisodeKind) (scale.Episode, bool) {
	for _, e := range s.newestEpisodes() {
		if e.Component == component && e.Kind == kind {
			return e, true
		}
	}
	return scale.Episode{}, false
}

// CreateEpisode stores a new episode; see engine.Store.
func (s *Store) CreateEpisode(_ context.Context, e scale.Episode) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest, _ := s.newestEpisode(e.Component, e.Kind)
	if e.Number != newest.Number+1 {
		return e, fmt.Errorf("creating %s %d of %s after %d: %w", e.Kind, e.Number, e.Component, newest.Number, scale.ErrVersion)
	}
	e.ID = scale.EpisodeID(e.Component, e.Kind, e.Number)
	version, err := s.put(s.episodes, e.ID, e)
	e.Version = version
	return e, err
}

// UpdateEpisode replaces an episode; see engine.Store.
func (s *Store) UpdateEpisode(_ context.Context, e scale.Episode) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := s.swap(s.episodes, e.ID, e.Version, e)
	if err == nil {
		e.Version = version
	}
	return e, err
}

// Episode returns one episode; see engine.Store.
func (s *Store) Episode(_ context.Context, id string) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.episodes[id]
	if !ok {
		return scale.Episode{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return decodeEpisode(record), nil
}

// NewestEpisode returns the newest episode of a component and kind; see engine.Store.
func (s *Store) NewestEpisode(_ context.Context, component string, kind scale.EpisodeKind) (scale.Episode, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.newestEpisode(component, kind)
	if !ok {
		return e, fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	}
	return e, nil
}
