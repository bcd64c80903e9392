package engine

import (
	"context"
	"sync"
)

// term is a context that lasts as long as this process leads. Everything that only the leader may
// do runs under it. It outlasts the request to stop, so that a step that has begun is finished.
// It ends when the lead is lost, so that two leaders never do the same work.
type term struct {
	mu      sync.Mutex
	present context.Context
	end     context.CancelFunc
}

// begin starts a term unless one has started, and reports whether it did.
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
