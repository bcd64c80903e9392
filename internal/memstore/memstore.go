// Package memstore keeps operations and episodes in memory, for the demo, for tests and
// for a bot that may forget. It keeps the same contract as the store in the cluster:
// package storetest checks both.
package memstore

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// Store is safe for concurrent use. Make one with New.
type Store struct {
	changes chan struct{}

	mu       sync.Mutex
	version  int
	ops      map[string]stored
	episodes map[string]stored
}

// stored is one encoded record: what goes in and what comes out never share memory.
type stored struct {
	version string
	body    []byte
}

// New returns an empty store.
func New() *Store {
	return &Store{changes: make(chan struct{}, 1), ops: map[string]stored{}, episodes: map[string]stored{}}
}

// Changes receives a value some time after anything changed.
func (s *Store) Changes() <-chan struct{} { return s.changes }

// put stores a record under a new version; the caller holds mu.
func (s *Store) put(in map[string]stored, id string, record any) (string, error) {
	body, err := json.Marshal(record)
	if err != nil {
		return "", fmt.Errorf("encoding %s: %w", id, err)
	}
	s.version++
	version := strconv.Itoa(s.version)
	in[id] = stored{version, body}
	select {
	case s.changes <- struct{}{}:
	default:
	}
	return version, nil
}

// swap replaces a record if its version still is the given one; the caller holds mu.
func (s *Store) swap(in map[string]stored, id, version string, record any) (string, error) {
	old, ok := in[id]
	switch {
	case !ok:
		return "", fmt.Errorf("updating %s: %w", id, scale.ErrNotStored)
	case old.version != version:
		return "", fmt.Errorf("updating %s: %w", id, scale.ErrVersion)
	}
	return s.put(in, id, record)
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

// operations returns all operations of a component (all of them for ""), newest
// first; the caller holds mu.
func (s *Store) operations(component string) []scale.Operation {
	var ops []scale.Operation
	for _, record := range s.ops {
		if op := decodeOperation(record); component == "" || op.Component == component {
			ops = append(ops, op)
		}
	}
	slices.SortFunc(ops, func(a, b scale.Operation) int {
		if c := b.Request.At.Compare(a.Request.At); c != 0 {
			return c
		}
		return b.Number - a.Number
	})
	return ops
}

// Create stores a new operation; see engine.Store.
func (s *Store) Create(_ context.Context, op scale.Operation) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	newest := 0
	for _, other := range s.operations(op.Component) {
		newest = max(newest, other.Number)
	}
	if op.Number != newest+1 {
		return op, fmt.Errorf("creating operation %d of %s after %d: %w", op.Number, op.Component, newest, scale.ErrVersion)
	}
	op.ID = scale.OperationID(op.Component, op.Number)
	version, err := s.put(s.ops, op.ID, op)
	op.Version = version
	return op, err
}

// Update replaces an operation; see engine.Store.
func (s *Store) Update(_ context.Context, op scale.Operation) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	version, err := s.swap(s.ops, op.ID, op.Version, op)
	if err == nil {
		op.Version = version
	}
	return op, err
}

// Get returns one operation; see engine.Store.
func (s *Store) Get(_ context.Context, id string) (scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	record, ok := s.ops[id]
	if !ok {
		return scale.Operation{}, fmt.Errorf("reading %s: %w", id, scale.ErrNotStored)
	}
	return decodeOperation(record), nil
}

// Newest returns the newest operations; see engine.Store.
func (s *Store) Newest(_ context.Context, component string, limit int) ([]scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := s.operations(component)
	return ops[:min(limit, len(ops))], nil
}

// Unfinished returns the operations that are not final; see engine.Store.
func (s *Store) Unfinished(_ context.Context) ([]scale.Operation, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ops := s.operations("")
	slices.Reverse(ops)
	return slices.DeleteFunc(ops, func(op scale.Operation) bool { return op.State().Final() }), nil
}

// Prune forgets old final operations and closed episodes; see engine.Store.
func (s *Store) Prune(_ context.Context, keep int, before time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := map[string]int{}
	for _, op := range s.operations("") {
		seen[op.Component]++
		if seen[op.Component] > max(keep, 1) && op.State().Final() && op.Last().At.Before(before) {
			delete(s.ops, op.ID)
		}
	}
	seen = map[string]int{}
	for _, e := range s.newestEpisodes() {
		key := e.Component + "/" + string(e.Kind)
		seen[key]++
		if seen[key] > max(keep, 1) && !e.Open() && e.ClosedAt.Before(before) {
			delete(s.episodes, e.ID)
		}
	}
	return nil
}
