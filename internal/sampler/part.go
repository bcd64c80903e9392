package sampler

import (
	"context"
	"sync"

	"github.com/scalebot/scalebot/internal/scale"
)

// part is one thing that rounds of sampling read, such as the lag of all components. It is read
// in the background and never twice at the same time. A round waits only for a limited time; a
// later answer is used by the next round.
type part[T any] struct {
	mu     sync.Mutex
	flight *flight[T]
}

// flight is one reading in progress; answer is set before done is closed.
type flight[T any] struct {
	done   chan struct{}
	answer T
}

// ended reports whether the reading is over.
func (f *flight[T]) ended() bool {
	select {
	case <-f.done:
		return true
	default:
		return false
	}
}

// attempt is one round's use of a part: it may begin the reading, join it, or take its result.
type attempt[T any] struct {
	part *part[T]
	*flight[T]
	// joined says that an earlier round began the reading. It is late already, so this round does
	// not wait for it.
	joined bool
	// now is the answer of this round's reading. late is the answer of an earlier reading that
	// came too late for its own round. nil means no answer.
	now, late *T
}

// begin starts a reading unless one is under way. start must run the function it gets soon and
// in the background; read must keep a deadline of its own.
func (p *part[T]) begin(start func(func()), read func() T) *attempt[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &attempt[T]{part: p}
	if old := p.flight; old != nil {
		if !old.ended() {
			a.flight, a.joined = old, true
			return a
		}
		a.late = &old.answer
	}
	f := &flight[T]{done: make(chan struct{})}
	a.flight, p.flight = f, f
	start(func() {
		defer close(f.done)
		f.answer = read()
	})
	return a
}

// rest takes the answer of a reading that has ended, and starts none.
func (p *part[T]) rest() *attempt[T] {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := &attempt[T]{part: p, joined: true}
	if old := p.flight; old != nil && old.ended() {
		a.late, p.flight = &old.answer, nil
	}
	return a
}

// end waits for the reading until the round's patience ends, and takes its answer.
func (a *attempt[T]) end(patience context.Context) {
	if a.flight == nil {
		return
	}
	if !a.joined {
		select {
		case <-a.done:
		case <-patience.Done():
		}
	}
	a.part.mu.Lock()
	defer a.part.mu.Unlock()
	if !a.ended() {
		return
	}
	a.now = &a.answer
	if a.part.flight == a.flight {
		a.part.flight = nil // it is taken, and late for nobody.
	}
}

// readings are the answers of a part for each component.
type readings[T any] = map[string]scale.Reading[T]

// pick is one component's reading from the answer. When the newest reading failed, a late one
// that succeeded is used.
func pick[T any](a *attempt[readings[T]], component string) scale.Reading[T] {
	best := awaited[T]()
	for _, brought := range []*readings[T]{a.late, a.now} {
		if brought == nil {
			continue
		}
		if one, ok := (*brought)[component]; ok && (one.Known() || !best.Known()) {
			best = one
		}
	}
	return best
}

// stillReading is the reason of a part that has not answered yet.
const stillReading = "still reading"

// awaited is the placeholder for a part that has not answered. Unlike every other reading it has
// no time, and only record sees it.
func awaited[T any]() scale.Reading[T] { return scale.Reading[T]{Err: stillReading} }

func isAwaited[T any](r scale.Reading[T]) bool { return r.Err == stillReading && r.At.IsZero() }
