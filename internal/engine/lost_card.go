package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// lostCardGrace is how long the replica that noticed a lost card has to tell the requester, in
// wall time. After that another replica assumes that it crashed, and tells them.
const lostCardGrace = 2 * announceTimeout

// lostCardVersion marks in messages that the requester was told.
const lostCardVersion = "told"

func lostCardID(op ledger.Operation) string { return op.ID + "/card-lost" }

// reportLostCard tells the requester of an operation that its card cannot be updated any more
// while the change goes on. It stores two events by compare and swap. The first says that the
// card is lost: the replica that stored it tells the requester at once. The second says that the
// requester was told: if a crash prevents it, another replica tells them later.
func (p *publisher) reportLostCard(ctx context.Context, op ledger.Operation) ledger.Operation {
	op, mine := p.recordLostCard(ctx, op)
	lost, untold := untoldLostCard(op)
	if !untold || !mine && p.clock.Since(lost.At) < p.clock.AtLeast(lostCardGrace, lostCardGrace) || !p.messages.due(lostCardID(op), lostCardVersion) {
		return op
	}
	attempt, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	note := "in private, that the card stands still"
	if err := p.announcer.Aside(attempt, op, ledger.CodeCardLost, lostCardText(op, lost.Note)); err != nil {
		p.messages.notShown(ctx, lostCardID(op), lostCardVersion, err)
		if !final(err) {
			return op
		}
		note = "it could not be told that the card stands still: " + err.Error()
	}
	p.messages.shown(lostCardID(op), lostCardVersion)
	return p.records.note(ctx, op, ledger.Event{By: bot, Code: ledger.CodeCardTold, Note: note})
}

// recordLostCard records that a card cannot be updated any more, and reports whether this call
// recorded it.
func (p *publisher) recordLostCard(ctx context.Context, op ledger.Operation) (ledger.Operation, bool) {
	if op.Message.IsZero() || noted(op, ledger.CodeCardLost) {
		return op, false
	}
	why := p.announcer.Lost(op.ID)
	if why == nil {
		return op, false
	}
	detail := why.Error()
	if fault := scale.FaultOf(why); fault != nil && fault.Detail != "" {
		detail = fault.Detail
	}
	lost, err := p.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if noted(op, ledger.CodeCardLost) {
			return op, errUnchanged
		}
		return withNote(op, ledger.Event{At: p.clock.Now(), By: bot, Code: ledger.CodeCardLost, Note: detail})
	})
	if err != nil && !errors.Is(err, errUnchanged) {
		p.log.WarnContext(ctx, "the loss of a card could not be recorded", "operation", op.ID, "error", err)
	}
	return lost, err == nil
}

// untoldLostCard returns the event of a lost card if the requester was not told yet.
func untoldLostCard(op ledger.Operation) (lost ledger.Event, untold bool) {
	i := slices.IndexFunc(op.Events, func(e ledger.Event) bool { return e.Code == ledger.CodeCardLost })
	if i < 0 || noted(op, ledger.CodeCardTold) {
		return lost, false
	}
	return op.Events[i], true
}

// lostCardDue reports whether this process must now tell the requester of a lost card.
func (p *publisher) lostCardDue(op ledger.Operation) bool {
	lost, untold := untoldLostCard(op)
	return untold && p.clock.Since(lost.At) >= p.clock.AtLeast(lostCardGrace, lostCardGrace) && p.messages.due(lostCardID(op), lostCardVersion)
}

func noted(op ledger.Operation, code string) bool {
	return slices.ContainsFunc(op.Events, func(e ledger.Event) bool { return e.Code == code })
}

func lostCardText(op ledger.Operation, detail string) string {
	goesOn := "The change itself goes on"
	if op.State().Final() {
		goesOn = "The operation is " + string(op.State())
	}
	return "The card of " + op.ID + " stands still: " + detail + ". " + goesOn + "; to see how it went, type /scale history " + op.Component + " in another channel."
}
