package slackui

import (
	"context"
	"fmt"
	"strings"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/scale"
)

// unwelcome reports whether a channel takes no messages of the bot any more: it is archived,
// the bot was removed from it, or its settings changed. Trying again does not help, so the bot
// writes to another channel or to people directly.
func unwelcome(err error) bool {
	switch code := slackCode(err); code {
	case "is_archived", "not_in_channel", "channel_not_found":
		return true
	default:
		return strings.HasPrefix(code, "restricted_action")
	}
}

// private reports whether messages go to one person. Slack opens the direct message for a user
// id, but its history cannot be read by that id: the bot cannot look for an earlier post there,
// and after a crash at the wrong moment the person is told twice.
func private(channel string) bool { return userID.MatchString(channel) }

// displaced adds a sentence that says why the message is not where people expect it.
func displaced(look Look, what string, why error) Look {
	text := fmt.Sprintf("%s comes here, because its channel takes no messages of the bot any more: %s.", what, words(detailOf(why), maxWords))
	blocks := append([]slack.Block{slack.NewContextBlock("", mrkdwn("📭 "+text))}, look.Blocks...)
	return Look{
		Text:   blockkit.Fit(text+" "+look.Text, blockkit.FallbackText),
		Blocks: blocks[:min(len(blocks), blockkit.MessageBlocks)],
	}
}

// detailOf is what went wrong, without what the bot was doing.
func detailOf(err error) string {
	if fault := scale.FaultOf(err); fault != nil && fault.Detail != "" {
		return fault.Detail
	}
	return err.Error()
}

// elsewhere posts a message of an operation whose channel takes nothing any more: in the alert
// channel, or else to whoever asked in a direct message. The error is that of the last try.
func (a *Announcer) elsewhere(ctx context.Context, op scale.Operation, m message, why error, again bool) (scale.MessageRef, error) {
	m.thread = ""
	for i, look := range m.looks {
		m.looks[i] = displaced(look, "What belongs to "+op.ID, why)
	}
	last := why
	for _, channel := range []string{a.alerts, op.Request.By.ID} {
		if channel == "" || channel == m.channel {
			continue
		}
		one := m
		one.channel = channel
		done, err := a.once(ctx, scale.MessageRef{}, one, again && !private(channel))
		if err == nil {
			a.client.log.WarnContext(ctx, "posted in another place, because the channel takes no messages", "operation", op.ID, "step", m.key.step, "channel", m.channel, "instead", channel, "err", why)
			return done.ref, nil
		}
		if last = err; !unwelcome(err) {
			break
		}
	}
	return scale.MessageRef{}, last
}

// wake sends a direct message to everybody on call, for what they must hear although its
// channel is gone. It returns the first message that was posted, or the error of the last try.
func (a *Announcer) wake(ctx context.Context, k key, look Look, why error) (scale.MessageRef, error) {
	if a.OnCall == nil {
		return scale.MessageRef{}, why
	}
	duty, err := a.OnCall(ctx)
	if err != nil {
		return scale.MessageRef{}, fmt.Errorf("finding whom to tell instead: %w", err)
	}
	var first scale.MessageRef
	last := why
	for _, p := range duty.Members[:min(len(duty.Members), maxMentioned)] {
		done, err := a.once(ctx, scale.MessageRef{}, message{key: k, channel: p.ID, looks: looksOf(look)}, false)
		switch {
		case err != nil:
			last = err
		case first.IsZero():
			first = done.ref
		}
	}
	if first.IsZero() {
		return first, last
	}
	return first, nil
}

// unheard tells the people on call about an open alert or blindness whose channel takes no
// messages, once for each urgency. A suggestion is only logged.
func (a *Announcer) unheard(ctx context.Context, e scale.Episode, why error) {
	if e.Kind == scale.EpisodeSuggestion || !e.Open() || e.Snoozed(a.client.clock.Now()) {
		return
	}
	what, ask := "An alert", "/scale "+words(e.Component, maxName)
	if e.Kind == scale.EpisodeBlindness {
		what, ask = "A note about missing data", "/scale"
	}
	look := displaced(saidLook(EpisodeLook(e, a.snoozes).Text+" Type "+ask+" in another channel."), what, why)
	if _, err := a.wake(ctx, key{e.ID, "unheard-" + e.Urgency.String()}, look, why); err != nil {
		a.client.log.ErrorContext(ctx, "an alert could not be delivered to anybody", "episode", e.ID, "urgency", e.Urgency.String(), "err", err)
	}
}
