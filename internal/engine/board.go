package engine

import (
	"context"
	"sync"

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

func newBoard(c *core) *board { return &board{core: c, shown: map[string]shown{}} }

// card is how one kind of record is shown: where its newest look is read, how it is
// announced, and how the place where people see it is stored. store reports as well
// whether others changed the record meanwhile.
type card[T any] struct {
	version  func(T) string
	place    func(T) scale.MessageRef
	read     func(ctx context.Context, id string) (T, error)
	announce func(ctx context.Context, one T, again bool) (scale.MessageRef, error)
	store    func(ctx context.Context, one T, place scale.MessageRef) (stored T, raced bool, err error)
}

// operation shows an operation and stores where it is seen. unsure says that an earlier
// post may have happened. The returned operation is the newest stored one. A failure is
// logged and left to the runner, which comes back to it: what is stored is true either
// way.
func (b *board) operation(ctx context.Context, op scale.Operation, unsure bool) scale.Operation {
	op = b.aside(ctx, op)
	return reveal(ctx, b, op.ID, op, unsure, card[scale.Operation]{
		version: func(op scale.Operation) string { return op.Version },
		place:   func(op scale.Operation) scale.MessageRef { return op.Message },
		read:    b.Store.Get, announce: b.Announcer.Card,
		store: func(ctx context.Context, op scale.Operation, at scale.MessageRef) (scale.Operation, bool, error) {
			tries := 0
			stored, err := b.change(ctx, op, func(op scale.Operation) (scale.Operation, error) { tries++; op.Message = at; return op, nil })
			return stored, tries > 1, err
		},
	})
}

// episode shows an episode and stores where it is seen.
func (b *board) episode(ctx context.Context, e scale.Episode, unsure bool) scale.Episode {
	return reveal(ctx, b, e.ID, e, unsure, card[scale.Episode]{
		version: func(e scale.Episode) string { return e.Version },
		place:   func(e scale.Episode) scale.MessageRef { return e.Message },
		read:    b.Store.Episode, announce: b.Announcer.Episode,
		store: func(ctx context.Context, e scale.Episode, at scale.MessageRef) (scale.Episode, bool, error) {
			tries := 0
			stored, err := b.changeEpisode(ctx, e, func(e scale.Episode) scale.Episode { tries++; e.Message = at; return e })
			return stored, tries > 1, err
		},
	})
}

// reveal shows one record, unless this version is shown already.
func reveal[T any](ctx context.Context, b *board, id string, one T, unsure bool, c card[T]) T {
	if !b.due(id, c.version(one)) {
		return one
	}
	unlock, err := b.cards.lock(ctx, id)
	if err != nil {
		return one
	}
	defer unlock()
	// Whoever waited for the lock may hold an older look than was shown meanwhile.
	if newest, err := c.read(ctx, id); err == nil {
		one = newest
	}
	if !b.due(id, c.version(one)) {
		return one
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	at, err := c.announce(ctx, one, unsure || b.before(id).failed)
	raced := false
	if err == nil && at != c.place(one) {
		one, raced, err = c.store(ctx, one, at)
	}
	switch {
	case err != nil:
		b.notShown(ctx, id, c.version(one), err)
	case !raced:
		// Else it was changed while it was being posted, and what people see is older.
		b.wasShown(id, c.version(one))
	}
	return one
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
