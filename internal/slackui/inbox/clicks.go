package inbox

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
)

// clickable are the buttons that this version knows. People can still press buttons that an
// older version posted.
var clickable = []string{commands.ActionApprove, commands.ActionDecline, commands.ActionAdjust, commands.ActionCancel, commands.ActionRollBack, commands.ActionSnooze, commands.ActionDiagnose, commands.ActionScaleRecommended}

// pressed handles a pressed button. The adjust button opens a form within Slack's three
// seconds, so it goes ahead of everything else.
func (l *Listener) pressed(in interaction) delivery {
	to := readerOf(in)
	if len(in.Actions) == 0 || in.Actions[0].ActionID == "" {
		return l.stray(prefixKey("click", in.Trigger), to, strayPress)
	}
	action := in.Actions[0]
	key := prefixKey("click", cmp.Or(in.Trigger, action.ActionTS))
	switch {
	case slices.Contains(clickable, action.ActionID):
	case action.URL != "":
		// Slack opens the link by itself and reports the press; there is nothing to do.
		return delivery{}
	default:
		return l.stray(key, to, strayButton)
	}
	click := l.click(in, action)
	d := delivery{
		key: key, queue: l.jobs,
		job:     func(ctx context.Context) { l.answerClick(ctx, in.Message, click, to) },
		busyJob: func(ctx context.Context) { l.answerPrivately(ctx, to, cards.DrawNotice(busyText)) },
	}
	if action.ActionID == commands.ActionAdjust {
		d.queue = l.urgent
		d.job = func(ctx context.Context) { l.openForm(ctx, in.Trigger, click, to) }
	}
	return d
}

// click reads what was pressed. A button's value is the id of the operation or episode; a menu
// has only its row's id for that. The timestamp of an ephemeral message is left out, because no
// card is ephemeral.
func (l *Listener) click(in interaction, action pressedElement) commands.Click {
	c := commands.Click{
		By: personOf(in), Action: action.ActionID, Target: action.Value,
		Channel: cmp.Or(in.Container.Channel, in.Channel.ID), TS: in.Container.TS, Thread: in.Container.Thread,
		Key: cmp.Or(in.Trigger, action.ActionTS), At: l.client.Clock.Now(),
	}
	if choice := action.Selected.Value; choice != "" {
		c.Choice, c.Target = choice, action.BlockID
	}
	if in.Container.Ephemeral {
		c.TS = ""
	}
	return c
}

func personOf(in interaction) scale.Person {
	return scale.Person{ID: in.User.ID, Name: in.User.Name, Team: cmp.Or(in.User.Team, in.Team.ID)}
}

// readerOf is the person who pressed the button. They get the answer where they pressed it.
func readerOf(in interaction) api.Addressee {
	return api.Addressee{
		URL: in.ResponseURL, Channel: cmp.Or(in.Container.Channel, in.Channel.ID), User: in.User.ID, Thread: in.Container.Thread,
	}
}

// answerClick passes a click or form to the commands and shows the answer. pressed is the message
// with the button, as Slack sent it.
func (l *Listener) answerClick(ctx context.Context, pressed json.RawMessage, click commands.Click, to api.Addressee) {
	if l.turnedAway(ctx, click, to) {
		return
	}
	answer := l.safely(ctx, func(ctx context.Context) commands.Answer { return l.cfg.Handlers.Click(ctx, click) })
	content, ok := cards.DrawAnswer(answer)
	if !ok {
		return
	}
	if _, public := answer.(commands.Diagnosed); public && click.TS != "" && l.public(ctx, click.By) {
		l.publish(ctx, api.Message{
			Key: api.Key{Operation: click.Target, Step: "diagnosis-" + click.Key}, Channel: click.Channel,
			Thread: cmp.Or(click.Thread, click.TS), Variants: api.WithFallback(content),
		}, to)
		return
	}
	l.answerPrivately(ctx, to, content)
	if refused, ok := answer.(commands.Refused); ok && refused.Refusal != nil && refused.Refusal.Code == scale.RefusedNotFound {
		l.disarm(ctx, pressed, click)
	}
}

// turnedAway reports whether a click came from a channel in which the bot takes no orders.
func (l *Listener) turnedAway(ctx context.Context, click commands.Click, to api.Addressee) bool {
	_, refusal := l.door(ctx, click.Channel)
	if refusal != nil {
		l.turnAway(ctx, click.Action, click.Act(), refusal, to)
	}
	return refusal != nil
}

// disarm removes the buttons from a message about something that the bot no longer knows. It
// leaves the rest of the message unchanged.
func (l *Listener) disarm(ctx context.Context, pressed json.RawMessage, click commands.Click) {
	var m struct {
		api.Noted
		Text   string            `json:"text"`
		Blocks []json.RawMessage `json:"blocks"`
	}
	if click.TS == "" || api.Glean(pressed, &m) != nil || !l.client.Ours(m.Noted) {
		return
	}
	content := cards.Content{Text: m.Text}
	for _, raw := range m.Blocks {
		if b := (rawBlock{raw}); b.BlockType() != slack.MBTAction {
			content.Blocks = append(content.Blocks, b)
		}
	}
	content.Blocks = append(content.Blocks, slack.NewContextBlock("", cards.Mrkdwn("⌛ The buttons were removed: the bot keeps no record of this any more.")))
	ref := scale.MessageRef{Channel: click.Channel, TS: click.TS}
	if err := l.client.Redraw(ctx, ref, api.Message{Key: api.Key{Operation: click.Target, Step: "disarmed"}, Variants: api.WithFallback(content)}); err != nil {
		l.client.Log.WarnContext(ctx, "old buttons could not be removed", "err", err)
	}
}

// rawBlock is a block as Slack sent it, so that it can be sent back unchanged.
type rawBlock struct{ json.RawMessage }

// BlockType is the block's type, empty when it has none. It makes a rawBlock a slack.Block.
func (b rawBlock) BlockType() slack.MessageBlockType {
	var block struct{ Type slack.MessageBlockType }
	_ = api.Glean(b.RawMessage, &block)
	return block.Type
}

// ID is the block's id. It makes a rawBlock a slack.Block.
func (b rawBlock) ID() string {
	var block struct {
		ID string `json:"block_id"`
	}
	_ = api.Glean(b.RawMessage, &block)
	return block.ID
}
