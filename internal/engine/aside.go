package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// errNoNews ends a change that would change nothing.
var errNoNews = errors.New("told already")

// asideGrace is how long the replica that noticed a lost card has to tell the requester, in
// wall time. After that another replica assumes that it crashed, and tells them.
const asideGrace = 2 * announceTimeout

// asideShown is the version under which the board remembers that it told them.
const asideShown = "told"

func asideID(op ledger.Operation) string { return op.ID + "/card-lost" }

// aside tells whoever asked for an operation that its card cannot be updated any more while the
// change goes on. Two events are stored by compare and swap. One says that the card is lost:
// the replica that stored it tells the requester at once. The other says that they were told:
// when a crash prevents it, another replica tells them later.
func (b *board) aside(ctx context.Context, op ledger.Operation) ledger.Operation {
	op, mine := b.noticeLost(ctx, op)
	lost, owed := asideOwed(op)
	if !owed || !mine && b.Clock.Since(lost.At) < b.atLeast(asideGrace, asideGrace) || !b.due(asideID(op), asideShown) {
		return op
	}
	tell, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	told := "in private, that the card stands still"
	if err := b.Announcer.Aside(tell, op, ledger.CodeCardLost, lostCard(op, lost.Note)); err != nil {
		b.notShown(ctx, asideID(op), asideShown, err)
		if !final(err) {
			return op
		}
		told = "it could not be told that the card stands still: " + err.Error()
	}
	b.wasShown(asideID(op), asideShown)
	return b.note(ctx, op, ledger.Event{By: bot, Code: ledger.CodeCardTold, Note: told})
}

// noticeLost records that a card cannot be updated any more, and reports whether this call
// recorded it.
func (b *board) noticeLost(ctx context.Context, op ledger.Operation) (ledger.Operation, bool) {
	if op.Message.IsZero() || noted(op, ledger.CodeCardLost) {
		return op, false
	}
	why := b.Announcer.Lost(op.ID)
	if why == nil {
		return op, false
	}
	detail := why.Error()
	if fault := scale.FaultOf(why); fault != nil && fault.Detail != "" {
		detail = fault.Detail
	}
	lost, err := b.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if noted(op, ledger.CodeCardLost) {
			return op, errNoNews
		}
		return withNote(op, ledger.Event{At: b.Clock.Now(), By: bot, Code: ledger.CodeCardLost, Note: detail})
	})
	if err != nil && !errors.Is(err, errNoNews) {
		b.Log.WarnContext(ctx, "lost card not recorded", "operation", op.ID, "error", err)
	}
	return lost, err == nil
}

// asideOwed returns the event of a lost card of which the requester was not told yet.
func asideOwed(op ledger.Operation) (lost ledger.Event, owed bool) {
	i := slices.IndexFunc(op.Events, func(e ledger.Event) bool { return e.Code == ledger.CodeCardLost })
	if i < 0 || noted(op, ledger.CodeCardTold) {
		return lost, false
	}
	return op.Events[i], true
}

// asideDue reports whether the requester must still be told of a lost card, now.
func (b *board) asideDue(op ledger.Operation) bool {
	lost, owed := asideOwed(op)
	return owed && b.Clock.Since(lost.At) >= b.atLeast(asideGrace, asideGrace) && b.due(asideID(op), asideShown)
}

func noted(op ledger.Operation, code string) bool {
	return slices.ContainsFunc(op.Events, func(e ledger.Event) bool { return e.Code == code })
}

func lostCard(op ledger.Operation, detail string) string {
	goesOn := "The change itself goes on"
	if op.State().Final() {
		goesOn = "The operation is " + string(op.State())
	}
	return "The card of " + op.ID + " stands still: " + detail + ". " + goesOn + "; to see how it went, type /scale history " + op.Component + " in another channel."
}
