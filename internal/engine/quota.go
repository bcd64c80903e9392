package engine

import (
	"slices"
	"sync"
	"time"
)

// quota bounds how often one person may ask.
type quota struct {
	mu    sync.Mutex
	asked map[string][]time.Time
}

const (
	quotaSize = 20
	quotaSpan = 10 * time.Minute
	// quotaPeople bounds the memory.
	quotaPeople = 1000
)

func newQuota() *quota { return &quota{asked: map[string][]time.Time{}} }

// take uses up one ask, if there is one left.
func (q *quota) take(person string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.asked) > quotaPeople {
		clear(q.asked)
	}
	recent := slices.DeleteFunc(q.asked[person], func(at time.Time) bool { return now.Sub(at) > quotaSpan })
	if len(recent) >= quotaSize {
		q.asked[person] = recent
		return false
	}
	q.asked[person] = append(recent, now)
	return true
}
