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
	// fresh are the operations this process has made, and whether nobody has begun to
	// show them.
	fresh map[string]bool
	// sent are the looks this process has handed over and not yet held against what is
	// stored, as what shows the newest one.
	sent map[string]func(context.Context)
	// sure are the ended operations whose cards were shown a last time.
	sure map[string]bool
}

func newBoard(c *core) *board {
	return &board{core: c, shown: map[string]shown{}, fresh: map[string]bool{}, sent: map[string]func(context.Context){}, sure: map[string]bool{}}
}

// made notes that this process has just made an operation, so that it alone knows that no
// card of it can be there yet.
func (b *board) made(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.fresh) >= shownKept {
		clear(b.fresh) // their cards are looked for once more, which is harmless
	}
	b.fresh[id] = true
}

// own reports whether the card of an operation is this process's business, which has made
// the operation or tried to show it, and whether this is the first attempt of all. The
// next one is not the first any more.
func (b *board) own(id string) (mine, first bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	first, made := b.fresh[id]
	if made {
		b.fresh[id] = false
	}
	_, tried := b.shown[id]
	return made || tried, first
}

// card is how one kind of record is shown: where its newest look is read, how it is
// announced, and how the place where people see it is noted and stored.
type card[T any] struct {
	version  func(T) string
	place    func(T) scale.MessageRef
	placed   func(T, scale.MessageRef) T
	read     func(ctx context.Context, id string) (T, error)
	announce func(ctx context.Context, one T, again bool) (scale.MessageRef, error)
	// store decides again on the newest version when others changed the record meanwhile.
	store func(ctx context.Context, one T, decide func(T) T) (T, error)
}

// operation shows an operation and stores where it is seen. A card that nobody has
// recorded is the business of the replica that made the operation, for a moment, and then
// of the leader alone, who looks for it before posting it: two who look at once find
// nothing and post it twice. The returned operation is the newest stored one. A failure
// is logged and left to the runner, which comes back to it: what is stored is true either
// way.
func (b *board) operation(ctx context.Context, op scale.Operation) scale.Operation {
	op = b.aside(ctx, op)
	unsure := false // whether an earlier post may have happened.
	if op.Message.IsZero() {
		mine, first := b.own(op.ID)
		if !b.mayPost(op, mine) {
			return op
		}
		unsure = !first
	}
	return reveal(ctx, b, op.ID, op, unsure, card[scale.Operation]{
		version: func(op scale.Operation) string { return op.Version },
		place:   func(op scale.Operation) scale.MessageRef { return op.Message },
		placed:  func(op scale.Operation, at scale.MessageRef) scale.Operation { op.Message = at; return op },
		read:    b.Store.Get, announce: b.Announcer.Card,
		store: func(ctx context.Context, op scale.Operation, decide func(scale.Operation) scale.Operation) (scale.Operation, error) {
			return b.change(ctx, op, func(op scale.Operation) (scale.Operation, error) { return decide(op), nil })
		},
	})
}

// mayPost reports whether a card that is not recorded may be posted here. Whoever made the
// operation begins to in time for the last attempt to have ended before the leader takes
// over, although clocks differ.
func (b *board) mayPost(op scale.Operation, mine bool) bool {
	age := b.Clock.Since(op.Request.At)
	if b.Leader.Leading() {
		return mine || age >= b.atLeast(deskGrace, deskGrace)
	}
	return mine && age < b.atLeast(deskGrace/4, deskGrace/4)
}

// touched shows an episode that somebody has answered or snoozed. Its card is posted by
// the leader's episodes alone: nobody else knows whether that is being done, or was.
func (b *board) touched(ctx context.Context, e scale.Episode) scale.Episode {
	if e.Message.IsZero() {
		return e
	}
	return b.episode(ctx, e, false)
}

// episode shows an episode and stores where it is seen.
func (b *board) episode(ctx context.Context, e scale.Episode, unsure bool) scale.Episode {
	return reveal(ctx, b, e.ID, e, unsure, card[scale.Episode]{
		version: func(e scale.Episode) string { return e.Version },
		place:   func(e scale.Episode) scale.MessageRef { return e.Message },
		placed:  func(e scale.Episode, at scale.MessageRef) scale.Episode { e.Message = at; return e },
		read:    b.Store.Episode, announce: b.Announcer.Episode,
		store: b.changeEpisode,
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
	shown, ok := post(ctx, b, id, one, unsure, c)
	if ok {
		b.recheck(id, func(ctx context.Context) {
			if newest, err := c.read(ctx, id); err == nil {
				reveal(ctx, b, id, newest, false, c)
			}
		})
	}
	return shown
}

// post shows this very look and stores where it is seen; ok is false when that failed.
func post[T any](ctx context.Context, b *board, id string, one T, unsure bool, c card[T]) (_ T, ok bool) {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	at, err := c.announce(ctx, one, unsure || b.before(id).failed)
	tries := 0
	if err == nil && at != c.place(one) {
		one, err = c.store(ctx, one, func(one T) T { tries++; return c.placed(one, at) })
	}
	switch {
	case err != nil:
		b.notShown(ctx, id, c.version(one), err)
	case tries <= 1:
		// Else it was changed while it was being posted, and what people see is older.
		b.wasShown(id, c.version(one))
	}
	return one, err == nil
}

// remark says one sentence in a thread. It is worth a log line when it fails, no more:
// the card tells the same. For the same reason a process that dies between storing the fact
// and remarking on it leaves the remark out: making up for it would take a stored mark and
// a lookup for each, and would speak of what is old news by then.
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
