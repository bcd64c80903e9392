package kube

import (
	"context"
	"errors"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// markLasts is how long a remembered number serves to find the newest record. It has
	// to be far less than the age at which records are pruned: then whatever came after
	// that number is still there, without a gap.
	markLasts = time.Hour
	// climbsMost is how far the newest record is looked for above a remembered number.
	climbsMost = 5
)

// marks remember the highest number seen of each series: the operations of a component,
// or its episodes of one kind. Other replicas may have gone on since.
type marks struct {
	mu sync.Mutex
	of map[string]mark
}

type mark struct {
	number int
	at     time.Time
}

func (m *marks) last(series string) (number int, known bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.of[series]
	return one.number, ok && time.Since(one.at) < markLasts
}

func (m *marks) set(series string, number int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.of == nil {
		m.of = map[string]mark{}
	}
	m.of[series] = mark{number, time.Now()}
}

func (m *marks) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.of)
}

// climb finds the newest record of a series from its remembered number, by reading upwards
// one by one until there is none. It returns nil when there is no record at all, and
// reports false where it cannot tell, so that a list has to.
func (s *Store) climb(ctx context.Context, in dynamic.ResourceInterface, series string, name func(number int) string) (*unstructured.Unstructured, bool, error) {
	number, known := s.marks.last(series)
	var newest *unstructured.Unstructured
	for range climbsMost {
		if !known {
			return nil, false, nil
		}
		next, err := s.get(ctx, in, name(number+1))
		switch {
		case errors.Is(err, scale.ErrNotStored):
			s.marks.set(series, number)
			return s.orRead(ctx, in, newest, number, name)
		case err != nil:
			return nil, false, err
		}
		newest, number = next, number+1
	}
	return nil, false, nil
}

// orRead is the record that was just read, or the one with the number; not even that is
// there when it was pruned.
func (s *Store) orRead(ctx context.Context, in dynamic.ResourceInterface, read *unstructured.Unstructured, number int, name func(number int) string) (*unstructured.Unstructured, bool, error) {
	if read != nil || number == 0 {
		return read, true, nil
	}
	read, err := s.get(ctx, in, name(number))
	if errors.Is(err, scale.ErrNotStored) {
		return nil, false, nil
	}
	return read, err == nil, err
}
