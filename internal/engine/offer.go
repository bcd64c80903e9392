package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// offer is a prepared change: the recommended count, the reason, and where people saw it.
type offer struct {
	component, episode, channel, thread, reason, origin string
	to                                                  int
}

// ScaleRecommended carries out the prepared change of an episode or of a report's suggestion. It
// proposes the change in the name of the person and, when the person may decide, approves it with
// the same click.
func (d *Desk) ScaleRecommended(ctx context.Context, act Act) (ledger.Operation, error) {
	ctx = deciding(ctx)
	prepared, err := d.offered(ctx, act)
	var nothing *scale.Refusal
	if errors.As(err, &nothing) {
		return ledger.Operation{}, d.turned(ctx, ledger.Operation{}, "scale_recommended", act, nothing)
	}
	if err != nil {
		return ledger.Operation{}, err
	}
	if _, refusal := d.access.person(ctx, act.By, scale.RightDecide, fmt.Sprintf("scale %s to %d", prepared.component, prepared.to)); refusal != nil {
		return ledger.Operation{}, d.turned(ctx, ledger.Operation{Component: prepared.component}, "scale_recommended", act, refusal)
	}
	op, err := d.Propose(ctx, Ask{
		Component: prepared.component, Target: judge.Exactly(prepared.to), Reason: cmp.Or(act.Reason, prepared.reason), By: act.By,
		Origin: prepared.origin, Channel: prepared.channel, Thread: prepared.thread, Key: act.Key, Episode: prepared.episode,
	})
	if err != nil {
		return op, err
	}
	d.link(ctx, prepared.episode, op.ID)
	return d.approveToo(ctx, op, act)
}

// offered finds what the pressed button offers. The button carries only an id; the number is
// the one stored with the card that people saw.
func (d *Desk) offered(ctx context.Context, act Act) (offer, error) {
	e, err := d.store.Episode(ctx, act.ID)
	if err == nil {
		return episodeOffer(e)
	}
	if !errors.Is(err, scale.ErrNotStored) {
		return offer{}, err
	}
	op, err := d.store.Get(ctx, act.ID)
	if errors.Is(err, scale.ErrNotStored) {
		return d.componentOffer(ctx, act)
	}
	if err != nil {
		return offer{}, err
	}
	for i := len(op.Reports) - 1; i >= 0; i-- {
		if r := op.Reports[i]; r.Suggest > 0 {
			return offer{
				component: op.Component, episode: op.Request.Episode, channel: op.Request.Channel, thread: op.Request.Thread,
				to: r.Suggest, origin: FromReport, reason: fmt.Sprintf("suggested %s after %s", r.Horizon, op.ID),
			}, nil
		}
	}
	return offer{}, nothingOffered(op.ID)
}

func episodeOffer(e ledger.Episode) (offer, error) {
	if !e.Open() || !e.Advice.Changes() {
		return offer{}, nothingOffered(e.ID)
	}
	origin := FromAlert
	if e.Kind == ledger.EpisodeSuggestion {
		origin = FromSuggestion
	}
	return offer{
		component: e.Component, episode: e.ID, channel: e.Message.Channel, to: e.Advice.To, origin: origin,
		reason: "offered by " + e.ID,
	}, nil
}

// componentOffer is the present recommendation, for a button on a status that carries the
// component's name.
func (d *Desk) componentOffer(ctx context.Context, act Act) (offer, error) {
	component, err := d.component(act.ID)
	if err != nil {
		return offer{}, nothingOffered(act.ID)
	}
	seen, err := d.observer.observe(ctx, component)
	if err != nil {
		return offer{}, err
	}
	if !seen.advice.Changes() {
		return offer{}, nothingOffered(act.ID)
	}
	return offer{component: component.Name, channel: act.Channel, to: seen.advice.To, origin: FromCommand, reason: "recommended by the runbook"}, nil
}

func nothingOffered(id string) *scale.Refusal {
	return &scale.Refusal{
		Code: scale.RefusedUseless, Understood: id, Why: "There is no prepared change any more: it recovered or was judged anew.",
		Next: "Look at the component as it is now.", Try: "/scale",
	}
}

// link notes on an episode which operation answers it.
func (d *Desk) link(ctx context.Context, episode, operation string) {
	if episode == "" {
		return
	}
	e, err := d.store.Episode(ctx, episode)
	if err == nil {
		e, err = d.records.changeEpisode(ctx, e, func(e ledger.Episode) ledger.Episode { e.Operation, e.Answering = operation, operation; return e })
	}
	if err != nil {
		d.log.WarnContext(ctx, "an operation could not be linked to its episode", "episode", episode, "operation", operation, "error", err)
		return
	}
	d.publisher.postedEpisode(ctx, e)
}

// Snooze silences an episode; zero means until recovery.
func (d *Desk) Snooze(ctx context.Context, act Act, length time.Duration) (ledger.Episode, error) {
	e, err := d.store.Episode(ctx, act.ID)
	if err != nil {
		return e, err
	}
	if _, refusal := d.access.person(ctx, act.By, scale.RightDecide, "snooze "+e.ID); refusal != nil {
		return e, d.turned(ctx, ledger.Operation{Component: e.Component}, "snooze", act, refusal)
	}
	if !e.Open() {
		return e, d.turned(ctx, ledger.Operation{Component: e.Component}, "snooze", act, &scale.Refusal{
			Code: scale.RefusedState, Understood: "snooze " + e.ID, Why: "It has recovered already.", Next: "There is nothing to silence.", Try: lookAt(e),
		})
	}
	e, err = d.records.changeEpisode(ctx, e, func(e ledger.Episode) ledger.Episode {
		e.SnoozedBy, e.SnoozedAt = act.By, e.Urgency
		e.SnoozedForever = length <= 0
		e.SnoozedUntil = time.Time{}
		if length > 0 {
			e.SnoozedUntil = d.clock.Now().Add(length)
		}
		return e
	})
	if err != nil {
		return e, err
	}
	d.meter.Decision(e.Component, "snooze", "ok")
	return d.publisher.postedEpisode(ctx, e), nil
}
