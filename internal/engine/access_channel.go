package engine

import (
	"slices"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// channel refuses channels outside the runbook's list, for asking and for deciding
// alike. Without a list every channel is allowed.
func (a *access) channel(channel, understood string) *scale.Refusal {
	channels := a.rules.Channels
	if len(channels) == 0 || slices.Contains(channels, channel) {
		return nil
	}
	return &scale.Refusal{
		Code: scale.RefusedChannel, Understood: understood, Why: "Changes may be neither asked for nor decided in this channel.",
		Limit: "allowed channels of the runbook file", Next: "Do it in one of them.",
	}
}

// message refuses a click on a message that is not the operation's card, and a typed decision in
// a channel where decisions are not allowed.
func (a *access) message(op ledger.Operation, act Act) *scale.Refusal {
	if refusal := sameMessage(op, act); refusal != nil {
		return refusal
	}
	return a.typed(op, act)
}

// typed refuses a typed decision in a channel where decisions are not allowed. A button needs no
// such check: the bot itself posted it there.
func (a *access) typed(op ledger.Operation, act Act) *scale.Refusal {
	if act.TS != "" || act.Channel == "" {
		return nil
	}
	return a.channel(act.Channel, op.ID)
}
