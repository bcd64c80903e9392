package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// Overview returns the status of every component in the runbook's order, from the
// newest sample and a few lists of what is stored. A store that does not answer leaves out
// what it knows.
func (d *Desk) Overview(ctx context.Context) []Status {
	stored, alerts := d.fleet(), map[string]*ledger.Episode{}
	var reading sync.WaitGroup
	reading.Go(func() { stored.unfinished(ctx) })
	reading.Go(func() { alerts = d.openAlerts(ctx) })
	reading.Wait()
	all, past := make([]Status, 0, len(d.Book.Components)), []scale.Point(nil)
	for _, c := range d.Book.Components {
		snapshot := d.sampler.Snapshot(c.Name)
		past = d.sampler.AppendPast(past[:0], c.Name, d.longestWindow())
		judged := d.judgement(ctx, c, &snapshot, past, stored.tried)
		s := d.measured(look{component: c, snapshot: snapshot, advice: judged.Advice()})
		s.Operation, _ = stored.underWay(ctx, c.Name)
		s.Episode = alerts[c.Name]
		all = append(all, s)
	}
	return all
}

// openAlerts are the open alerts by component.
func (d *Desk) openAlerts(ctx context.Context) map[string]*ledger.Episode {
	open, err := d.Store.OpenEpisodes(ctx)
	if err != nil && ctx.Err() == nil {
		d.Log.WarnContext(ctx, "open alerts could not be read", "error", err)
	}
	alerts := map[string]*ledger.Episode{}
	for _, e := range open {
		if newest := alerts[e.Component]; e.Kind == ledger.EpisodeAlert && (newest == nil || newest.Number < e.Number) {
			alerts[e.Component] = &e
		}
	}
	return alerts
}

// Status looks at one component afresh.
func (d *Desk) Status(ctx context.Context, component string) (Status, error) {
	c, err := d.component(component)
	if err != nil {
		return Status{}, err
	}
	seen, err := d.look(ctx, c)
	if err != nil {
		return Status{}, err
	}
	return d.status(ctx, d.knowing(ctx, seen)), nil
}

// status adds what the store knows. A store that does not answer leaves these parts
// out: what was measured is still worth showing.
func (d *Desk) status(ctx context.Context, seen look) Status {
	name := seen.component.Name
	s := d.measured(seen)
	if recent, err := d.Store.Newest(ctx, name, 1); err == nil && len(recent) == 1 && !recent[0].State().Final() {
		s.Operation = &recent[0]
	}
	if e, err := d.Store.NewestEpisode(ctx, name, ledger.EpisodeAlert); err == nil && e.Open() {
		s.Episode = &e
	}
	return s
}

// measured is a status as far as it comes from what was read and judged.
func (d *Desk) measured(seen look) Status {
	return Status{Component: seen.component, Snapshot: seen.snapshot, Advice: seen.advice, Past: d.sampler.Past(seen.component.Name, sampler.FineSpan)}
}

// Operation returns one operation by id, or the newest undecided one of a component
// by the component's name or alias.
func (d *Desk) Operation(ctx context.Context, idOrComponent string) (ledger.Operation, error) {
	op, err := d.Store.Get(ctx, idOrComponent)
	if !errors.Is(err, scale.ErrNotStored) {
		return op, err
	}
	c, known := d.Book.Component(idOrComponent)
	if !known {
		return op, err
	}
	recent, err := d.Store.Newest(ctx, c.Name, 1)
	if err != nil {
		return op, err
	}
	if len(recent) == 1 && recent[0].State() == ledger.Proposed {
		return recent[0], nil
	}
	return op, scale.ErrNotStored
}

const (
	// threadsRecent is how far back a thread is looked for first, because that costs little,
	// and threadsSearched how many operations back after that.
	threadsRecent   = 24 * time.Hour
	threadsSearched = 200
)

// InThread returns the operation whose card started the thread, or whose card is in it,
// the newest first; scale.ErrNotStored when there is none.
func (d *Desk) InThread(ctx context.Context, channel, thread string) (ledger.Operation, error) {
	if thread == "" {
		return ledger.Operation{}, scale.ErrNotStored
	}
	of := func(op ledger.Operation) bool { return op.Message.Channel == channel && op.Message.Root() == thread }
	recent, err := d.recent(ctx, threadsRecent)
	if err == nil && !slices.ContainsFunc(recent, of) {
		recent, err = d.Store.Newest(ctx, "", threadsSearched)
	}
	if err != nil {
		return ledger.Operation{}, err
	}
	if i := slices.IndexFunc(recent, of); i >= 0 {
		return recent[i], nil
	}
	return ledger.Operation{}, scale.ErrNotStored
}

// History returns the newest operations, newest first; an empty component means all.
func (d *Desk) History(ctx context.Context, component string, limit int) ([]ledger.Operation, error) {
	if component != "" {
		c, err := d.component(component)
		if err != nil {
			return nil, err
		}
		component = c.Name
	}
	return d.Store.Newest(ctx, component, limit)
}

// Diagnose walks through the runbook's troubleshooting for a component, or for the
// component of an operation or episode id.
func (d *Desk) Diagnose(ctx context.Context, id string) (diagnose.Diagnosis, error) {
	if op, err := d.Store.Get(ctx, id); err == nil {
		id = op.Component
	} else if e, err := d.Store.Episode(ctx, id); err == nil {
		if e.Kind == ledger.EpisodeBlindness {
			return diagnose.Diagnosis{}, aboutTheFleet(e)
		}
		id = e.Component
	}
	c, err := d.component(id)
	if err != nil {
		return diagnose.Diagnosis{}, err
	}
	seen, err := d.look(ctx, c)
	if err != nil {
		return diagnose.Diagnosis{}, err
	}
	seen = d.knowing(ctx, seen)
	return diagnose.Diagnose(c, d.policy, seen.snapshot, seen.past), nil
}

// Watch posts a live view of a component and keeps it current for the given time.
func (d *Desk) Watch(ctx context.Context, component string, by scale.Person, channel, thread string, length time.Duration) error {
	c, err := d.component(component)
	if err != nil {
		return err
	}
	if _, refusal := d.allowed(ctx, by, scale.RightAsk, "watch "+c.Name); refusal != nil {
		return d.refused(ctx, ledger.Operation{Component: c.Name}, "watch", by, refusal)
	}
	return d.watches.start(ctx, d, watch{component: c, ref: scale.MessageRef{Channel: channel, Thread: thread}, until: d.Clock.Now().Add(length)})
}

// OnCall tells who may decide now.
func (d *Desk) OnCall(ctx context.Context) (scale.OnCall, error) { return d.Directory.OnCall(ctx) }
