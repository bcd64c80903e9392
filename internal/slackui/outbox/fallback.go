package outbox

import (
	"context"
	"fmt"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// private reports whether messages go to one person. Slack opens the direct message for a user
// id, but its history cannot be read by that id. So the bot cannot search for an earlier post
// there, and after a crash at the wrong moment the person gets the message twice.
func private(channel string) bool { return cards.UserID.MatchString(channel) }

// displaced adds a sentence that says why the message is not where people expect it.
func displaced(content cards.Content, what string, why error) cards.Content {
	text := fmt.Sprintf("%s comes here, because its channel takes no messages of the bot any more: %s.", what, cards.Words(detailOf(why), cards.MaxWords))
	blocks := append([]slack.Block{slack.NewContextBlock("", cards.Mrkdwn("📭 "+text))}, content.Blocks...)
	return cards.Content{
		Text:   blockkit.Fit(text+" "+content.Text, blockkit.FallbackText),
		Blocks: blocks[:min(len(blocks), blockkit.MessageBlocks)],
	}
}

// detailOf is what went wrong, without what the bot was doing at the time.
func detailOf(err error) string {
	if fault := scale.FaultOf(err); fault != nil && fault.Detail != "" {
		return fault.Detail
	}
	return err.Error()
}

// elsewhere posts a message of an operation whose channel accepts no messages: in the alert
// channel, or else to the requester in a direct message. The error is that of the last attempt.
func (a *Announcer) elsewhere(ctx context.Context, op ledger.Operation, m api.Message, why error, known engine.Knowledge) (scale.MessageRef, error) {
	m.Thread = ""
	for i, content := range m.Variants {
		m.Variants[i] = displaced(content, "What belongs to "+op.ID, why)
	}
	last := why
	for _, channel := range []string{a.alerts, op.Request.By.ID} {
		if channel == "" || channel == m.Channel {
			continue
		}
		one := m
		one.Channel = channel
		if private(channel) {
			known = engine.Known // there is no way to search for an earlier post
		}
		done, err := a.Once(ctx, scale.MessageRef{}, one, known)
		if err == nil {
			a.client.Log.WarnContext(ctx, "posted in another place, because the channel takes no messages", "operation", op.ID, "step", m.Key.Step, "channel", m.Channel, "instead", channel, "err", why)
			return done.Ref, nil
		}
		if last = err; !api.Unwelcome(err) {
			break
		}
	}
	return scale.MessageRef{}, last
}

// wake sends a direct message to everybody on call, for what they must read although its channel
// is gone. It returns the first message that was posted, or the error of the last attempt.
func (a *Announcer) wake(ctx context.Context, k api.Key, content cards.Content, why error) (scale.MessageRef, error) {
	if a.people == nil {
		return scale.MessageRef{}, why
	}
	duty, err := a.people.OnCall(ctx)
	if err != nil {
		return scale.MessageRef{}, fmt.Errorf("finding whom to tell instead: %w", err)
	}
	var first scale.MessageRef
	last := why
	for _, p := range duty.Members[:min(len(duty.Members), people.MaxMentioned)] {
		done, err := a.Once(ctx, scale.MessageRef{}, api.Message{Key: k, Channel: p.ID, Variants: api.WithFallback(content)}, engine.Known)
		switch {
		case err != nil:
			last = err
		case first.IsZero():
			first = done.Ref
		}
	}
	if first.IsZero() {
		return first, last
	}
	return first, nil
}

// unheard tells the people on call about an open alert or blindness whose channel takes no
// messages, once for each urgency. A suggestion is only logged.
func (a *Announcer) unheard(ctx context.Context, e ledger.Episode, why error) {
	if e.Kind == ledger.EpisodeSuggestion || !e.Open() || e.Snoozed(a.client.Clock.Now()) {
		return
	}
	what, ask := "An alert", "/scale "+cards.Words(e.Component, cards.MaxName)
	if e.Kind == ledger.EpisodeBlindness {
		what, ask = "A note about missing data", "/scale"
	}
	content := displaced(cards.DrawNotice(cards.DrawEpisode(e, a.snoozes).Text+" Type "+ask+" in another channel."), what, why)
	if _, err := a.wake(ctx, api.Key{Operation: e.ID, Step: "unheard-" + e.Urgency.String()}, content, why); err != nil {
		a.client.Log.ErrorContext(ctx, "an alert could not be delivered to anybody", "episode", e.ID, "urgency", e.Urgency.String(), "err", err)
	}
}
