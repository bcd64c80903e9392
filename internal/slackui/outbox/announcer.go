package outbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/scalebot/scalebot/internal/blockkit"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/cards"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

// chartRest is for how long the bot sends no native charts after the workspace refused one.
const chartRest = time.Hour

// Announcer makes Slack show the stored operations and episodes. It implements engine.Announcer,
// which documents what each method promises.
type Announcer struct {
	client  *api.Client
	out     *outbox
	alerts  string
	snoozes []time.Duration
	people  *people.Directory
	// plainCharts is when native charts may be tried again, as Unix seconds.
	plainCharts atomic.Int64
}

var _ engine.Announcer = (*Announcer)(nil)

// Config holds what an announcer needs.
type Config struct {
	Client *api.Client
	// AlertChannel is the id of the channel that episodes are posted to.
	AlertChannel string
	// Snoozes are the lengths of time that an alert's menu offers (alert.snoozes in the runbook
	// file).
	Snoozes []time.Duration
	// People knows who is on call. They are mentioned for what all of them must read, and get a
	// direct message when the alert channel refuses messages. Nil means nobody.
	People *people.Directory
}

// NewAnnouncer returns an announcer. Its Run must be running for anything to be sent.
func NewAnnouncer(c Config) *Announcer {
	return &Announcer{client: c.Client, out: newOutbox(c.Client), alerts: c.AlertChannel, snoozes: c.Snoozes, people: c.People}
}

// Run sends messages until the context ends, and then the waiting ones for a few seconds more.
func (a *Announcer) Run(ctx context.Context) error {
	a.out.run(ctx)
	return nil
}

// Card posts or edits the operation's card in the channel where the change was requested.
func (a *Announcer) Card(ctx context.Context, op ledger.Operation, known engine.Knowledge) (scale.MessageRef, error) {
	m := api.Message{
		Key: api.Key{Operation: op.ID, Step: "card"}, Channel: cmp.Or(op.Request.Channel, a.alerts), Thread: op.Request.Thread,
		Variants: api.WithFallback(cards.DrawOperation(op)), Since: op.Request.At,
	}
	return a.show(ctx, op.Message, m, a.rank(op), known)
}

// oldNews is the age, in wall time, from which the card of a finished operation or episode counts
// as a leftover. The replica that ended it has shown it at once, so showing it again is only a
// precaution and goes last.
const oldNews = 15 * time.Second

func (a *Announcer) rank(op ledger.Operation) rank {
	switch state := op.State(); {
	case state == ledger.Settling:
		return progress
	case state.Final():
		return a.rankOfEnd(op.Last().At)
	}
	return outcome
}

func (a *Announcer) rankOfEnd(at time.Time) rank {
	if a.client.Clock.Wall(a.client.Clock.Since(at)) >= oldNews {
		return leftover
	}
	return outcome
}

// Episode posts or edits an episode's card in the alert channel. If that channel accepts no
// messages, the people on call get an alert as a direct message.
func (a *Announcer) Episode(ctx context.Context, e ledger.Episode, known engine.Knowledge) (scale.MessageRef, error) {
	m := api.Message{Key: api.Key{Operation: e.ID, Step: "card"}, Channel: a.alerts, Variants: api.WithFallback(cards.DrawEpisode(e, a.snoozes)), Since: e.OpenedAt}
	news := progress
	if !e.Open() {
		news = a.rankOfEnd(e.ClosedAt)
	}
	ref, err := a.show(ctx, e.Message, m, news, known)
	if why := cmp.Or(err, a.out.lostCard(e.ID)); api.Unwelcome(why) {
		a.unheard(ctx, e, why)
	}
	return ref, err
}

// Report posts report number i in the thread of the operation's card, with a chart of the lag:
// Slack's own, or a picture where the workspace refuses that. If the channel accepts no messages,
// the report goes to the alert channel, or else to the requester in a direct message.
func (a *Announcer) Report(ctx context.Context, op ledger.Operation, i int, known engine.Knowledge) (scale.MessageRef, error) {
	if i < 0 || i >= len(op.Reports) {
		return scale.MessageRef{}, fmt.Errorf("operation %s has no report %d", op.ID, i)
	}
	report := op.Reports[i]
	content := cards.DrawReport(op, i)
	m := api.Message{
		Key: api.Key{Operation: op.ID, Step: fmt.Sprintf("report-%d", i)}, Channel: op.Message.Channel,
		Variants: api.WithFallback(cards.WithSpark(content, report)), Since: report.MadeAt,
	}
	card, err := a.cardOf(ctx, op)
	if api.Unwelcome(err) {
		m.Channel = cmp.Or(op.Request.Channel, a.alerts)
		return a.elsewhere(ctx, op, m, err, known)
	}
	if err != nil {
		return scale.MessageRef{}, err
	}
	m.Channel, m.Thread = card.Channel, card.Root()
	native := cards.NativeChart(op, report)
	tried := native != nil && time.Now().Unix() >= a.plainCharts.Load()
	if tried {
		m.Variants = append([]cards.Content{cards.WithChart(content, native)}, m.Variants...)
	}
	done, err := a.Once(ctx, report.Posted, m, known)
	if api.Unwelcome(err) {
		m.Variants = api.WithFallback(cards.WithSpark(content, report))
		return a.elsewhere(ctx, op, m, err, known)
	}
	if err != nil || done.Found || native == nil {
		return done.Ref, err
	}
	refused := tried && done.Variant == 1
	if refused {
		a.plainCharts.Store(time.Now().Add(chartRest).Unix())
	}
	if refused || !tried {
		a.picture(ctx, op, report, done.Ref)
	}
	return done.Ref, nil
}

