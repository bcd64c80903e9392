package engine

import "time"

// pause is how long to wait before the next attempt of something that failed.
type pause struct {
	until  time.Time
	length time.Duration
}

// longestPause bounds the growth of the pauses between two attempts at a write.
const longestPause = 15 * time.Second

// pause postpones the next attempt: longer after each failure, and at least as long as the server
// asked for. Pauses are wall time, because servers do not recover faster when the demo's clock
// runs faster.
func (r *Runner) pause(id string, least time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.pauses[id]
	p.length = min(max(2*p.length, firstBackoff), longestPause)
	wait := max(p.length, least)
	p.until = r.clock.Now().Add(r.clock.AtLeast(wait, wait))
	r.pauses[id] = p
}

// pausing reports whether the next attempt still has to wait.
func (r *Runner) pausing(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock.Now().Before(r.pauses[id].until)
}
