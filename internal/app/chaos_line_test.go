package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// fault is one thing that goes wrong with a replica's calls of one system.
type fault struct {
	// System is slack, socket, kube or kafka.
	System string
	// Match is "" for any call, "write" for one that changes something, or a part of the
	// call's name.
	Match string
	Kind  kind
	// Count is how many calls it hits.
	Count int
	// meanwhile happens while a late call is on its way; it may be nil.
	meanwhile func(name string)
}

func (f fault) String() string {
	match := f.Match
	if match == "" {
		match = "any"
	}
	return fmt.Sprintf("%d × %s of %s calls of %s", f.Count, f.Kind, match, f.System)
}

func (f fault) matches(name string, write bool) bool {
	switch f.Match {
	case "":
		return true
	case "write":
		return write
	case "scale":
		return strings.HasSuffix(name, "/scale")
	}
	return strings.Contains(name, f.Match)
}

// kind is how a call goes wrong.
type kind string

const (
	refused     kind = "refused"     // 403, or a broker that does not allow it: nothing is done.
	conflicting kind = "conflicting" // 409 although nothing changed.
	throttled   kind = "throttled"   // 429 with a pause.
	failing     kind = "failing"     // 500 before anything is done.
	broken      kind = "broken"      // the connection breaks before anything is done.
	silent      kind = "silent"      // nothing is done and nothing answers.
	lost        kind = "lost"        // done, but the connection breaks before the answer.
	unanswered  kind = "unanswered"  // done, but nothing answers.
	late        kind = "late"        // on its way for so long that it is done after the caller gave up.
	doubled     kind = "doubled"     // an envelope that comes twice.
	unacked     kind = "unacked"     // an ack that never arrives.
)

// line is everything one process of a replica reaches the outside through. Cutting it
// takes the process out of the world at one instant, whatever it is doing.
type line struct {
	alive context.Context
	cut   context.CancelFunc
	// died tells the world that a fuse has blown.
	died func()
	// note writes into the diary of a seed that is played alone.
	note func(format string, args ...any)

	mu     sync.Mutex
	faults []*fault
	// fuse cuts the line at a write: left counts down to it, after says whether it is
	// still carried out.
	left   int
	after  bool
	random *rand.Rand
	late   *sync.WaitGroup
	// hits counts the calls that faults have hit.
	hits *atomic.Int64
}

var errCut = errors.New("read: connection reset by peer")

// take finds the first fault for a call and uses it up by one.
func (l *line) take(system, name string, write bool) kind { return l.find(system, name, write).Kind }

// find is take with the whole fault; its kind is empty when there is none.
func (l *line) find(system, name string, write bool) fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, f := range l.faults {
		if f.System != system || !f.matches(name, write) {
			continue
		}
		found := *f
		l.hits.Add(1)
		if f.Count--; f.Count == 0 {
			l.faults = append(l.faults[:i:i], l.faults[i+1:]...)
		}
		return found
	}
	return fault{}
}

// arm adds a fault.
func (l *line) arm(f fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, &f)
}

// primed makes the n-th write from now the last thing the process does.
func (l *line) primed(n int, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.left, l.after = n, after
}

// heal forgets all faults.
func (l *line) heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults, l.left = nil, 0
}

// blows reports whether this write is the one the fuse is for.
func (l *line) blows() (blown, after bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.left == 0 {
		return false, false
	}
	l.left--
	return l.left == 0, l.after
}

// between is a random time.
func (l *line) between(low, high time.Duration) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return low + time.Duration(l.random.Int64N(int64(high-low)))
}

// die cuts the line from within.
func (l *line) die() {
	l.cut()
	l.died()
}

// wait lets time pass unless the caller gives up or the line is cut.
func (l *line) wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-l.alive.Done():
		return l.gone(ctx)
	case <-timer.C:
		return nil
	}
}

// gone is what a process sees that is out of the world: errors, though not so fast that
// it could spin.
func (l *line) gone(ctx context.Context) error {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
	return &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
}

