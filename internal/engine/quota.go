package engine

import (
	"slices"
	"sync"
	"time"
)

// quota bounds how often each person or channel may do something within a span of time.
type quota struct {
	size int
	span time.Duration

	mu   sync.Mutex
	used map[string][]time.Time
}

const (
	// One person may ask for personSize changes within quotaSpan, all people of a channel
	// together for channelSize.
	personSize  = 20
	channelSize = 60
	quotaSpan   = 10 * time.Minute
	// recordedSize refusals of one person within quotaSpan are logged and recorded; the rest
	// is only counted.
	recordedSize = 20
	// A person who was refused deniedSize times within deniedSpan, for lack of a right, is
	// refused without asking Slack again: all people share Slack's limit on that question.
	deniedSize = 10
	deniedSpan = time.Minute
	// quotaMost bounds how many people or channels are remembered.
	quotaMost = 1000
)

func newQuota(size int, span time.Duration) *quota {
	return &quota{size: size, span: span, used: map[string][]time.Time{}}
}

// use uses up one of the remaining times, if there is one, and returns how many remain.
func (q *quota) use(who string, now time.Time) (left int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	recent := q.recent(who, now)
	if len(recent) >= q.size {
		return 0, false
	}
	if len(q.used) > quotaMost {
		clear(q.used)
	}
	q.used[who] = append(recent, now)
	return q.size - len(recent) - 1, true
}

// spent reports whether none remains, without using one up.
func (q *quota) spent(who string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.recent(who, now)) >= q.size
}

// recent are the times within the span; mu is held.
func (q *quota) recent(who string, now time.Time) []time.Time {
	return slices.DeleteFunc(q.used[who], func(at time.Time) bool { return now.Sub(at) > q.span })
}
