package engine

import (
	"context"
	"sync"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// board makes Slack look like the stored records. It remembers which version it has shown, so
// that showing it again costs nothing, and lets one caller at a time work on one card.
type board struct {
	*core
	cards keyed

	mu    sync.Mutex
	shown map[string]shown
	// fresh holds the operations that this process has created; the value is true until
	// somebody begins to show the operation.
	fresh map[string]bool
	// sent holds the cards that this process has handed to the announcer, each with a function
	// that shows the newest stored version. Once the card has reached Slack, run compares it
	// with the store and forgets it here.
	sent map[string]func(context.Context)
	// written is what this process has written last of each operation.
	written map[string]written
	// sure holds the ended operations whose cards were shown once more after their end.
	sure map[string]bool
}

func newBoard(c *core) *board {
	return &board{core: c, shown: map[string]shown{}, fresh: map[string]bool{}, sent: map[string]func(context.Context){}, sure: map[string]bool{}, written: map[string]written{}}
}

// made notes that this process has just created an operation: it alone knows that the operation
// has no card yet.
func (b *board) made(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.fresh) >= shownKept {
		clear(b.fresh) // their cards are looked for once more, which is harmless
	}
	b.fresh[id] = true
}

// wrote notes which version this process has written last.
func (b *board) wrote(id, version string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.written) >= shownKept {
		clear(b.written) // what is forgotten is read once more
	}
	b.written[id] = written{version: version}
}

// written is a version that this process has written; shown says that something was shown of the
// record since.
type written struct {
	version string
	shown   bool
}

// wroteLast reports whether a version is what this process has written last.
func (b *board) wroteLast(id, version string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return version != "" && b.written[id].version == version
}

// justWrote reports whether a version is what this process has written last, and nothing was
// shown since.
func (b *board) justWrote(id, version string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	last := b.written[id]
	return version != "" && last.version == version && !last.shown
}

// showing reports whether somebody in this process is at a card now.
func (b *board) showing(id string) bool { return b.cards.held(id) }

// noteShown notes that something was shown of a record, or tried to be; mu is held.
func (b *board) noteShown(id string) {
	if last, ok := b.written[id]; ok {
		last.shown = true
		b.written[id] = last
	}
}

// own reports whether this process looks after the card of an operation, because it has created
// the operation or tried to show it, and whether this is the first attempt to show it. Calling
// it counts as that attempt.
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

// card says how one kind of record is shown: how to read the newest version, how to announce
// it, and how to store where the message is.
type card[T any] struct {
	version  func(T) string
	place    func(T) scale.MessageRef
	placed   func(T, scale.MessageRef) T
	read     func(ctx context.Context, id string) (T, error)
	announce func(ctx context.Context, one T, again bool) (scale.MessageRef, error)
	// store decides again on the newest version when others changed the record meanwhile.
	store func(ctx context.Context, one T, decide func(T) T) (T, error)
}

// operation shows an operation and stores where its card is. While no card is stored, the
// replica that created the operation posts it. After a moment only the leader may, and it looks
// in Slack first: if two replicas looked at the same time, both would find nothing and both
// would post. The returned operation is the newest stored one. A failure is logged, and the
// runner tries again later: the record is right either way.
func (b *board) operation(ctx context.Context, op ledger.Operation) ledger.Operation {
	op = b.aside(ctx, op)
	unsure := false // whether an earlier post may have happened.
	if op.Message.IsZero() {
		mine, first := b.own(op.ID)
		if !b.mayPost(op, mine) {
			return op
		}
		unsure = !first
	}
	return reveal(ctx, b, op.ID, op, unsure, card[ledger.Operation]{
		version: func(op ledger.Operation) string { return op.Version },
		place:   func(op ledger.Operation) scale.MessageRef { return op.Message },
		placed:  func(op ledger.Operation, at scale.MessageRef) ledger.Operation { op.Message = at; return op },
		read:    b.Store.Get, announce: b.Announcer.Card,
		store: func(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) ledger.Operation) (ledger.Operation, error) {
			return b.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return decide(op), nil })
		},
	})
}

// mayPost reports whether this process may post a card whose place is not stored. The replica
// that created the operation has the first quarter of deskGrace to begin, so that its last
// attempt is over before the leader takes over, even when clocks differ.
func (b *board) mayPost(op ledger.Operation, mine bool) bool {
	age := b.Clock.Since(op.Request.At)
	if b.Leader.Leading() {
		return mine || age >= b.atLeast(deskGrace, deskGrace)
	}
	return mine && age < b.atLeast(deskGrace/4, deskGrace/4)
}

// touched shows an episode that somebody has answered or snoozed, if it has a card. Only the
// leader posts the card of an episode: no other replica knows whether that was done.
func (b *board) touched(ctx context.Context, e ledger.Episode) ledger.Episode {
	if e.Message.IsZero() {
		return e
	}
	return b.episode(ctx, e, false)
}

// episode shows an episode and stores where it is seen.
func (b *board) episode(ctx context.Context, e ledger.Episode, unsure bool) ledger.Episode {
	return reveal(ctx, b, e.ID, e, unsure, card[ledger.Episode]{
		version: func(e ledger.Episode) string { return e.Version },
		place:   func(e ledger.Episode) scale.MessageRef { return e.Message },
		placed:  func(e ledger.Episode, at scale.MessageRef) ledger.Episode { e.Message = at; return e },
		read:    b.Store.Episode, announce: b.Announcer.Episode,
		store: b.changeEpisode,
	})
}

// reveal shows one record, unless this version was shown already.
func reveal[T any](ctx context.Context, b *board, id string, one T, unsure bool, c card[T]) T {
	if !b.due(id, c.version(one)) {
		return one
	}
	unlock, err := b.cards.lock(ctx, id)
	if err != nil {
		return one
	}
	defer unlock()
	// While this caller waited for the lock, a newer version may have been shown. Not where this
	// version is what this process has just written, and nothing was shown since.
	if !b.justWrote(id, c.version(one)) {
		if newest, err := c.read(ctx, id); err == nil {
			one = newest
		}
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

// post shows this version and stores where the message is; ok is false when that failed.
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
		// Otherwise the record was changed while it was posted, and people see an older
		// version.
		b.wasShown(id, c.version(one))
	}
	return one, err == nil
}

// remark posts one sentence in a thread. When that fails, it is logged and not tried again,
// because the card says the same. For the same reason a remark is left out when the process
// crashes between storing the fact and posting: to make up for it would take a stored mark and
// a lookup for each remark, and would tell people old news.
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