// cardOf returns where the operation's card is now. A card that was never posted is posted
// first, so that its reports have a thread.
func (a *Announcer) cardOf(ctx context.Context, op ledger.Operation) (scale.MessageRef, error) {
	if op.Message.IsZero() {
		return a.Card(ctx, op, engine.MaybePosted)
	}
	return a.out.newest(location{op.Message.Channel, api.Key{Operation: op.ID, Step: "card"}}, op.Message), nil
}

// Remark posts a short sentence in the thread of a message, once per key.
func (a *Announcer) Remark(ctx context.Context, in scale.MessageRef, name, text string, known engine.Knowledge) error {
	var c cards.Canvas
	c.Section(cards.Words(text, blockkit.SectionText))
	m := api.Message{
		Key: api.Key{Operation: in.Root(), Step: "remark-" + name}, Channel: in.Channel, Thread: in.Root(),
		Variants: api.WithFallback(c.Content(cards.Words(text, blockkit.SectionText))),
	}
	_, err := a.Once(ctx, scale.MessageRef{}, m, known)
	return err
}

// Waiting reports whether an edit of a card is still on its way to Slack.
func (a *Announcer) Waiting(id string) bool { return a.out.waits(api.Key{Operation: id, Step: "card"}) }

// Lost returns why the outbox gave up on the newest edit of an operation's card; nil if it did
// not give up.
func (a *Announcer) Lost(operation string) error { return a.out.lostCard(operation) }

// Aside sends a direct message to the person who requested the operation. If the card is not in
// the alert channel, it also posts there.
func (a *Announcer) Aside(ctx context.Context, op ledger.Operation, name, text string) error {
	where := []string{op.Request.By.ID}
	if op.Message.Channel != a.alerts {
		where = append(where, a.alerts)
	}
	var c cards.Canvas
	c.Section("📭 " + cards.Words(text, blockkit.SectionText-8))
	content := c.Content(cards.Words(text, blockkit.SectionText))
	var errs []error
	for _, channel := range where {
		m := api.Message{Key: api.Key{Operation: op.ID, Step: "aside-" + name}, Channel: channel, Variants: api.WithFallback(content)}
		_, err := a.Once(ctx, scale.MessageRef{}, m, engine.Known)
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// Live posts or edits a live status view.
func (a *Announcer) Live(ctx context.Context, s engine.Status, until time.Time, ref scale.MessageRef) (scale.MessageRef, error) {
	m := api.Message{
		Key:     api.Key{Operation: s.Component.Name, Step: fmt.Sprintf("live-%d", until.UnixMilli())},
		Channel: ref.Channel, Thread: ref.Thread, Variants: api.WithFallback(cards.DrawLive(s, until)),
	}
	return a.show(ctx, ref, m, progress, engine.Known)
}

// show posts a message that Slack does not have yet, or edits it.
func (a *Announcer) show(ctx context.Context, ref scale.MessageRef, m api.Message, r rank, known engine.Knowledge) (scale.MessageRef, error) {
	ref = a.out.newest(location{m.Channel, m.Key}, ref)
	if !ref.IsZero() {
		return ref, a.out.enqueue(&edit{ref: ref, m: m, rank: r, resend: known == engine.MaybePosted})
	}
	done, err := a.Once(ctx, ref, m, known)
	if err == nil && done.Found {
		err = a.out.enqueue(&edit{ref: done.Ref, m: m, rank: r})
	}
	return done.Ref, err
}

// Once posts a message that is never edited, unless it is posted already.
func (a *Announcer) Once(ctx context.Context, ref scale.MessageRef, m api.Message, known engine.Knowledge) (api.Sent, error) {
	at := location{m.Channel, m.Key}
	if ref = a.out.newest(at, ref); !ref.IsZero() {
		return api.Sent{Ref: ref, Found: true}, nil
	}
	var done api.Sent
	var err error
	queued := a.out.do(ctx, m.Channel, func(ctx context.Context) {
		// An earlier call may have posted it while this one waited for its turn.
		if ref := a.out.newest(at, ref); !ref.IsZero() {
			done = api.Sent{Ref: ref, Found: true}
			return
		}
		if done, err = a.client.Deliver(ctx, m, known == engine.MaybePosted); err == nil {
			a.out.posted(at, m, done)
		}
	})
	if queued != nil {
		return api.Sent{}, queued
	}
	return done, err
}

// picture shares the chart as a PNG in the report's thread. A report is complete
// without it, so a failure is only logged.
func (a *Announcer) picture(ctx context.Context, op ledger.Operation, r ledger.Report, at scale.MessageRef) {
	data, err := cards.PngChart(op, r)
	if err != nil || data == nil {
		a.logPicture(ctx, op, err)
		return
	}
	queued := a.out.do(ctx, at.Channel, func(ctx context.Context) { err = a.client.Upload(ctx, at, op, r, data) })
	a.logPicture(ctx, op, queued)
	a.logPicture(ctx, op, err)
}

func (a *Announcer) logPicture(ctx context.Context, op ledger.Operation, err error) {
	if err != nil {
		a.client.Log.WarnContext(ctx, "a chart could not be shared", "operation", op.ID, "err", err)
	}
}
