package slackui

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/scale"
)

// chartRest is for how long the bot sends no native charts after the workspace refused one.
const chartRest = time.Hour

// Announcer makes Slack look like operations and episodes. It implements engine.Announcer,
// which documents what each method promises.
type Announcer struct {
	client *Client
	out    *outbox
	alerts string
	// snoozes are the lengths an alert's menu offers (alert.snoozes).
	snoozes []time.Duration
	// Mention returns the text that notifies the people on call, for what all of them must
	// hear; nil mentions nobody. It is set before the announcer is used.
	Mention func(context.Context) string
	// OnCall lists the people who get a direct message when the alert channel takes no messages
	// any more; nil means nobody. It is set before the announcer is used.
	OnCall func(context.Context) (scale.OnCall, error)
	// plainCharts is when native charts may be tried again, as Unix seconds.
	plainCharts atomic.Int64
}

var _ engine.Announcer = (*Announcer)(nil)

// NewAnnouncer returns an announcer that posts episodes to the given channel, with a menu of
// these lengths to silence them. Its Run must be running for anything to be sent.
func NewAnnouncer(c *Client, alertChannel string, snoozes []time.Duration) *Announcer {
	return &Announcer{client: c, out: newOutbox(c), alerts: alertChannel, snoozes: snoozes}
}

// Run sends what is announced until the context ends, and then what still waits for a
// few seconds more.
func (a *Announcer) Run(ctx context.Context) error {
	a.out.run(ctx)
	return nil
}

// Card posts or edits the operation's card where it was asked for.
func (a *Announcer) Card(ctx context.Context, op scale.Operation, again bool) (scale.MessageRef, error) {
	m := message{
		key: key{op.ID, "card"}, channel: cmp.Or(op.Request.Channel, a.alerts), thread: op.Request.Thread,
		looks: looksOf(OperationLook(op)), since: op.Request.At,
	}
	return a.show(ctx, op.Message, m, a.rank(op), again)
}

// oldNews is the age, in wall time, from which the card of a finished operation or episode
// counts as a leftover: whoever ended it has shown it at once, so that showing it again is only
// a precaution and goes last.
const oldNews = 15 * time.Second

func (a *Announcer) rank(op scale.Operation) rank {
	switch state := op.State(); {
	case state == scale.Settling:
		return progress
	case state.Final():
		return a.rankOfEnd(op.Last().At)
	}
	return outcome
}

func (a *Announcer) rankOfEnd(at time.Time) rank {
	if a.client.clock.Wall(a.client.clock.Since(at)) >= oldNews {
		return leftover
	}
	return outcome
}

// Episode posts or edits an episode's card in the alert channel. When that channel takes
// no messages any more, the people on call read of an alert in private.
func (a *Announcer) Episode(ctx context.Context, e scale.Episode, again bool) (scale.MessageRef, error) {
	m := message{key: key{e.ID, "card"}, channel: a.alerts, looks: looksOf(EpisodeLook(e, a.snoozes)), since: e.OpenedAt}
	news := progress
	if !e.Open() {
		news = a.rankOfEnd(e.ClosedAt)
	}
	ref, err := a.show(ctx, e.Message, m, news, again)
	if why := cmp.Or(err, a.out.lostCard(e.ID)); unwelcome(why) {
		a.unheard(ctx, e, why)
	}
	return ref, err
}

// Report posts report number i in the thread of the operation's card, with a chart of the lag:
// Slack's own, or a picture where the workspace refuses that. When the channel takes no
// messages any more, the report goes to the alert channel, or else to whoever asked in a direct
// message.
func (a *Announcer) Report(ctx context.Context, op scale.Operation, i int, again bool) (scale.MessageRef, error) {
	if i < 0 || i >= len(op.Reports) {
		return scale.MessageRef{}, fmt.Errorf("operation %s has no report %d", op.ID, i)
	}
	report := op.Reports[i]
	look := ReportLook(op, i)
	m := message{
		key: key{op.ID, fmt.Sprintf("report-%d", i)}, channel: op.Message.Channel,
		looks: looksOf(withSpark(look, report)), since: report.MadeAt,
	}
	card, err := a.cardOf(ctx, op)
	if unwelcome(err) {
		m.channel = cmp.Or(op.Request.Channel, a.alerts)
		return a.elsewhere(ctx, op, m, err, again)
	}
	if err != nil {
		return scale.MessageRef{}, err
	}
	m.channel, m.thread = card.Channel, card.Root()
	native := nativeChart(op, report)
	tried := native != nil && time.Now().Unix() >= a.plainCharts.Load()
	if tried {
		m.looks = append([]Look{withChart(look, native)}, m.looks...)
	}
	done, err := a.once(ctx, report.Posted, m, again)
	if unwelcome(err) {
		m.looks = looksOf(withSpark(look, report))
		return a.elsewhere(ctx, op, m, err, again)
	}
	if err != nil || done.found || native == nil {
		return done.ref, err
	}
	refused := tried && done.look == 1
	if refused {
		a.plainCharts.Store(time.Now().Add(chartRest).Unix())
	}
	if refused || !tried {
		a.picture(ctx, op, report, done.ref)
	}
	return done.ref, nil
}

