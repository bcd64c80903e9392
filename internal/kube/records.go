package kube

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/scale"
)

// operationsBy reads the operations that a label selector selects in an order, and keeps
// the first most of them. A record that cannot be read is left out and logged: it must not
// hide the others.
func (s *Store) operationsBy(ctx context.Context, selector string, order func(a, b scale.Operation) int, most int) ([]scale.Operation, error) {
	var ops []scale.Operation
	err := s.list(ctx, s.operations, selector, func() { ops = nil }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			op, err := operationOf(&page.Items[i])
			if err != nil {
				s.log.WarnContext(ctx, "stored operation left out", "error", err)
				continue
			}
			ops = append(ops, op)
		}
		slices.SortFunc(ops, order)
		ops = slices.Clip(ops[:min(most, len(ops))])
	})
	if err != nil {
		return nil, err
	}
	return ops, nil
}

// The orders of operations. Those of one component go by their numbers, because the
// clocks of several replicas never agree.
func byNumber(a, b scale.Operation) int { return b.Number - a.Number }

func byTime(a, b scale.Operation) int {
	return cmp.Or(b.Request.At.Compare(a.Request.At), byNumber(a, b))
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
	if op.Version, err = s.create(ctx, s.operations, object); err == nil {
		s.marks.set(op.Component, op.Number)
	}
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
	if component == "" {
		return s.operationsBy(ctx, "", byTime, limit)
	}
	if limit == 1 {
		if op, told, err := s.newestByMark(ctx, component); told || err != nil {
			return op, err
		}
	}
	ops, err := s.operationsBy(ctx, selector(map[string]string{componentLabel: component}), byNumber, max(limit, 1))
	if err != nil {
		return nil, err
	}
	highest := 0
	if len(ops) > 0 {
		highest = ops[0].Number
	}
	s.marks.set(component, highest)
	return ops[:min(limit, len(ops))], nil
}

// newestByMark is the newest operation as the marks tell it. One that somebody broke by
// hand is left to the list, which leaves it out.
func (s *Store) newestByMark(ctx context.Context, component string) (newest []scale.Operation, told bool, err error) {
	object, told, err := s.climb(ctx, s.operations, component, func(number int) string { return scale.OperationID(component, number) })
	if err != nil || !told || object == nil {
		return nil, told, err
	}
	op, broken := operationOf(object)
	if broken != nil {
		return nil, false, nil
	}
	return []scale.Operation{op}, true, nil
}

// Between returns the operations of a span of time; see engine.Store. They are selected by
// the days on which they were asked for, so that what is kept for longer is not read.
func (s *Store) Between(ctx context.Context, from, to time.Time) ([]scale.Operation, error) {
	ops, err := s.operationsBy(ctx, dayLabel+" in ("+strings.Join(days(from, to), ",")+")", byTime, math.MaxInt)
	return slices.DeleteFunc(ops, func(op scale.Operation) bool { return op.Request.At.Before(from) || op.Request.At.After(to) }), err
}

// Unfinished returns the operations that are not final; see engine.Store.
func (s *Store) Unfinished(ctx context.Context) ([]scale.Operation, error) {
	ops, err := s.operationsBy(ctx, selector(map[string]string{finalLabel: "false"}), byTime, math.MaxInt)
	slices.Reverse(ops)
	return ops, err
}

// episodesBy reads the episodes with the given labels, the highest number first, and keeps
// the first most of them.
func (s *Store) episodesBy(ctx context.Context, labels map[string]string, most int) ([]scale.Episode, error) {
	var all []scale.Episode
	err := s.list(ctx, s.episodes, selector(labels), func() { all = nil }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			e, err := episodeOf(&page.Items[i])
			if err != nil {
				s.log.WarnContext(ctx, "stored episode left out", "error", err)
				continue
			}
			all = append(all, e)
		}
		slices.SortFunc(all, func(a, b scale.Episode) int { return b.Number - a.Number })
		all = slices.Clip(all[:min(most, len(all))])
	})
	if err != nil {
		return nil, err
	}
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
	if e.Version, err = s.create(ctx, s.episodes, object); err == nil {
		s.marks.set(seriesOf(e.Component, e.Kind), e.Number)
	}
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

// seriesOf names the episodes of a component and kind among the marks.
func seriesOf(component string, kind scale.EpisodeKind) string { return component + "/" + string(kind) }

// NewestEpisode returns the newest episode of a component and kind; see engine.Store.
func (s *Store) NewestEpisode(ctx context.Context, component string, kind scale.EpisodeKind) (scale.Episode, error) {
	series := seriesOf(component, kind)
	none := fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	object, told, err := s.climb(ctx, s.episodes, series, func(number int) string { return scale.EpisodeID(component, kind, number) })
	switch {
	case err != nil:
		return scale.Episode{}, err
	case told && object == nil:
		return scale.Episode{}, none
	case told:
		if e, err := episodeOf(object); err == nil {
			return e, nil
		}
	}
	all, err := s.episodesBy(ctx, map[string]string{componentLabel: component, kindLabel: string(kind)}, 1)
	if err != nil {
		return scale.Episode{}, err
	}
	if len(all) == 0 {
		s.marks.set(series, 0)
		return scale.Episode{}, none
	}
	s.marks.set(series, all[0].Number)
	return all[0], nil
}

// Prune deletes old final operations and closed episodes; see engine.Store.
func (s *Store) Prune(ctx context.Context, keep int, before time.Time) error {
	s.marks.forget()
	ops, err := s.operationsBy(ctx, "", byNumber, math.MaxInt)
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
	all, err := s.episodesBy(ctx, nil, math.MaxInt)
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
