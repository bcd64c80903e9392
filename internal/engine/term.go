package engine

import (
	"context"
	"sync"
)

// term is the time during which this process leads. What only the leader may do is done
// within it: it goes on after the stop, so that what was begun is finished, and ends with
// the lead, so that two leaders never do the same.
type term struct {
	mu      sync.Mutex
	present context.Context
	end     context.CancelFunc
}

// begin starts a term unless there is one, and reports whether it did.
func (t *term) begin(ctx context.Context) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present != nil {
		return false
	}
	t.present, t.end = context.WithCancel(context.WithoutCancel(ctx))
	return true
}

// over ends the term, if there is one.
func (t *term) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.present != nil {
		t.end()
		t.present = nil
	}
}

// now is the present term; nil when this process does not lead.
func (t *term) now() context.Context {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.present
}
