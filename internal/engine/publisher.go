package engine

import (
	"context"
	"log/slog"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

// publisher makes Slack show the stored records. A version that is already shown costs nothing,
// and one caller at a time works on one card.
type publisher struct {
	announcer Announcer
	leader    Leader
	records   *records
	messages  *messages
	clock     pace.Clock
	log       *slog.Logger
	// survive is deferred: it keeps a panic about one card from ending the process.
	survive func(ctx context.Context, doing string)
	// turns lets one caller at a time work on one card.
	turns keyLock
}

func newPublisher(c Config, stored *records, messages *messages, survive func(context.Context, string)) *publisher {
	return &publisher{
		announcer: c.Announcer, leader: c.Leader, records: stored, messages: messages, clock: c.Clock, log: c.Log, survive: survive,
	}
}

// card says how to show one kind of record: how to read its newest version, announce it, and
// store where its message is.
type card[T any] struct {
	version     func(T) string
	location    func(T) scale.MessageRef
	setLocation func(T, scale.MessageRef) T
	read        func(ctx context.Context, id string) (T, error)
	announce    func(ctx context.Context, record T, known Knowledge) (scale.MessageRef, error)
	// store decides again on the newest version when others changed the record meanwhile.
	store func(ctx context.Context, record T, decide func(T) T) (T, error)
}

// operation shows an operation and stores where its card is. While no card is stored, the
// replica that created the operation posts it. After a moment only the leader may, and it
// searches Slack first: if two replicas searched at the same time, both would find nothing and
// both would post. The returned operation is the newest stored one. A failure is logged, and the
// runner tries again later: the record is right either way.
func (p *publisher) operation(ctx context.Context, op ledger.Operation) ledger.Operation {
	op = p.reportLostCard(ctx, op)
	known := Known
	if op.Message.IsZero() {
		mine, first := p.messages.begin(op.ID)
		if !p.mayPost(op, mine) {
			return op
		}
		if !first {
			known = MaybePosted
		}
	}
	return publish(ctx, p, op.ID, op, known, card[ledger.Operation]{
		version:     func(op ledger.Operation) string { return op.Version },
		location:    func(op ledger.Operation) scale.MessageRef { return op.Message },
		setLocation: func(op ledger.Operation, at scale.MessageRef) ledger.Operation { op.Message = at; return op },
		read:        p.records.store.Get, announce: p.announcer.Card,
		store: func(ctx context.Context, op ledger.Operation, decide func(ledger.Operation) ledger.Operation) (ledger.Operation, error) {
			return p.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) { return decide(op), nil })
		},
	})
}

// mayPost reports whether this process may post a card whose location is not stored. The replica
// that created the operation has the first quarter of deskGrace to begin, so that its last
// attempt is over before the leader takes over, even when clocks differ.
func (p *publisher) mayPost(op ledger.Operation, mine bool) bool {
	age := p.clock.Since(op.Request.At)
	if p.leader.Leading() {
		return mine || age >= p.clock.AtLeast(deskGrace, deskGrace)
	}
	return mine && age < p.clock.AtLeast(deskGrace/4, deskGrace/4)
}

// publishing reports whether somebody in this process works on a card now.
func (p *publisher) publishing(id string) bool { return p.turns.held(id) }

// postedEpisode shows an episode that somebody has answered or snoozed, if it has a card. Only
// the leader posts the card of an episode: no other replica knows whether one was posted.
func (p *publisher) postedEpisode(ctx context.Context, e ledger.Episode) ledger.Episode {
	if e.Message.IsZero() {
		return e
	}
	return p.episode(ctx, e, Known)
}

// episode shows an episode and stores where its card is.
func (p *publisher) episode(ctx context.Context, e ledger.Episode, known Knowledge) ledger.Episode {
	return publish(ctx, p, e.ID, e, known, card[ledger.Episode]{
		version:     func(e ledger.Episode) string { return e.Version },
		location:    func(e ledger.Episode) scale.MessageRef { return e.Message },
		setLocation: func(e ledger.Episode, at scale.MessageRef) ledger.Episode { e.Message = at; return e },
		read:        p.records.store.Episode, announce: p.announcer.Episode,
		store: p.records.changeEpisode,
	})
}

// publish shows one record, unless this version was shown already.
func publish[T any](ctx context.Context, p *publisher, id string, record T, known Knowledge, c card[T]) T {
	if !p.messages.due(id, c.version(record)) {
		return record
	}
	unlock, err := p.turns.lock(ctx, id)
	if err != nil {
		return record
	}
	defer unlock()
	// While this caller waited for the lock, another caller may have shown a newer version. That
	// is impossible if this process has just stored this version and has shown nothing since.
	if !p.messages.justWritten(id, c.version(record)) {
		if newest, err := c.read(ctx, id); err == nil {
			record = newest
		}
	}
	if !p.messages.due(id, c.version(record)) {
		return record
	}
	posted, err := post(ctx, p, id, record, known, c)
	if err == nil {
		p.messages.compareLater(id, func(ctx context.Context) {
			if newest, err := c.read(ctx, id); err == nil {
				publish(ctx, p, id, newest, Known, c)
			}
		})
	}
	return posted
}

// post shows this version and stores where the message is.
func post[T any](ctx context.Context, p *publisher, id string, record T, known Knowledge, c card[T]) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	if p.messages.failed(id) {
		known = MaybePosted
	}
	at, err := c.announce(ctx, record, known)
	tries := 0
	if err == nil && at != c.location(record) {
		record, err = c.store(ctx, record, func(record T) T { tries++; return c.setLocation(record, at) })
	}
	switch {
	case err != nil:
		p.messages.notShown(ctx, id, c.version(record), err)
	case tries <= 1:
		// After several tries the record had still changed while it was posted, so people see an
		// older version.
		p.messages.shown(id, c.version(record))
	}
	return record, err
}

// remark posts one sentence in a thread. A failure is logged and not retried, because the card
// says the same. For the same reason a remark is lost when the process crashes between storing
// the fact and posting it: a retry would need a stored mark and a search for each remark, and
// would post old news.
func (p *publisher) remark(ctx context.Context, in scale.MessageRef, key, text string) {
	if in.IsZero() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	if err := p.announcer.Remark(ctx, in, key, text, Known); err != nil {
		p.log.WarnContext(ctx, "a remark could not be posted in a thread", "key", key, "error", err)
	}
}
