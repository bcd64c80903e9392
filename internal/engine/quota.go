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
	// One person may ask for personSize changes within quotaSpan. All people of a channel
	// together may ask for channelSize.
	personSize  = 20
	channelSize = 60
	quotaSpan   = 10 * time.Minute
	// Within quotaSpan, recordedSize refusals of one person are logged and recorded; further ones
	// are only counted.
	recordedSize = 20
	// A person who was refused deniedSize times within deniedSpan, for lack of a right, is
	// refused without asking Slack again: all people share one rate limit of Slack for that
	// question.
	deniedSize = 10
	deniedSpan = time.Minute
	// quotaMost bounds how many people or channels are remembered.
	quotaMost = 1000
)

func newQuota(size int, span time.Duration) *quota {
	return &quota{size: size, span: span, used: map[string][]time.Time{}}
}

// use spends one of the remaining uses, if there is one, and returns how many remain.
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

// spent reports whether no use remains. It does not spend one.
func (q *quota) spent(who string, now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.recent(who, now)) >= q.size
}

// recent returns the uses within the span; the caller holds mu.
func (q *quota) recent(who string, now time.Time) []time.Time {
	return slices.DeleteFunc(q.used[who], func(at time.Time) bool { return now.Sub(at) > q.span })
}
