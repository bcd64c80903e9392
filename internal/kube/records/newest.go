package records

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
	// markLasts is how long a remembered number may be used to find the newest record. It must be
	// far shorter than the age at which records are pruned: then every record after that number
	// still exists, without a gap.
	markLasts = time.Hour
	// climbsMost is how many numbers above a remembered one are tried to find the newest record.
	climbsMost = 5
)

// marks remember the highest number seen of each series: the operations of a component, or its
// episodes of one kind. Other replicas may have created higher ones since.
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

// climb finds the newest record of a series: it starts at the remembered number and reads the
// next numbers until one does not exist. It returns nil when there is no record at all. It
// returns false when it cannot tell, and then the caller has to list.
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

// orRead returns the record that was just read or, if there is none, reads the record with the
// given number. That record may have been pruned.
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