// way is an HTTP client's way to one system over a line.
type way struct {
	*line
	system string
	// name says what a request does, and whether it changes something.
	name func(*http.Request) (string, bool)
	// serve carries a request out at once.
	serve func(*http.Request) *http.Response
	// refusal answers in the system's own words; nil when the system has none for it.
	refusal func(*http.Request, kind) *http.Response
}

// hop is how long a message takes one way.
const (
	hopLeast = 2 * time.Millisecond
	hopMost  = 60 * time.Millisecond
)

// RoundTrip implements http.RoundTripper.
func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx := r.Context()
	body := []byte(nil)
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	if err := w.wait(ctx, w.between(hopLeast, hopMost)); err != nil {
		return nil, err
	}
	name, write := w.name(r)
	hit := w.find(w.system, name, write)
	wrong := hit.Kind
	if wrong == late && r.URL.Query().Has("watch") {
		wrong = silent // a watch that nobody reads would never end.
	}
	if response, err, ended := w.before(r, wrong); ended {
		return response, err
	}
	blown, after := false, false
	if write {
		blown, after = w.blows()
	}
	if blown && !after {
		w.die()
		return nil, w.gone(ctx)
	}
	own, release := w.request(r, body)
	if wrong == late {
		return w.deliverLate(ctx, own, release, func() {
			if hit.meanwhile != nil {
				hit.meanwhile(name)
			}
		})
	}
	response := w.serve(own)
	w.note("%s %s: %d %s", w.system, name, response.StatusCode, wrong)
	if blown {
		w.die()
	}
	if err := w.after(ctx, wrong); err != nil {
		release()
		_ = response.Body.Close()
		return nil, err
	}
	response.Request = r
	response.Body = &released{response.Body, release}
	return response, nil
}

// before are the faults by which a request is never carried out.
func (w *way) before(r *http.Request, wrong kind) (*http.Response, error, bool) {
	switch wrong {
	case refused, conflicting, throttled, failing:
		if response := w.refusal(r, wrong); response != nil {
			response.Request = r
			return response, nil, true
		}
	case broken:
		return nil, errCut, true
	case silent:
		return nil, w.never(r.Context()), true
	default: // The other faults lose, delay or repeat what is carried out.
	}
	return nil, nil, false
}

// after are the faults by which an answer is lost, and the way of those that are not.
func (w *way) after(ctx context.Context, wrong kind) error {
	switch wrong {
	case lost:
		return errCut
	case unanswered:
		return w.never(ctx)
	default: // With the others an answer comes, or the request never went.
	}
	return w.wait(ctx, w.between(hopLeast, hopMost))
}

// never is an answer that does not come.
func (w *way) never(ctx context.Context) error { return w.wait(ctx, 24*time.Hour) }

// deliverLate has a request carried out when its sender may have given up or died.
func (w *way) deliverLate(ctx context.Context, own *http.Request, release, meanwhile func()) (*http.Response, error) {
	arrived := make(chan *http.Response, 1)
	delay := w.between(3*time.Second, 25*time.Second)
	w.late.Go(func() {
		time.Sleep(delay / 2)
		meanwhile()
		time.Sleep(delay / 2)
		arrived <- w.serve(own.WithContext(context.Background()))
	})
	defer release()
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.alive.Done():
		return nil, w.gone(ctx)
	case response := <-arrived:
		return response, nil
	}
}

// request is the request as the server sees it: it ends with the sender's patience, or
// with the line.
func (w *way) request(r *http.Request, body []byte) (*http.Request, func()) {
	ctx, cancel := context.WithCancel(r.Context())
	stop := context.AfterFunc(w.alive, cancel)
	own := r.Clone(ctx)
	own.Body = io.NopCloser(strings.NewReader(string(body)))
	if own.Host == "" {
		own.Host = r.URL.Host
	}
	own.RequestURI = r.URL.RequestURI()
	return own, func() { stop(); cancel() }
}

// released is a body with what to let go of at its end.
type released struct {
	io.ReadCloser
	release func()
}

func (b *released) Close() error {
	b.release()
	return b.ReadCloser.Close()
}
