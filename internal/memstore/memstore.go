// Package memstore stores operations and episodes in memory, for the demo, for tests, and for a
// bot that may lose its records at a restart. It obeys the same contract as the store in the
// cluster; package storetest checks both.
package memstore

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Store is safe for concurrent use. Make one with New.
type Store struct {
	mu       sync.Mutex
	version  int
	ops      *kind[ledger.Operation]
	episodes *kind[ledger.Episode]
}

// kind is all records of one kind; changes is signalled after each change of one.
type kind[T any] struct {
	records map[string]stored[T]
	changes chan struct{}
}

func newKind[T any]() *kind[T] {
	return &kind[T]{records: map[string]stored[T]{}, changes: make(chan struct{}, 1)}
}

func (k *kind[T]) wake() {
	select {
	case k.changes <- struct{}{}:
	default:
	}
}

// stored is one record as the cluster would return it: encoded and decoded once, when it was
// stored. Callers only get copies, so that the store and its callers never share memory.
type stored[T any] struct {
	head
	version string
	record  T
}

// head holds what records are found and ordered by.
type head struct {
	id string
	// series is the component or, for an episode, component and kind. Numbers count within a
	// series.
	series string
	number int
	at     time.Time
	// ended is zero while the record is not final.
	ended time.Time
}

func headOf(op ledger.Operation) head {
	h := head{id: op.ID, series: op.Component, number: op.Number, at: op.Request.At}
	if op.State().Final() {
		h.ended = op.Last().At
	}
	return h
}

// find lists the records of a series (of all series for ""), the highest number first; the caller
// holds mu.
func find[T any](in map[string]stored[T], series string) []stored[T] {
	var found []stored[T]
	for _, record := range in {
		if series == "" || record.series == series {
			found = append(found, record)
		}
	}
	slices.SortFunc(found, func(a, b stored[T]) int { return cmp.Or(b.number-a.number, strings.Compare(a.id, b.id)) })
	return found
}

// highest is the highest number of a series, zero when it has none; the caller holds mu.
func highest[T any](in map[string]stored[T], series string) int {
	number := 0
	for _, record := range in {
		if record.series == series {
			number = max(number, record.number)
		}
	}
	return number
}

// New returns an empty store.
func New() *Store {
	return &Store{ops: newKind[ledger.Operation](), episodes: newKind[ledger.Episode]()}
}

// Changes receives a value some time after an operation changed.
func (s *Store) Changes() <-chan struct{} { return s.ops.changes }

// EpisodeChanges receives a value some time after an episode changed.
func (s *Store) EpisodeChanges() <-chan struct{} { return s.episodes.changes }

// put stores a record under the next version; the caller holds mu. Fields that are not encoded
// are lost here, as they would be in the cluster.
func put[T any](s *Store, in *kind[T], head head, record T) (string, error) {
	body, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("encoding %s: %w", head.id, err)
	}
	var copied T
	if err := json.Unmarshal(body, &copied); err != nil {
		return "", fmt.Errorf("decoding %s: %w", head.id, err)
	}
	s.version++
	version := strconv.Itoa(s.version)
	in.records[head.id] = stored[T]{head, version, copied}
	in.wake()
	return version, nil
}

// swap replaces a record if it still has the given version; the caller holds mu.
func swap[T any](s *Store, in *kind[T], head head, version string, record T) (string, error) {
	old, ok := in.records[head.id]
	switch {
	case !ok:
		return "", fmt.Errorf("updating %s: %w", head.id, scale.ErrNotStored)
	case old.version != version:
		return "", fmt.Errorf("updating %s: %w", head.id, scale.ErrVersion)
	}
	return put(s, in, head, record)
}

func operationOf(one stored[ledger.Operation]) ledger.Operation {
	op := one.record.Clone()
	op.Version = one.version
	return op
}

func episodeOf(one stored[ledger.Episode]) ledger.Episode {
	e := one.record.Clone()
	e.Version = one.version
	return e
}

func operationsOf(found []stored[ledger.Operation]) []ledger.Operation {
	ops := make([]ledger.Operation, len(found))
	for i, one := range found {
		ops[i] = operationOf(one)
	}
	return ops
}

// byTime orders records of several series, the newest first.
func byTime[T any](a, b stored[T]) int { return cmp.Or(b.at.Compare(a.at), b.number-a.number) }

// Create stores a new operation; see ledger.Store.
func (s *Store) Create(_ context.Context, op ledger.Operation) (ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := highest(s.ops.records, op.Component)
	if op.Number != newest+1 {
		return op, fmt.Errorf("creating operation %d of %s after %d: %w", op.Number, op.Component, newest, scale.ErrVersion)
	}
	op.ID = ledger.OperationID(op.Component, op.Number)
	version, err := put(s, s.ops, headOf(op), op)
	op.Version = version
	return op, err
}

// Update replaces an operation; see ledger.Store.
func (s *Store) Update(_ context.Context, op ledger.Operation) (ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := swap(s, s.ops, headOf(op), op.Version, op)
	if err == nil {
		op.Version = version
	}
	return op, err
}

// Get returns one operation; see ledger.Store.
func (s *Store) Get(_ context.Context, id string) (ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.ops.records[id]
	if !ok {
		return ledger.Operation{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return operationOf(record), nil
}

// Newest returns the newest operations; see ledger.Store. The operations of one component are
// sorted by number, because the clocks of several replicas never agree.
func (s *Store) Newest(_ context.Context, component string, limit int) ([]ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := find(s.ops.records, component)
	if component == "" {
		slices.SortFunc(found, byTime[ledger.Operation])
	}
	return operationsOf(found[:min(limit, len(found))]), nil
}

// Between returns the operations of a span of time; see ledger.Store.
func (s *Store) Between(_ context.Context, from, to time.Time) ([]ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.DeleteFunc(find(s.ops.records, ""), func(record stored[ledger.Operation]) bool { return record.at.Before(from) || record.at.After(to) })
	slices.SortFunc(found, byTime[ledger.Operation])
	return operationsOf(found), nil
}

// Unfinished returns the operations that are not final; see ledger.Store.
func (s *Store) Unfinished(_ context.Context) ([]ledger.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.DeleteFunc(find(s.ops.records, ""), func(record stored[ledger.Operation]) bool { return !record.ended.IsZero() })
	slices.SortFunc(found, byTime[ledger.Operation])
	slices.Reverse(found)
	return operationsOf(found), nil
}

// Prune forgets old final operations and closed episodes; see ledger.Store.
func (s *Store) Prune(_ context.Context, retain int, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	prune(s.ops, retain, before)
	prune(s.episodes, retain, before)
	return nil
}

// prune keeps the newest of each series, what has not ended, and what ended after the given time.
func prune[T any](in *kind[T], retain int, before time.Time) {
	seen := map[string]int{}
	for _, record := range find(in.records, "") {
		seen[record.series]++
		if seen[record.series] > max(retain, 1) && !record.ended.IsZero() && record.ended.Before(before) {
			delete(in.records, record.id)
		}
	}
}