// cardOf returns where the operation's card is now. A card that was never posted is posted
// first, so that its reports have a thread.
func (a *Announcer) cardOf(ctx context.Context, op scale.Operation) (scale.MessageRef, error) {
	if op.Message.IsZero() {
		return a.Card(ctx, op, true)
	}
	return a.out.newest(place{op.Message.Channel, key{op.ID, "card"}}, op.Message), nil
}

// Remark posts a short sentence in the thread of a message, once per key.
func (a *Announcer) Remark(ctx context.Context, in scale.MessageRef, name, text string, again bool) error {
	var c canvas
	c.section(words(text, blockkit.SectionText))
	m := message{
		key: key{in.Root(), "remark-" + name}, channel: in.Channel, thread: in.Root(),
		looks: looksOf(c.look(words(text, blockkit.SectionText))),
	}
	_, err := a.once(ctx, scale.MessageRef{}, m, again)
	return err
}

// Waiting reports whether an edit of a card is still on its way to Slack.
func (a *Announcer) Waiting(id string) bool { return a.out.waits(key{id, "card"}) }

// Lost returns why the outbox gave up on the newest edit of an operation's card; nil when it
// did not.
func (a *Announcer) Lost(operation string) error { return a.out.lostCard(operation) }

// Aside writes to the person who asked for the operation, in their direct messages with
// the bot, and to the alert channel when the card is in another one.
func (a *Announcer) Aside(ctx context.Context, op scale.Operation, name, text string) error {
	where := []string{op.Request.By.ID}
	if op.Message.Channel != a.alerts {
		where = append(where, a.alerts)
	}
	var c canvas
	c.section("📭 " + words(text, blockkit.SectionText-8))
	look := c.look(words(text, blockkit.SectionText))
	var errs []error
	for _, channel := range where {
		m := message{key: key{op.ID, "aside-" + name}, channel: channel, looks: looksOf(look)}
		_, err := a.once(ctx, scale.MessageRef{}, m, false)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Live posts or edits a live status view.
func (a *Announcer) Live(ctx context.Context, s engine.Status, until time.Time, ref scale.MessageRef) (scale.MessageRef, error) {
	m := message{
		key:     key{s.Component.Name, fmt.Sprintf("live-%d", until.UnixMilli())},
		channel: ref.Channel, thread: ref.Thread, looks: looksOf(LiveLook(s, until)),
	}
	return a.show(ctx, ref, m, progress, false)
}

// show posts a message that Slack does not have yet, and edits one that it has.
func (a *Announcer) show(ctx context.Context, ref scale.MessageRef, m message, r rank, again bool) (scale.MessageRef, error) {
	ref = a.out.newest(place{m.channel, m.key}, ref)
	if !ref.IsZero() {
		return ref, a.out.enqueue(&edit{ref: ref, m: m, rank: r, again: again})
	}
	done, err := a.once(ctx, ref, m, again)
	if err == nil && done.found {
		err = a.out.enqueue(&edit{ref: done.ref, m: m, rank: r})
	}
	return done.ref, err
}

// once posts a message that is never edited, unless it is posted already.
func (a *Announcer) once(ctx context.Context, ref scale.MessageRef, m message, again bool) (sent, error) {
	at := place{m.channel, m.key}
	if ref = a.out.newest(at, ref); !ref.IsZero() {
		return sent{ref: ref, found: true}, nil
	}
	var done sent
	var err error
	queued := a.out.do(ctx, m.channel, func(ctx context.Context) {
		// An earlier call may have posted it while this one waited for its turn.
		if ref := a.out.newest(at, ref); !ref.IsZero() {
			done = sent{ref: ref, found: true}
			return
		}
		if done, err = a.client.deliver(ctx, m, again); err == nil {
			a.out.posted(at, m, done)
		}
	})
	if queued != nil {
		return sent{}, queued
	}
	return done, err
}

// picture shares the chart as a PNG in the report's thread. A report is complete
// without it, so a failure is only logged.
func (a *Announcer) picture(ctx context.Context, op scale.Operation, r scale.Report, at scale.MessageRef) {
	data, err := pngChart(op, r)
	if err != nil || data == nil {
		a.logPicture(ctx, op, err)
		return
	}
	queued := a.out.do(ctx, at.Channel, func(ctx context.Context) { err = a.client.upload(ctx, at, op, r, data) })
	a.logPicture(ctx, op, queued)
	a.logPicture(ctx, op, err)
}

func (a *Announcer) logPicture(ctx context.Context, op scale.Operation, err error) {
	if err != nil {
		a.client.log.WarnContext(ctx, "a chart could not be shared", "operation", op.ID, "err", err)
	}
}
