package kube

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// operationsBy reads the operations with the given labels, newest first. A record that
// cannot be read is left out and logged: it must not hide the others.
func (s *Store) operationsBy(ctx context.Context, labels map[string]string) ([]scale.Operation, error) {
	items, err := s.list(ctx, s.operations, selector(labels))
	if err != nil {
		return nil, err
	}
	ops := make([]scale.Operation, 0, len(items))
	for i := range items {
		op, err := operationOf(&items[i])
		if err != nil {
			s.log.WarnContext(ctx, "stored operation left out", "error", err)
			continue
		}
		ops = append(ops, op)
	}
	slices.SortFunc(ops, func(a, b scale.Operation) int {
		if c := b.Request.At.Compare(a.Request.At); c != 0 {
			return c
		}
		return b.Number - a.Number
	})
	return ops, nil
}

// Create stores a new operation; see engine.Store.
func (s *Store) Create(ctx context.Context, op scale.Operation) (scale.Operation, error) {
	err := s.follows(ctx, s.operations, op.Number, scale.OperationID(op.Component, op.Number-1), map[string]string{componentLabel: op.Component})
	if err != nil {
		return op, fmt.Errorf("creating operation %d of %s: %w", op.Number, op.Component, err)
	}
	op.ID, op.Version = scale.OperationID(op.Component, op.Number), ""
	object, err := operationObject(op)
	if err != nil {
		return op, err
	}
	op.Version, err = s.create(ctx, s.operations, object)
	return op, err
}

// Update replaces an operation; see engine.Store.
func (s *Store) Update(ctx context.Context, op scale.Operation) (scale.Operation, error) {
	object, err := operationObject(op)
	if err != nil {
		return op, err
	}
	version, err := s.update(ctx, s.operations, object)
	if err == nil {
		op.Version = version
	}
	return op, err
}

// Get returns one operation; see engine.Store.
func (s *Store) Get(ctx context.Context, id string) (scale.Operation, error) {
	object, err := s.get(ctx, s.operations, id)
	if err != nil {
		return scale.Operation{}, err
	}
	return operationOf(object)
}

// Newest returns the newest operations; see engine.Store.
func (s *Store) Newest(ctx context.Context, component string, limit int) ([]scale.Operation, error) {
	labels := map[string]string{}
	if component != "" {
		labels[componentLabel] = component
	}
	ops, err := s.operationsBy(ctx, labels)
	if err != nil {
		return nil, err
	}
	return ops[:min(limit, len(ops))], nil
}

// Unfinished returns the operations that are not final; see engine.Store.
func (s *Store) Unfinished(ctx context.Context) ([]scale.Operation, error) {
	ops, err := s.operationsBy(ctx, map[string]string{finalLabel: "false"})
	slices.Reverse(ops)
	return ops, err
}

// episodesBy reads the episodes with the given labels, the highest number first.
func (s *Store) episodesBy(ctx context.Context, labels map[string]string) ([]scale.Episode, error) {
	items, err := s.list(ctx, s.episodes, selector(labels))
	if err != nil {
		return nil, err
	}
	all := make([]scale.Episode, 0, len(items))
	for i := range items {
		e, err := episodeOf(&items[i])
		if err != nil {
			s.log.WarnContext(ctx, "stored episode left out", "error", err)
			continue
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b scale.Episode) int { return b.Number - a.Number })
	return all, nil
}

// CreateEpisode stores a new episode; see engine.Store.
func (s *Store) CreateEpisode(ctx context.Context, e scale.Episode) (scale.Episode, error) {
	labels := map[string]string{componentLabel: e.Component, kindLabel: string(e.Kind)}
	err := s.follows(ctx, s.episodes, e.Number, scale.EpisodeID(e.Component, e.Kind, e.Number-1), labels)
	if err != nil {
		return e, fmt.Errorf("creating %s %d of %s: %w", e.Kind, e.Number, e.Component, err)
	}
	e.ID, e.Version = scale.EpisodeID(e.Component, e.Kind, e.Number), ""
	object, err := episodeObject(e)
	if err != nil {
		return e, err
	}
	e.Version, err = s.create(ctx, s.episodes, object)
	return e, err
}

// UpdateEpisode replaces an episode; see engine.Store.
func (s *Store) UpdateEpisode(ctx context.Context, e scale.Episode) (scale.Episode, error) {
	object, err := episodeObject(e)
	if err != nil {
		return e, err
	}
	version, err := s.update(ctx, s.episodes, object)
	if err == nil {
		e.Version = version
	}
	return e, err
}

// Episode returns one episode; see engine.Store.
func (s *Store) Episode(ctx context.Context, id string) (scale.Episode, error) {
	object, err := s.get(ctx, s.episodes, id)
	if err != nil {
		return scale.Episode{}, err
	}
	return episodeOf(object)
}

// NewestEpisode returns the newest episode of a component and kind; see engine.Store.
func (s *Store) NewestEpisode(ctx context.Context, component string, kind scale.EpisodeKind) (scale.Episode, error) {
	all, err := s.episodesBy(ctx, map[string]string{componentLabel: component, kindLabel: string(kind)})
	if err != nil {
		return scale.Episode{}, err
	}
	if len(all) == 0 {
		return scale.Episode{}, fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	}
	return all[0], nil
}

// Prune deletes old final operations and closed episodes; see engine.Store.
func (s *Store) Prune(ctx context.Context, keep int, before time.Time) error {
	ops, err := s.operationsBy(ctx, nil)
	if err != nil {
		return err
	}
	seen := map[string]int{}
	for _, op := range ops {
		seen[op.Component]++
		if seen[op.Component] > max(keep, 1) && op.State().Final() && op.Last().At.Before(before) {
			if err := s.remove(ctx, s.operations, op.ID); err != nil {
				return err
			}
		}
	}
	all, err := s.episodesBy(ctx, nil)
	if err != nil {
		return err
	}
	clear(seen)
	for _, e := range all {
		key := e.Component + "/" + string(e.Kind)
		seen[key]++
		if seen[key] > max(keep, 1) && !e.Open() && e.ClosedAt.Before(before) {
			if err := s.remove(ctx, s.episodes, e.ID); err != nil {
				return err
			}
		}
	}
	return nil
}
