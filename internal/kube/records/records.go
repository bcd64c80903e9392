package records

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// operationsBy reads the operations that a label selector matches, sorts them, and returns the
// first most of them. It skips a record that cannot be read, and logs it once: it must not hide
// the others.
func (s *Store) operationsBy(ctx context.Context, selector string, order func(a, b ledger.Operation) int, most int) ([]ledger.Operation, error) {
	var ops []ledger.Operation
	err := s.list(ctx, s.operations, selector, func() { ops = nil }, func(page *unstructured.UnstructuredList) {
		ops = append(ops, s.readable(ctx, pointers(page.Items))...)
		slices.SortFunc(ops, order)
		ops = slices.Clip(ops[:min(most, len(ops))])
	})
	if err != nil {
		return nil, err
	}
	return ops, nil
}

// byNumber sorts the operations of one component by number, newest first, because the clocks of
// several replicas never agree.
func byNumber(a, b ledger.Operation) int { return b.Number - a.Number }

func byTime(a, b ledger.Operation) int {
	return cmp.Or(b.Request.At.Compare(a.Request.At), byNumber(a, b))
}

// Create stores a new operation; see ledger.Store.
func (s *Store) Create(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
	err := s.claim(ctx, s.operationsOf(op.Component), op.Number, func(number int) error {
		op.ID, op.Number, op.Version = ledger.OperationID(op.Component, number), number, ""
		object, err := operationObject(op)
		if err != nil {
			return err
		}
		op.Version, err = s.create(ctx, s.operations, object)
		return err
	})
	if err != nil {
		return op, fmt.Errorf("creating operation %d of %s: %w", op.Number, op.Component, err)
	}
	s.marks.set(op.Component, op.Number)
	return op, nil
}

// Update replaces an operation; see ledger.Store.
func (s *Store) Update(ctx context.Context, op ledger.Operation) (ledger.Operation, error) {
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

// Get returns one operation; see ledger.Store.
func (s *Store) Get(ctx context.Context, id string) (ledger.Operation, error) {
	object, err := s.get(ctx, s.operations, id)
	if err != nil {
		return ledger.Operation{}, err
	}
	return s.decoded.operation(object)
}

// Newest returns the newest operations; see ledger.Store.
func (s *Store) Newest(ctx context.Context, component string, limit int) ([]ledger.Operation, error) {
	if component == "" {
		return s.newestOfAll(ctx, limit)
	}
	if limit == 1 {
		if op, found, err := s.newestByMark(ctx, component); found || err != nil {
			return op, err
		}
	}
	ops, err := s.operationsBy(ctx, selector(map[string]string{ComponentLabel: component}), byNumber, max(limit, 1))
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

// newestOfAll searches further and further back until it has enough operations, so that a request
// for a few recent ones does not read all that is stored. It also searches one day ahead: clocks
// differ.
func (s *Store) newestOfAll(ctx context.Context, limit int) ([]ledger.Operation, error) {
	now := time.Now()
	for _, back := range []int{1, 7, 30} {
		ops, err := s.operationsBy(ctx, inDays(now.AddDate(0, 0, -back), now.AddDate(0, 0, 1)), byTime, limit)
		if err != nil || len(ops) >= limit {
			return ops, err
		}
	}
	return s.operationsBy(ctx, "", byTime, limit)
}

// inDays selects records that are labelled with one of the days of a span of time.
func inDays(from, to time.Time) string {
	return dayLabel + " in (" + strings.Join(days(from, to), ",") + ")"
}

// newestByMark finds the newest operation by its remembered number. If that record cannot be
// read, the caller lists, which skips it.
func (s *Store) newestByMark(ctx context.Context, component string) (newest []ledger.Operation, found bool, err error) {
	object, found, err := s.climb(ctx, s.operations, component, func(number int) string { return ledger.OperationID(component, number) })
	if err != nil || !found || object == nil {
		return nil, found, err
	}
	op, broken := s.decoded.operation(object)
	if broken != nil {
		return nil, false, nil
	}
	return []ledger.Operation{op}, true, nil
}

// Between returns the operations of a span of time; see ledger.Store. It selects them by the days
// on which they were requested, so that older ones are not read.
func (s *Store) Between(ctx context.Context, from, to time.Time) ([]ledger.Operation, error) {
	ops, err := s.operationsBy(ctx, inDays(from, to), byTime, math.MaxInt)
	return slices.DeleteFunc(ops, func(op ledger.Operation) bool { return op.Request.At.Before(from) || op.Request.At.After(to) }), err
}

// Unfinished returns the operations that are not final; see ledger.Store. While a watch reports
// their changes, they are listed only once a minute, for comparison.
func (s *Store) Unfinished(ctx context.Context) ([]ledger.Operation, error) {
	if objects, known := s.mirror.all(); known {
		ops := s.readable(ctx, objects)
		slices.SortFunc(ops, func(a, b ledger.Operation) int { return byTime(b, a) })
		return ops, nil
	}
	at, versions := time.Now(), map[string]string{}
	var ops []ledger.Operation
	err := s.list(ctx, s.operations, selector(map[string]string{finalLabel: "false"}), func() { ops = nil; clear(versions) }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			versions[page.Items[i].GetName()] = page.Items[i].GetResourceVersion()
		}
		ops = append(ops, s.readable(ctx, pointers(page.Items))...)
	})
	if err != nil {
		return nil, err
	}
	s.mirror.check(versions, at)
	slices.SortFunc(ops, func(a, b ledger.Operation) int { return byTime(b, a) })
	return ops, nil
}

