package outbox

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// Alarm says in the operation's channel, and in the alert channel if that is another one, that
// one person approved a risky change alone. So breaking the glass in a small channel is seen
// where everybody reads. If neither channel accepts messages, everybody on call gets a direct
// message.
func (a *Announcer) Alarm(ctx context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	content := drawAlarm(op, a.mention(ctx))
	channels := []string{cmp.Or(op.Message.Channel, op.Request.Channel, a.alerts), a.alerts}
	if channels[1] == "" || channels[1] == channels[0] {
		channels = channels[:1]
	}
	var posted scale.MessageRef
	var closed error
	for _, channel := range channels {
		m := api.Message{Key: api.Key{Operation: op.ID, Step: "break-glass"}, Channel: channel, Variants: api.WithFallback(content), Since: op.Request.At}
		done, err := a.Once(ctx, scale.MessageRef{}, m, known)
		switch {
		case api.Unwelcome(err):
			closed = err
		case err != nil:
			return posted, err
		case posted.IsZero():
			posted = done.Ref
		}
	}
	if !posted.IsZero() {
		return posted, nil
	}
	return a.wake(ctx, api.Key{Operation: op.ID, Step: "break-glass"}, displaced(content, "A break-glass", closed), closed)
}

// mention is the text that notifies the people on call; empty when they cannot be read.
func (a *Announcer) mention(ctx context.Context) string {
	if a.people == nil {
		return ""
	}
	return a.people.Mention(ctx)
}

// drawAlarm names who did what and why, and mentions the people on call.
func drawAlarm(op ledger.Operation, mention string) cards.Content {
	var c cards.Canvas
	e, _ := op.BrokeGlass()
	rows := []string{fmt.Sprintf("🧨 *Break-glass:* %s carries alone what needs %d people: *%s* %s (%s).",
		cards.Person(e.By), op.Needed(), cards.Words(op.Component, cards.MaxName), cards.Arrow(op), cards.Words(op.ID, cards.MaxName))}
	if reason := cards.Quoted(e.Note); reason != "" {
		rows = append(rows, "Because "+reason)
	}
	for _, r := range op.Plan.Risks {
		rows = append(rows, "• "+cards.Words(scale.Sentence(r.Why), cards.MaxWords))
	}
	if mention != "" {
		rows = append(rows, mention+" please look at it.")
	}
	c.Section(strings.Join(rows, "\n"))
	return c.Content(fmt.Sprintf("Break-glass: %s scales %s %s alone.", cards.Called(e.By), cards.Words(op.Component, cards.MaxName), op.Change()))
}
