package engine

import (
	"context"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// watchesMost bounds the live views of one process.
	watchesMost = 8
	// watchEvery is how often a live view follows the numbers, on the runbook's clock
	// and at least in wall time (R-111 samples faster; Slack allows one edit a second).
	watchEvery = 10 * time.Second
	watchFloor = 2 * time.Second
)

// watch is one live view.
type watch struct {
	component scale.Component
	ref       scale.MessageRef
	until     time.Time
}

// watches runs the live views; each ends by itself.
type watches struct {
	*core
	requests chan func(context.Context)
	slots    chan struct{}
}

func newWatches(c *core) *watches {
	return &watches{core: c, requests: make(chan func(context.Context), watchesMost), slots: make(chan struct{}, watchesMost)}
}

// run carries the live views until the context ends and waits for them.
func (w *watches) run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case follow := <-w.requests:
			group.Go(func() { follow(ctx) })
		}
	}
}

// start posts the view and passes it to run.
func (w *watches) start(ctx context.Context, d *Desk, one watch) error {
	select {
	case w.slots <- struct{}{}:
	default:
		return &scale.Refusal{
			Code: "too_many_watches", Understood: "watch " + one.component.Name, Why: "Eight live views are open already.",
			Limit: "the bot's limit on live views", Next: "Wait until one ends, or look once.", Try: "/scale " + one.component.Name,
		}
	}
	ref, err := w.show(ctx, d, one)
	if err != nil {
		<-w.slots
		return err
	}
	one.ref = ref
	w.requests <- func(ctx context.Context) {
		defer func() { <-w.slots }()
		w.follow(ctx, d, one)
	}
	return nil
}

func (w *watches) show(ctx context.Context, d *Desk, one watch) (scale.MessageRef, error) {
	w.sampler.Heat(one.component.Name, 2*watchEvery)
	status := d.status(ctx, w.judged(ctx, one.component, w.sampler.Snapshot(one.component.Name)))
	return w.Announcer.Live(ctx, status, one.until, one.ref)
}

// follow edits the view until its time is over. An edit that fails is left out: the next one
// has newer numbers anyway.
func (w *watches) follow(ctx context.Context, d *Desk, one watch) {
	ticker := w.Clock.NewTicker(watchEvery, watchFloor)
	defer ticker.Stop()
	for w.Clock.Now().Before(one.until) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := w.show(ctx, d, one); err != nil {
			w.Log.WarnContext(ctx, "live view not edited", "component", one.component.Name, "error", err)
		}
	}
}