func pointers(items []unstructured.Unstructured) []*unstructured.Unstructured {
	all := make([]*unstructured.Unstructured, len(items))
	for i := range items {
		all[i] = &items[i]
	}
	return all
}

// readable decodes operations. It skips a record that cannot be read, and logs it once: it must
// not hide the others.
func (s *Store) readable(ctx context.Context, objects []*unstructured.Unstructured) []ledger.Operation {
	var ops []ledger.Operation
	for _, object := range objects {
		op, err := s.decoded.operation(object)
		if err != nil {
			s.leaveOut(ctx, object, err)
			continue
		}
		ops = append(ops, op)
	}
	return ops
}

// episodesBy reads the episodes that a label selector matches, the highest number first, and
// returns the first most of them. It skips those that cannot be read.
func (s *Store) episodesBy(ctx context.Context, selector string, most int) ([]ledger.Episode, error) {
	var all []ledger.Episode
	err := s.list(ctx, s.episodes, selector, func() { all = nil }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			e, err := episodeOf(&page.Items[i])
			if err != nil {
				s.leaveOut(ctx, &page.Items[i], err)
				continue
			}
			all = append(all, e)
		}
		slices.SortFunc(all, func(a, b ledger.Episode) int { return b.Number - a.Number })
		all = slices.Clip(all[:min(most, len(all))])
	})
	if err != nil {
		return nil, err
	}
	return all, nil
}

// CreateEpisode stores a new episode; see ledger.Store.
func (s *Store) CreateEpisode(ctx context.Context, e ledger.Episode) (ledger.Episode, error) {
	err := s.claim(ctx, s.episodesOf(e.Component, e.Kind), e.Number, func(number int) error {
		e.ID, e.Number, e.Version = ledger.EpisodeID(e.Component, e.Kind, number), number, ""
		object, err := episodeObject(e)
		if err != nil {
			return err
		}
		e.Version, err = s.create(ctx, s.episodes, object)
		return err
	})
	if err != nil {
		return e, fmt.Errorf("creating %s %d of %s: %w", e.Kind, e.Number, e.Component, err)
	}
	s.marks.set(seriesOf(e.Component, e.Kind), e.Number)
	return e, nil
}

// UpdateEpisode replaces an episode; see ledger.Store.
func (s *Store) UpdateEpisode(ctx context.Context, e ledger.Episode) (ledger.Episode, error) {
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

// Episode returns one episode; see ledger.Store.
func (s *Store) Episode(ctx context.Context, id string) (ledger.Episode, error) {
	object, err := s.get(ctx, s.episodes, id)
	if err != nil {
		return ledger.Episode{}, err
	}
	return episodeOf(object)
}

// seriesOf is the key in marks for the episodes of a component and kind.
func seriesOf(component string, kind ledger.EpisodeKind) string {
	return component + "/" + string(kind)
}

// NewestEpisode returns the newest episode of a component and kind; see ledger.Store.
func (s *Store) NewestEpisode(ctx context.Context, component string, kind ledger.EpisodeKind) (ledger.Episode, error) {
	series := seriesOf(component, kind)
	none := fmt.Errorf("reading the newest %s of %s: %w", kind, component, scale.ErrNotStored)
	object, found, err := s.climb(ctx, s.episodes, series, func(number int) string { return ledger.EpisodeID(component, kind, number) })
	switch {
	case err != nil:
		return ledger.Episode{}, err
	case found && object == nil:
		return ledger.Episode{}, none
	case found:
		if e, err := episodeOf(object); err == nil {
			return e, nil
		}
	}
	all, err := s.episodesBy(ctx, selector(s.episodesOf(component, kind).labels), 1)
	if err != nil {
		return ledger.Episode{}, err
	}
	if len(all) == 0 {
		s.marks.set(series, 0)
		return ledger.Episode{}, none
	}
	s.marks.set(series, all[0].Number)
	return all[0], nil
}

// OpenEpisodes returns all open episodes; see ledger.Store.
func (s *Store) OpenEpisodes(ctx context.Context) ([]ledger.Episode, error) {
	return s.episodesBy(ctx, selector(map[string]string{finalLabel: "false"}), math.MaxInt)
}

// EndedEpisodes returns the episodes that ended in a span of time; see ledger.Store. It selects
// them by the day on which they ended. An episode that an older version ended has no such label
// and is left out.
func (s *Store) EndedEpisodes(ctx context.Context, from, to time.Time) ([]ledger.Episode, error) {
	all, err := s.episodesBy(ctx, finalLabel+"=true,"+inDays(from, to), math.MaxInt)
	return slices.DeleteFunc(all, func(e ledger.Episode) bool { return e.ClosedAt.Before(from) || e.ClosedAt.After(to) }), err
}
