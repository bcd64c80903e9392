package engine

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// announceTimeout ends one attempt, in wall time; an edit may have to wait for its turn in
	// the channel.
	announceTimeout = 20 * time.Second
	firstBackoff    = time.Second
	longestBackoff  = time.Minute
	// shownKept bounds how many cards the board remembers.
	shownKept = 2000
)

// neverShown stands for the version of a card that was never shown.
const neverShown = "none"

// shown is what people see of one operation or episode.
type shown struct {
	version string
	// failed says that the last attempt did not succeed, so that the next one has to
	// look for what may have been posted; retryAt is when to try again.
	failed  bool
	retryAt time.Time
	backoff time.Duration
}

// doubted replaces what the board remembers of a card that somebody else may have edited.
var doubted = shown{version: neverShown, failed: true}

// due reports whether this version should be shown now.
func (b *board) due(id, version string) bool {
	s := b.before(id)
	return s.version != version && !b.Clock.Now().Before(s.retryAt) || s.version == ""
}

func (b *board) before(id string) shown {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.shown[id]
}

// pending reports whether this version must still be shown, now or later.
func (b *board) pending(id, version string) bool { return b.before(id).version != version }

// owes reports whether this process has tried to show something and failed.
func (b *board) owes(id string) bool { return b.before(id).failed }

func (b *board) wasShown(id, version string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.shown) >= shownKept {
		clear(b.shown) // showing something once more is harmless
	}
	b.shown[id] = shown{version: version}
	b.noteShown(id)
}

// doubt forgets what people see. The leader before may have shown an older version after this
// process had shown a newer one.
func (b *board) doubt() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for id := range b.shown {
		b.shown[id] = doubted
	}
	clear(b.written) // nor is it known who has written last.
}

// makeSure has a card shown once more, and only once: a replica that has crashed since may have
// sent a late edit with an older version, and nobody else can know.
func (b *board) makeSure(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sure[id] {
		return
	}
	if len(b.sure) >= shownKept {
		clear(b.sure) // making sure once more is harmless
	}
	b.sure[id] = true
	if b.shown[id].version != "" {
		b.shown[id] = doubted
	}
}

// notShown notes a failure. After a definite refusal this version is not tried again; after any
// other failure it is tried again, with growing pauses.
func (b *board) notShown(ctx context.Context, id, version string, err error) {
	b.Log.WarnContext(ctx, "a card or report could not be shown in Slack", "id", id, "error", err)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.noteShown(id)
	s := b.shown[id]
	s.failed = true
	switch {
	case errors.Is(err, context.Canceled):
		// The caller stopped waiting; the next attempt has to find out whether the post
		// arrived.
		s.version = cmp.Or(s.version, neverShown)
	case final(err):
		s.version, s.retryAt = version, time.Time{}
	default:
		s.backoff = min(max(2*s.backoff, firstBackoff), longestBackoff)
		wait := s.backoff
		if fault := scale.FaultOf(err); fault != nil {
			wait = max(wait, fault.After)
		}
		s.retryAt = b.Clock.Now().Add(b.atLeast(wait, wait))
		s.version = cmp.Or(s.version, neverShown)
	}
	b.shown[id] = s
}
