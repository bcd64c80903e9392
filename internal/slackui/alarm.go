package slackui

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/scale"
)

// Alarm says in the operation's channel, and in the alert channel when that is another, that
// one person carries a risky change alone. Breaking the glass in a small channel is thus seen
// where everybody looks. When neither channel takes messages any more, everybody on call reads
// it in a direct message.
func (a *Announcer) Alarm(ctx context.Context, op scale.Operation, again bool) (scale.MessageRef, error) {
	look := alarmLook(op, a.mention(ctx))
	channels := []string{cmp.Or(op.Message.Channel, op.Request.Channel, a.alerts), a.alerts}
	if channels[1] == "" || channels[1] == channels[0] {
		channels = channels[:1]
	}
	var told scale.MessageRef
	var closed error
	for _, channel := range channels {
		m := message{key: key{op.ID, "break-glass"}, channel: channel, looks: looksOf(look), since: op.Request.At}
		done, err := a.once(ctx, scale.MessageRef{}, m, again)
		switch {
		case unwelcome(err):
			closed = err
		case err != nil:
			return told, err
		case told.IsZero():
			told = done.ref
		}
	}
	if !told.IsZero() {
		return told, nil
	}
	return a.wake(ctx, key{op.ID, "break-glass"}, displaced(look, "A break-glass", closed), closed)
}

// mention is the text that notifies the people on call; empty when they cannot be read.
func (a *Announcer) mention(ctx context.Context) string {
	if a.Mention == nil {
		return ""
	}
	return a.Mention(ctx)
}

// alarmLook names who did what and why, and mentions the people on call.
func alarmLook(op scale.Operation, mention string) Look {
	var c canvas
	e, _ := op.BrokeGlass()
	rows := []string{fmt.Sprintf("🧨 *Break-glass:* %s carries alone what needs %d people: *%s* %d → %d (%s).",
		person(e.By), op.Needed(), words(op.Component, maxName), op.Change.From, op.Change.To, words(op.ID, maxName))}
	if reason := quoted(e.Note); reason != "" {
		rows = append(rows, "Because "+reason)
	}
	for _, r := range op.Plan.Risks {
		rows = append(rows, "• "+words(scale.Sentence(r.Why), maxWords))
	}
	if mention != "" {
		rows = append(rows, mention+" please look at it.")
	}
	c.section(strings.Join(rows, "\n"))
	return c.look(fmt.Sprintf("Break-glass: %s scales %s from %d to %d alone.", called(e.By), words(op.Component, maxName), op.Change.From, op.Change.To))
}
