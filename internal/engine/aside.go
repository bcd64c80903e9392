package engine

import (
	"context"
	"errors"
	"slices"

	"github.com/scalebot/scalebot/internal/scale"
)

// errNoNews ends a change that has nothing to change.
var errNoNews = errors.New("told already")

// aside tells whoever asked for an operation that its card stands still while the change
// goes on. The event comes first and by compare and swap, so that several replicas tell
// it once; a crash between the two leaves it to the timeline.
func (b *board) aside(ctx context.Context, op scale.Operation) scale.Operation {
	why := b.lost(op)
	if why == nil {
		return op
	}
	detail := why.Error()
	if fault := scale.FaultOf(why); fault != nil && fault.Detail != "" {
		detail = fault.Detail
	}
	noted, err := b.change(ctx, op, func(op scale.Operation) (scale.Operation, error) {
		if saidLost(op) {
			return op, errNoNews
		}
		return op.Noted(scale.Event{At: b.Clock.Now(), By: bot, Code: scale.CodeCardLost, Note: "the card cannot be brought up to date any more: " + detail}), nil
	})
	switch {
	case errors.Is(err, errNoNews):
		return noted
	case err != nil:
		b.Log.WarnContext(ctx, "lost card not recorded", "operation", op.ID, "error", err)
		return op
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	if err := b.Announcer.Aside(ctx, noted, scale.CodeCardLost, lostCard(noted, detail)); err != nil {
		b.Log.WarnContext(ctx, "lost card not told", "operation", op.ID, "error", err)
	}
	return noted
}

// lost is why the card of an operation stands still, nil when it does not or when that
// was told already.
func (b *board) lost(op scale.Operation) error {
	if op.Message.IsZero() || saidLost(op) {
		return nil
	}
	return b.Announcer.Lost(op.ID)
}

func saidLost(op scale.Operation) bool {
	return slices.ContainsFunc(op.Events, func(e scale.Event) bool { return e.Code == scale.CodeCardLost })
}

func lostCard(op scale.Operation, detail string) string {
	goesOn := "The change itself goes on"
	if op.State().Final() {
		goesOn = "The operation is " + string(op.State())
	}
	return "The card of " + op.ID + " stands still: " + detail + ". " + goesOn + "; to see how it went, type /scale history " + op.Component + " in another channel."
}
