// Package memstore keeps operations and episodes in memory, for the demo, for tests and
// for a bot that may forget. It keeps the same contract as the store in the cluster:
// package storetest checks both.
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

	"github.com/scalebot/scalebot/internal/scale"
)

// Store is safe for concurrent use. Make one with New.
type Store struct {
	mu       sync.Mutex
	version  int
	ops      *kind
	episodes *kind
}

// kind is all records of one kind; changes wakes after each change of one.
type kind struct {
	records map[string]stored
	changes chan struct{}
}

func newKind() *kind { return &kind{records: map[string]stored{}, changes: make(chan struct{}, 1)} }

func (k *kind) wake() {
	select {
	case k.changes <- struct{}{}:
	default:
	}
}

// stored is one encoded record: what goes in and what comes out never share memory.
type stored struct {
	head
	version string
	body    []byte
}

// head is by what records are found and ordered; the rest of them stays encoded.
type head struct {
	id string
	// series is the component, of an episode with its kind; numbers count in a series.
	series string
	number int
	at     time.Time
	// ended is zero while the record is not final.
	ended time.Time
}

func headOf(op scale.Operation) head {
	h := head{id: op.ID, series: op.Component, number: op.Number, at: op.Request.At}
	if op.State().Final() {
		h.ended = op.Last().At
	}
	return h
}

// find lists the records of a series (of all for ""), those with the highest number
// first; the caller holds mu.
func find(in map[string]stored, series string) []stored {
	var found []stored
	for _, record := range in {
		if series == "" || record.series == series {
			found = append(found, record)
		}
	}
	slices.SortFunc(found, func(a, b stored) int { return cmp.Or(b.number-a.number, strings.Compare(a.id, b.id)) })
	return found
}

// highest is the highest number of a series, zero when it has none; the caller holds mu.
func highest(in map[string]stored, series string) int {
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
	return &Store{ops: newKind(), episodes: newKind()}
}

// Changes receives a value some time after an operation changed.
func (s *Store) Changes() <-chan struct{} { return s.ops.changes }

// EpisodeChanges receives a value some time after an episode changed.
func (s *Store) EpisodeChanges() <-chan struct{} { return s.episodes.changes }

// put stores a record under a new version; the caller holds mu.
func (s *Store) put(in *kind, head head, record any) (string, error) {
	body, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("encoding %s: %w", head.id, err)
	}
	s.version++
	version := strconv.Itoa(s.version)
	in.records[head.id] = stored{head, version, body}
	in.wake()
	return version, nil
}

// swap replaces a record if its version still is the given one; the caller holds mu.
func (s *Store) swap(in *kind, head head, version string, record any) (string, error) {
	old, ok := in.records[head.id]
	switch {
	case !ok:
		return "", fmt.Errorf("updating %s: %w", head.id, scale.ErrNotStored)
	case old.version != version:
		return "", fmt.Errorf("updating %s: %w", head.id, scale.ErrVersion)
	}
	return s.put(in, head, record)
}

// decode reads one operation; only what Store itself encoded is ever decoded.
func decodeOperation(record stored) scale.Operation {
	var op scale.Operation
	if err := json.Unmarshal(record.body, &op); err != nil {
		panic("memstore: unreachable: " + err.Error())
	}
	op.Version = record.version
	return op
}

func decodeEpisode(record stored) scale.Episode {
	var e scale.Episode
	if err := json.Unmarshal(record.body, &e); err != nil {
		panic("memstore: unreachable: " + err.Error())
	}
	e.Version = record.version
	return e
}

func decodeOperations(records []stored) []scale.Operation {
	ops := make([]scale.Operation, len(records))
	for i, record := range records {
		ops[i] = decodeOperation(record)
	}
	return ops
}

// byTime orders records of several series, the newest first.
func byTime(a, b stored) int { return cmp.Or(b.at.Compare(a.at), b.number-a.number) }

// Create stores a new operation; see engine.Store.
func (s *Store) Create(_ context.Context, op scale.Operation) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := highest(s.ops.records, op.Component)
	if op.Number != newest+1 {
		return op, fmt.Errorf("creating operation %d of %s after %d: %w", op.Number, op.Component, newest, scale.ErrVersion)
	}
	op.ID = scale.OperationID(op.Component, op.Number)
	version, err := s.put(s.ops, headOf(op), op)
	op.Version = version
	return op, err
}

// Update replaces an operation; see engine.Store.
func (s *Store) Update(_ context.Context, op scale.Operation) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := s.swap(s.ops, headOf(op), op.Version, op)
	if err == nil {
		op.Version = version
	}
	return op, err
}

// Get returns one operation; see engine.Store.
func (s *Store) Get(_ context.Context, id string) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.ops.records[id]
	if !ok {
		return scale.Operation{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return decodeOperation(record), nil
}

// Newest returns the newest operations; see engine.Store. Those of one component go by
// their numbers, because the clocks of several replicas never agree.
func (s *Store) Newest(_ context.Context, component string, limit int) ([]scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := find(s.ops.records, component)
	if component == "" {
		slices.SortFunc(found, byTime)
	}
	return decodeOperations(found[:min(limit, len(found))]), nil
}

// Between returns the operations of a span of time; see engine.Store.
func (s *Store) Between(_ context.Context, from, to time.Time) ([]scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.DeleteFunc(find(s.ops.records, ""), func(record stored) bool { return record.at.Before(from) || record.at.After(to) })
	slices.SortFunc(found, byTime)
	return decodeOperations(found), nil
}

// Unfinished returns the operations that are not final; see engine.Store.
func (s *Store) Unfinished(_ context.Context) ([]scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found := slices.DeleteFunc(find(s.ops.records, ""), func(record stored) bool { return !record.ended.IsZero() })
	slices.SortFunc(found, byTime)
	slices.Reverse(found)
	return decodeOperations(found), nil
}

// Prune forgets old final operations and closed episodes; see engine.Store.
func (s *Store) Prune(_ context.Context, keep int, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, in := range []*kind{s.ops, s.episodes} {
		seen := map[string]int{}
		for _, record := range find(in.records, "") {
			seen[record.series]++
			if seen[record.series] > max(keep, 1) && !record.ended.IsZero() && record.ended.Before(before) {
				delete(in.records, record.id)
			}
		}
	}
	return nil
}
