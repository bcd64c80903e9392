package slackui

import (
	"cmp"
	"context"
	"slices"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
)

// clickable are the buttons this version knows. Buttons of an older one stay clickable
// for ever.
var clickable = []string{commands.ActionApprove, commands.ActionDecline, commands.ActionAdjust, commands.ActionCancel, commands.ActionRollBack, commands.ActionSnooze, commands.ActionDiagnose, commands.ActionScaleRecommended}

// pressed takes a pressed button. The adjust button opens a form, for which Slack
// leaves three seconds; it goes ahead of everything else.
func (l *Listener) pressed(in slack.InteractionCallback) delivery {
	if len(in.ActionCallback.BlockActions) == 0 || in.ActionCallback.BlockActions[0] == nil {
		return delivery{}
	}
	action := in.ActionCallback.BlockActions[0]
	click := l.click(in, action)
	to := readerOf(in)
	d := delivery{
		key: prefixKey("click", cmp.Or(in.TriggerID, action.ActionTs)), queue: l.jobs,
		job:     func(ctx context.Context) { l.answerClick(ctx, in, click, to) },
		busyJob: func(ctx context.Context) { l.tell(ctx, to, saidLook(busyText)) },
	}
	switch {
	case !slices.Contains(clickable, action.ActionID):
		if action.Value == "" {
			return delivery{}
		}
		d.job = func(ctx context.Context) {
			l.tell(ctx, to, saidLook("This button belongs to an older version of the bot and does nothing any more."))
		}
	case action.ActionID == commands.ActionAdjust:
		d.queue = l.urgent
		d.job = func(ctx context.Context) { l.openForm(ctx, in.TriggerID, click, to) }
	}
	return d
}

// click reads what was pressed. The thing it is about is the button's value; a menu
// has only its row's id to carry it. An ephemeral message is nobody's card, so its
// timestamp says nothing.
func (l *Listener) click(in slack.InteractionCallback, action *slack.BlockAction) commands.Click {
	c := commands.Click{
		By: personOf(in), Action: action.ActionID, Target: action.Value,
		Channel: cmp.Or(in.Container.ChannelID, in.Channel.ID), TS: in.Container.MessageTs, Thread: in.Container.ThreadTs,
		Key: cmp.Or(in.TriggerID, action.ActionTs), At: l.client.clock.Now(),
	}
	if choice := action.SelectedOption.Value; choice != "" {
		c.Choice, c.Target = choice, action.BlockID
	}
	if in.Container.IsEphemeral {
		c.TS = ""
	}
	return c
}

func personOf(in slack.InteractionCallback) scale.Person {
	return scale.Person{ID: in.User.ID, Name: in.User.Name, Team: cmp.Or(in.User.TeamID, in.Team.ID)}
}

// readerOf is the person who pressed, answered where they pressed.
func readerOf(in slack.InteractionCallback) reader {
	return reader{
		url: in.ResponseURL, channel: cmp.Or(in.Container.ChannelID, in.Channel.ID), user: in.User.ID, thread: in.Container.ThreadTs,
	}
}

func (l *Listener) answerClick(ctx context.Context, in slack.InteractionCallback, click commands.Click, to reader) {
	if l.turnedAway(ctx, click, to) {
		return
	}
	answer := l.safely(ctx, func(ctx context.Context) commands.Answer { return l.cfg.Handlers.Click(ctx, click) })
	look, ok := AnswerLook(answer)
	if !ok {
		return
	}
	if _, public := answer.(commands.Diagnosed); public && click.TS != "" && l.public(ctx, click.By) {
		l.publish(ctx, message{
			key: key{click.Target, "diagnosis-" + click.Key}, channel: click.Channel,
			thread: cmp.Or(click.Thread, click.TS), looks: looksOf(look),
		}, to)
		return
	}
	l.tell(ctx, to, look)
	if refused, ok := answer.(commands.Refused); ok && refused.Refusal != nil && refused.Refusal.Code == scale.RefusedNotFound {
		l.disarm(ctx, in, click)
	}
}

// turnedAway reports whether a click came from a channel in which none is taken.
func (l *Listener) turnedAway(ctx context.Context, click commands.Click, to reader) bool {
	_, refusal := l.door(ctx, click.Channel)
	if refusal != nil {
		l.turnAway(ctx, click.Action, click.Act(), refusal, to)
	}
	return refusal != nil
}

// disarm takes the buttons off a message about something the bot no longer knows, so
// that nobody presses them again.
func (l *Listener) disarm(ctx context.Context, in slack.InteractionCallback, click commands.Click) {
	if click.TS == "" || !l.client.ours(in.Message) {
		return
	}
	look := Look{Text: in.Message.Text}
	for _, b := range in.Message.Blocks.BlockSet {
		if b.BlockType() != slack.MBTAction {
			look.Blocks = append(look.Blocks, b)
		}
	}
	look.Blocks = append(look.Blocks, slack.NewContextBlock("", mrkdwn("⌛ The buttons were removed: the bot keeps no record of this any more.")))
	ref := scale.MessageRef{Channel: click.Channel, TS: click.TS}
	if err := l.client.redraw(ctx, ref, message{key: key{click.Target, "disarmed"}, looks: looksOf(look)}); err != nil {
		l.client.log.WarnContext(ctx, "removing old buttons", "err", err)
	}
}
