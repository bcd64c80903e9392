package inbox

import (
	"cmp"
	"context"
	"regexp"
	"strings"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// slash handles a slash command. Its answer is private and goes to the response URL,
// which also works in channels that the bot is not in.
func (l *Listener) slash(cmd slashCommand) delivery {
	call := commands.Call{
		By:   scale.Person{ID: cmd.User, Name: cmd.UserName, Team: cmd.Team},
		Text: cmd.Text, Channel: cmd.Channel, Key: cmd.Trigger, At: l.client.Clock.Now(),
	}
	to := api.Addressee{URL: cmd.ResponseURL, Channel: cmd.Channel, User: cmd.User}
	return delivery{
		key: prefixKey("slash", cmd.Trigger), queue: l.jobs,
		job:       func(ctx context.Context) { l.answerSlash(ctx, call, to) },
		busyReply: privately(busyText),
	}
}

// prefixKey keeps the kinds of key apart; no id means no key.
func prefixKey(kind, id string) string {
	if id == "" {
		return ""
	}
	return kind + ":" + id
}

func (l *Listener) answerSlash(ctx context.Context, call commands.Call, to api.Addressee) {
	room, refusal := l.door(ctx, call.Channel)
	if refusal != nil {
		l.turnAway(ctx, "command", actOf(call), refusal, to)
		return
	}
	answer := l.patiently(ctx, to, func(ctx context.Context) commands.Answer { return l.cfg.Handlers.Call(ctx, call) })
	if posted, ok := answer.(commands.Posted); ok {
		switch {
		case !room.Member:
			l.answerPrivately(ctx, to, drawInvite(l.client.Name(), posted.Operation.ID))
		case posted.Operation.Message.IsZero():
			l.answerPrivately(ctx, to, drawUnshown(l.client.Name(), posted.Operation.ID))
		}
		return
	}
	if content, ok := cards.DrawAnswer(answer); ok {
		l.answerPrivately(ctx, to, content)
	}
}

// actOf says who typed the command and where, for the record.
func actOf(call commands.Call) engine.Act {
	return engine.Act{By: call.By, Channel: call.Channel, Key: call.Key}
}

func drawInvite(bot, operation string) cards.Content {
	return cards.DrawNotice("I am not in this channel, so nobody here can see or approve " + operation +
		". Please type /invite @" + bot + " and ask again.")
}

// drawUnshown says that a card could not be posted although the bot was in the channel a minute
// ago. Without it the caller would wait for a card that does not come.
func drawUnshown(bot, operation string) cards.Content {
	return cards.DrawNotice("I could not show the card of " + operation + " here. If somebody has removed me from this channel, type /invite @" + bot +
		" and ask again; if Slack is slow, it follows by itself.")
}

// forget drops something from the directory's cache. It does not block.
func (l *Listener) forget(drop func(*people.Directory)) {
	if l.cfg.Directory != nil {
		drop(l.cfg.Directory)
	}
}

// mentioned handles a mention. People type mentions in threads, where slash commands do not work.
// Edits of the message are not commands. Slack puts the words of a message into its text field,
// whatever blocks it has.
func (l *Listener) mentioned(h happening) delivery {
	e, self := h.Event, l.client.Self().User
	if !e.byPerson(self) {
		return delivery{}
	}
	if e.edited() {
		return l.mentionedByEdit(e)
	}
	key := prefixKey("event", h.EventID)
	if e.Text == "" {
		return l.stray(key, api.Addressee{Channel: e.Channel, User: e.User, Thread: e.Thread}, strayMention)
	}
	call := commands.Call{
		By:   scale.Person{ID: e.User, Team: cmp.Or(e.UserTeam, e.SourceTeam, h.Team)},
		Text: withoutMention(e.Text, self), Channel: e.Channel, Thread: cmp.Or(e.Thread, e.TS),
		Key: h.EventID, At: l.client.Clock.Now(), Mention: true,
	}
	return delivery{
		key: key, queue: l.jobs, retried: true,
		job: func(ctx context.Context) { l.answerMention(ctx, call, e.TS, h.shared()) },
	}
}

var anyMention = regexp.MustCompile(`<@[UW][A-Z0-9]+(\|[^>]*)?>`)

// withoutMention removes the first mention of the bot from a text, wherever it stands.
func withoutMention(text, self string) string {
	for _, at := range anyMention.FindAllStringIndex(text, -1) {
		if self == "" || strings.HasPrefix(text[at[0]:], "<@"+self) {
			return strings.TrimSpace(text[:at[0]] + " " + text[at[1]:])
		}
	}
	return strings.TrimSpace(text)
}

// answerMention answers in the thread. Refusals go to the person alone, and so do all answers to
// somebody who is not a full member or asks too often. shared says whether the event may come
// from a shared channel; it is newer than what the directory has read.
func (l *Listener) answerMention(ctx context.Context, call commands.Call, ts string, shared bool) {
	to := api.Addressee{Channel: call.Channel, User: call.By.ID, Thread: call.Thread}
	_, refusal := l.door(ctx, call.Channel)
	if shared {
		refusal = sharedRefusal()
	}
	if refusal != nil {
		l.turnAway(ctx, "command", actOf(call), refusal, to)
		return
	}
	answer := l.safely(ctx, func(ctx context.Context) commands.Answer { return l.cfg.Handlers.Call(ctx, call) })
	content, ok := cards.DrawAnswer(answer)
	if !ok {
		return
	}
	switch answer.(type) {
	case commands.Refused, commands.Notice, commands.Helped, commands.Drafted:
		l.answerPrivately(ctx, to, content)
	default:
		if !l.public(ctx, call.By) {
			l.answerPrivately(ctx, to, content)
			return
		}
		l.publish(ctx, api.Message{
			Key: api.Key{Operation: ts, Step: "answer"}, Channel: call.Channel, Thread: call.Thread, Variants: api.WithFallback(content),
		}, to)
	}
}

// publish posts an answer for everybody when it is the channel's turn. If that fails, only the
// person who asked gets it.
func (l *Listener) publish(ctx context.Context, m api.Message, to api.Addressee) {
	var err error
	if l.cfg.Announcer != nil {
		_, err = l.cfg.Announcer.Once(ctx, scale.MessageRef{}, m, engine.Known)
	} else {
		_, err = l.client.Deliver(ctx, m, false)
	}
	if err != nil {
		l.answerPrivately(ctx, to, m.Variants[0])
	}
}
