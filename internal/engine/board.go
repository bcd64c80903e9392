package engine

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// board makes Slack look like what is stored. It remembers which version was shown, so
// that showing again costs nothing, and lets one caller at a time work on one card.
type board struct {
	*core
	cards keyed

	mu    sync.Mutex
	shown map[string]shown
}

// shown is what people see of one operation or episode.
type shown struct {
	version string
	// failed says that the last attempt did not succeed, so that the next one has to
	// look for what may have been posted; retryAt is when to try again.
	failed  bool
	retryAt time.Time
	backoff time.Duration
}

const (
	// announceTimeout ends one attempt, in wall time; pacing may hold an edit for a
	// while.
	announceTimeout = 20 * time.Second
	firstBackoff    = time.Second
	longestBackoff  = time.Minute
	// shownKept bounds the memory of the board.
	shownKept = 2000
)

func newBoard(c *core) *board { return &board{core: c, shown: map[string]shown{}} }

// operation shows an operation and stores where it is seen. unsure says that an earlier
// post may have happened. The returned operation is the newest stored one. A failure is
// logged and left to the runner, which comes back to it: what is stored is true either
// way.
func (b *board) operation(ctx context.Context, op scale.Operation, unsure bool) scale.Operation {
	if !b.due(op.ID, op.Version) {
		return op
	}
	unlock, err := b.cards.lock(ctx, op.ID)
	if err != nil {
		return op
	}
	defer unlock()
	// Whoever waited for the lock may hold an older look than was shown meanwhile.
	if newest, err := b.Store.Get(ctx, op.ID); err == nil {
		op = newest
	}
	if !b.due(op.ID, op.Version) {
		return op
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	ref, err := b.Announcer.Card(ctx, op, unsure || b.before(op.ID).failed)
	if err != nil {
		b.notShown(ctx, op.ID, op.Version, err)
		return op
	}
	tries := 0
	if ref != op.Message {
		op, err = b.change(ctx, op, func(op scale.Operation) (scale.Operation, error) {
			tries++
			op.Message = ref
			return op, nil
		})
		if err != nil {
			b.notShown(ctx, op.ID, op.Version, err)
			return op
		}
	}
	// Changed by others while it was being posted: what people see is older.
	if tries <= 1 {
		b.wasShown(op.ID, op.Version)
	}
	return op
}

// episode shows an episode and stores where it is seen.
func (b *board) episode(ctx context.Context, e scale.Episode, unsure bool) scale.Episode {
	if !b.due(e.ID, e.Version) {
		return e
	}
	unlock, err := b.cards.lock(ctx, e.ID)
	if err != nil {
		return e
	}
	defer unlock()
	if newest, err := b.Store.Episode(ctx, e.ID); err == nil {
		e = newest
	}
	if !b.due(e.ID, e.Version) {
		return e
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	ref, err := b.Announcer.Episode(ctx, e, unsure || b.before(e.ID).failed)
	if err != nil {
		b.notShown(ctx, e.ID, e.Version, err)
		return e
	}
	tries := 0
	if ref != e.Message {
		e, err = b.changeEpisode(ctx, e, func(e scale.Episode) scale.Episode { tries++; e.Message = ref; return e })
		if err != nil {
			b.notShown(ctx, e.ID, e.Version, err)
			return e
		}
	}
	if tries <= 1 {
		b.wasShown(e.ID, e.Version)
	}
	return e
}

// remark says one sentence in a thread. It is worth a log line when it fails, no more:
// the card tells the same.
func (b *board) remark(ctx context.Context, in scale.MessageRef, key, text string, unsure bool) {
	if in.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	if err := b.Announcer.Remark(ctx, in, key, text, unsure); err != nil {
		b.Log.WarnContext(ctx, "remark not posted", "key", key, "error", err)
	}
}

// due reports whether this version has to be shown, now.
func (b *board) due(id, version string) bool {
	s := b.before(id)
	return s.version != version && !b.Clock.Now().Before(s.retryAt) || s.version == ""
}

func (b *board) before(id string) shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown[id]
}

func (b *board) wasShown(id, version string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.shown) >= shownKept {
		clear(b.shown) // showing something once more is harmless
	}
	b.shown[id] = shown{version: version}
}

// notShown notes a failure: a definite refusal is not tried again for this version,
// anything else after a growing pause.
func (b *board) notShown(ctx context.Context, id, version string, err error) {
	b.Log.WarnContext(ctx, "not shown in Slack", "id", id, "error", err)
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.shown[id]
	s.failed = true
	if errors.Is(err, context.Canceled) {
		// The caller went away; whether the post got through is for the next to find out.
		s.version = orDefault(s.version, neverShown)
		b.shown[id] = s
		return
	}
	if scale.IsFault(err, scale.FaultRejected) || scale.IsFault(err, scale.FaultForbidden) || scale.IsFault(err, scale.FaultNotFound) {
		s.version, s.retryAt = version, time.Time{}
		b.shown[id] = s
		return
	}
	s.backoff = min(max(2*s.backoff, firstBackoff), longestBackoff)
	wait := s.backoff
	if fault := scale.FaultOf(err); fault != nil {
		wait = max(wait, fault.After)
	}
	s.retryAt = b.Clock.Now().Add(b.atLeast(wait, wait))
	s.version = orDefault(s.version, neverShown)
	b.shown[id] = s
}

// neverShown is the version of what could not be shown yet.
const neverShown = "none"

// owes reports whether this process has tried to show something and not managed to.
func (b *board) owes(id string) bool { return b.before(id).failed }
