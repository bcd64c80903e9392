package api

import (
	"context"
	"sync"
	"time"
)

// holds remembers until when each method must not be called: Slack's Retry-After applies to a
// method in the whole workspace, not to one channel.
type holds struct {
	mu     sync.Mutex
	method map[string]time.Time
}

func (h *holds) until(method string, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.method == nil {
		h.method = map[string]time.Time{}
	}
	if t.After(h.method[method]) {
		h.method[method] = t
	}
}

// left is how long the bot must still wait before it calls the method.
func (h *holds) left(method string) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Until(h.method[method])
}

// Pause waits for d of wall time, or until the context ends.
func Pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
