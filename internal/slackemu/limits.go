package slackemu

import (
	"math"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Slack's tiers in calls per minute, per method. Source: docs.slack.dev/apis/web-api/rate-limits.
const (
	tier2       = 20
	tier3       = 50
	tier4       = 100
	tierSpecial = 600
)

// One message a second and channel, with short bursts allowed.
const (
	postsPerSecond = 1
	postBurst      = 10
)

// limits holds the buckets of every method, and of posts to every channel.
type limits struct {
	factor float64

	mu      sync.Mutex
	buckets map[string]*rate.Limiter
}

func newLimits(factor float64) *limits {
	return &limits{factor: factor, buckets: map[string]*rate.Limiter{}}
}

// wait counts one call of a method. It returns zero if the call is allowed, else how many seconds
// to wait.
func (l *limits) wait(method string, perMinute int) int {
	return l.reserve(method, rate.Limit(float64(perMinute)/60*l.factor), int(float64(perMinute)*l.factor))
}

// waitPost is like wait, for posts into one channel.
func (l *limits) waitPost(channel string) int {
	return l.reserve("post to "+channel, rate.Limit(postsPerSecond*l.factor), int(postBurst*l.factor))
}

func (l *limits) reserve(key string, every rate.Limit, burst int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	bucket, ok := l.buckets[key]
	if !ok {
		bucket = rate.NewLimiter(every, max(burst, 1))
		l.buckets[key] = bucket
	}
	now := time.Now()
	reservation := bucket.ReserveN(now, 1)
	delay := reservation.DelayFrom(now)
	if delay <= 0 {
		return 0
	}
	reservation.CancelAt(now)
	return max(1, int(math.Ceil(delay.Seconds())))
}
