package slackemu

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// watchers are the open pages that wait for changes.
type watchers struct {
	mu   sync.Mutex
	seq  int
	next chan struct{} // closed at the next change.
}

func newWatchers() *watchers { return &watchers{next: make(chan struct{})} }

func (w *watchers) notify() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seq++
	close(w.next)
	w.next = make(chan struct{})
}

func (w *watchers) now() (int, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.seq, w.next
}

// streamPause is the least time between two events of one stream. A page reads everything again
// anyway, so several changes in between count as one.
const streamPause = 50 * time.Millisecond

// events streams a number for every change, as server-sent events.
func (s *Server) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	keepAlive := time.NewTicker(15 * time.Second)
	defer keepAlive.Stop()
	for {
		seq, next := s.watch.now()
		if _, err := fmt.Fprintf(w, "data: %d\n\n", seq); err != nil || out.Flush() != nil {
			return
		}
		select {
		case <-next:
		case <-keepAlive.C:
		case <-r.Context().Done():
			return
		case <-s.ctx.Done():
			return
		}
		if !s.pause(r, streamPause) {
			return
		}
	}
}

// pause waits, and reports whether the request is still open.
func (s *Server) pause(r *http.Request, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-r.Context().Done():
		return false
	case <-s.ctx.Done():
		return false
	}
}
