package records

import (
	"cmp"
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// pruneable is the part of a record that pruning needs. There may be tens of thousands of
// records, so nothing else is held in memory.
type pruneable struct {
	series, name string
	number       int
	// ended is zero while the record is not final.
	ended time.Time
}

// Prune deletes old final operations and closed episodes; see ledger.Store. It does not delete a
// record that it cannot read: whether that is final is not known.
func (s *Store) Prune(ctx context.Context, retain int, before time.Time) error {
	s.marks.forget()
	if err := s.pruneIn(ctx, s.operations, retain, before, func(o *unstructured.Unstructured) (pruneable, error) {
		op, err := operationOf(o)
		one := pruneable{series: op.Component, name: op.ID, number: op.Number}
		if op.State().Final() {
			one.ended = op.Last().At
		}
		return one, err
	}); err != nil {
		return err
	}
	return s.pruneIn(ctx, s.episodes, retain, before, func(o *unstructured.Unstructured) (pruneable, error) {
		e, err := episodeOf(o)
		return pruneable{series: seriesOf(e.Component, e.Kind), name: e.ID, number: e.Number, ended: e.ClosedAt}, err
	})
}

// pruneIn deletes what was final before a time, beyond the newest of each series.
func (s *Store) pruneIn(ctx context.Context, in collection, retain int, before time.Time, read func(*unstructured.Unstructured) (pruneable, error)) error {
	var all []pruneable
	err := s.list(ctx, in, "", func() { all = nil }, func(page *unstructured.UnstructuredList) {
		for i := range page.Items {
			if one, err := read(&page.Items[i]); err == nil {
				all = append(all, one)
			} else {
				s.leaveOut(ctx, &page.Items[i], err)
			}
		}
	})
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b pruneable) int { return cmp.Or(cmp.Compare(a.series, b.series), b.number-a.number) })
	seen := 0
	for i, one := range all {
		if i == 0 || one.series != all[i-1].series {
			seen = 0
		}
		if seen++; seen > max(retain, 1) && !one.ended.IsZero() && one.ended.Before(before) {
			if err := s.remove(ctx, in, one.name); err != nil {
				return err
			}
		}
	}
	return nil
}
