package inbox

import (
	"cmp"
	"context"
	"fmt"

	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// Input that no part of the bot handles gets an answer too. Somebody who presses a button and
// gets no answer presses it again, or believes that it worked.
const (
	strayEdit     = "Edits are not acted on. Send it again as a new message."
	strayMention  = "That message could not be read. Send it again as plain text, or type /scale."
	strayDirect   = "Messages are not read here. Type /scale, or mention me in a channel."
	strayCommand  = "That command could not be read, and nothing was done. Please type it again."
	strayButton   = "This button belongs to an older version of the bot and does nothing any more."
	strayPress    = "What was pressed could not be read, and nothing was done. Type /scale instead."
	strayForm     = "This form belongs to an older version of the bot, and nothing was done. Open it again from the card, or type /scale."
	strayShortcut = "The bot has no such shortcut, and nothing was done. Type /scale instead."
)

// stray answers with one private sentence.
func (l *Listener) stray(key string, to api.Addressee, text string) delivery {
	if to.URL == "" && to.User == "" {
		return delivery{}
	}
	answer := func(ctx context.Context) { l.answerPrivately(ctx, to, cards.DrawNotice(text)) }
	return delivery{key: key, queue: l.jobs, job: answer, busyJob: answer}
}

// noOptions answers a menu that asks for its choices while somebody types. The bot makes no such
// menu; a menu of another version gets an empty list.
func noOptions() map[string]any { return map[string]any{"options": []any{}} }

// interaction handles whatever somebody did with a button, a form or a shortcut. It covers all
// kinds in https://docs.slack.dev/reference/interaction-payloads and some older ones.
func (l *Listener) interaction(in interaction) delivery {
	to, key := readerOf(in), prefixKey("click", in.Trigger)
	switch in.Type {
	case "block_actions":
		return l.pressed(in)
	case "view_submission":
		return l.submitted(in)
	case "block_suggestion", "dialog_suggestion":
		return delivery{reply: noOptions()}
	case "view_closed", "dialog_cancellation":
		// Somebody closed a form: there is nothing to do.
		return delivery{}
	case "shortcut", "message_action":
		return l.stray(key, to, strayShortcut)
	case "dialog_submission":
		return l.stray(key, to, strayForm)
	case "interactive_message":
		return l.stray(key, to, strayButton)
	}
	return l.stray(key, to, strayPress)
}

// event handles an Events API delivery: a mention, a message to the bot alone, or a change of
// something that the directory caches. Nobody waits for an answer to any other event: a message
// in a channel that names the bot also comes as a mention.
func (l *Listener) event(h happening) delivery {
	if h.Type == "app_rate_limited" {
		l.client.Log.Warn("events of this app are dropped by Slack: it allows 30,000 of a workspace in an hour")
	}
	switch e := h.Event; e.Type {
	case "app_mention":
		return l.mentioned(h)
	case "message":
		return l.written(h)
	case "channel_shared":
		l.forget(func(d *people.Directory) { d.ForgetRoom(e.Channel) })
	case "subteam_members_changed", "subteam_updated":
		l.forget((*people.Directory).ForgetDuty)
	}
	return delivery{}
}

// written handles a message that somebody wrote to the bot alone. Slack sends it only to an app
// with more event subscriptions than this one.
func (l *Listener) written(h happening) delivery {
	e := h.Event
	if !e.direct() || !e.byPerson(l.client.Self().User) || e.Subtype != "" && e.Subtype != "file_share" && e.Subtype != "me_message" {
		return delivery{}
	}
	return l.stray(prefixKey("event", h.EventID), api.Addressee{User: e.User}, strayDirect)
}

// mentionedByEdit answers a mention that was added or changed by editing a message. It answers
// once per message, however often the message is edited.
func (l *Listener) mentionedByEdit(e innerEvent) delivery {
	to := api.Addressee{Channel: e.Channel, User: e.User, Thread: e.Thread}
	return l.stray(fmt.Sprintf("edit:%s/%s", e.Channel, cmp.Or(e.TS, e.User)), to, strayEdit)
}
