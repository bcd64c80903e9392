package crash

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// moment is when a request is held.
type moment int

const (
	before moment = iota // it never takes effect.
	after                // it took effect, and the answer never comes.
)

// gate stands before a server. It records the writes that pass, and holds those it was
// told to until their client is gone.
type gate struct {
	next http.Handler

	mu     sync.Mutex
	holds  []*hold
	passed []passage
}

// passage is a write that took effect or was refused.
type passage struct {
	method, path string
	status       int
	at           time.Time
}

// hold is what is to be held, and whether anything was.
type hold struct {
	when    moment
	path    string   // how the path ends.
	parts   []string // what is in the body.
	reached chan struct{}
	once    sync.Once
}

// hold holds every request with such a path and body from now on.
func (g *gate) hold(when moment, path string, parts ...string) *hold {
	h := &hold{when: when, path: path, parts: parts, reached: make(chan struct{})}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds = append(g.holds, h)
	return h
}

// lift lets everything pass again. What is held stays held until its client goes.
func (g *gate) lift() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holds = nil
}

// writes are the passages to paths with such an end that took effect.
func (g *gate) writes(path string) []passage {
	g.mu.Lock()
	defer g.mu.Unlock()
	var found []passage
	for _, p := range g.passed {
		if strings.HasSuffix(p.path, path) && p.status < 300 {
			found = append(found, p)
		}
	}
	return found
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		g.next.ServeHTTP(w, r) // also watches and sockets, which need the connection itself.
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h := g.match(r, body)
	if h != nil && h.when == before {
		h.wait(r)
	}
	answer := newAnswer()
	g.next.ServeHTTP(answer, r)
	g.record(r, answer)
	if h != nil {
		h.wait(r)
	}
	answer.send(w)
}

func (g *gate) match(r *http.Request, body []byte) *hold {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.holds {
		if strings.HasSuffix(r.URL.Path, h.path) && !slices.ContainsFunc(h.parts, func(p string) bool { return !bytes.Contains(body, []byte(p)) }) {
			return h
		}
	}
	return nil
}

func (g *gate) record(r *http.Request, a *answer) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.passed = append(g.passed, passage{r.Method, r.URL.Path, a.status, time.Now()})
}

// wait holds the request until its client is gone, and ends it there.
func (h *hold) wait(r *http.Request) {
	h.once.Do(func() { close(h.reached) })
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// answer keeps what a handler answers until it is sent.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}, status: http.StatusOK} }

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

func (a *answer) send(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes()) // a client that went away cannot be told.
}
