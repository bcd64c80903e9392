package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/diagnose"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// Overview returns the status of every component in the runbook's order, from the newest sample
// and a few lists of stored records. If the store does not answer, the parts that come from it
// are missing.
func (d *Desk) Overview(ctx context.Context) []Status { return d.statuses.all(ctx) }

// Status reads one component afresh.
func (d *Desk) Status(ctx context.Context, component string) (Status, error) {
	c, err := d.component(component)
	if err != nil {
		return Status{}, err
	}
	seen, err := d.observer.observe(ctx, c)
	if err != nil {
		return Status{}, err
	}
	return d.statuses.of(ctx, d.observer.withLastScaleUp(ctx, seen)), nil
}

// Operation returns one operation by id, or the newest undecided one of a component
// by the component's name or alias.
func (d *Desk) Operation(ctx context.Context, idOrComponent string) (ledger.Operation, error) {
	op, err := d.store.Get(ctx, idOrComponent)
	if !errors.Is(err, scale.ErrNotStored) {
		return op, err
	}
	c, known := d.book.Component(idOrComponent)
	if !known {
		return op, err
	}
	recent, err := d.store.Newest(ctx, c.Name, 1)
	if err != nil {
		return op, err
	}
	if len(recent) == 1 && recent[0].State() == ledger.Proposed {
		return recent[0], nil
	}
	return op, scale.ErrNotStored
}

const (
	// threadsRecent is how far back InThread searches first, because that costs little;
	// threadsSearched is how many of the newest operations it searches after that.
	threadsRecent   = 24 * time.Hour
	threadsSearched = 200
)

// InThread returns the newest operation whose card started the thread or is in it;
// scale.ErrNotStored when there is none.
func (d *Desk) InThread(ctx context.Context, channel, thread string) (ledger.Operation, error) {
	if thread == "" {
		return ledger.Operation{}, scale.ErrNotStored
	}
	of := func(op ledger.Operation) bool { return op.Message.Channel == channel && op.Message.Root() == thread }
	recent, err := d.records.recent(ctx, threadsRecent)
	if err == nil && !slices.ContainsFunc(recent, of) {
		recent, err = d.store.Newest(ctx, "", threadsSearched)
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
	return d.store.Newest(ctx, component, limit)
}

// Diagnose walks through the runbook's troubleshooting for a component, or for the
// component of an operation or episode id.
func (d *Desk) Diagnose(ctx context.Context, id string) (diagnose.Diagnosis, error) {
	if op, err := d.store.Get(ctx, id); err == nil {
		id = op.Component
	} else if e, err := d.store.Episode(ctx, id); err == nil {
		if e.Kind == ledger.EpisodeBlindness {
			return diagnose.Diagnosis{}, aboutTheFleet(e)
		}
		id = e.Component
	}
	c, err := d.component(id)
	if err != nil {
		return diagnose.Diagnosis{}, err
	}
	seen, err := d.observer.observe(ctx, c)
	if err != nil {
		return diagnose.Diagnosis{}, err
	}
	seen = d.observer.withLastScaleUp(ctx, seen)
	return diagnose.Diagnose(c, d.policy, seen.snapshot, seen.past), nil
}

// Watch posts a live view of a component and updates it for the given time.
func (d *Desk) Watch(ctx context.Context, component string, by scale.Person, channel, thread string, length time.Duration) error {
	c, err := d.component(component)
	if err != nil {
		return err
	}
	if _, refusal := d.access.person(ctx, by, scale.RightAsk, "watch "+c.Name); refusal != nil {
		return d.refused(ctx, ledger.Operation{Component: c.Name}, "watch", by, refusal)
	}
	return d.views.start(ctx, liveView{component: c, ref: scale.MessageRef{Channel: channel, Thread: thread}, until: d.clock.Now().Add(length)})
}

// OnCall tells who may decide now.
func (d *Desk) OnCall(ctx context.Context) (scale.OnCall, error) {
	return d.access.directory.OnCall(ctx)
}
