package engine

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// liveViewsMost bounds the live views of one process.
	liveViewsMost = 8
	// liveViewEvery is how often a live view updates its numbers, on the runbook's clock and at
	// least in wall time (R-111 samples faster; Slack allows one edit a second).
	liveViewEvery = 10 * time.Second
	liveViewFloor = 2 * time.Second
)

// liveView is one live view.
type liveView struct {
	component scale.Component
	ref       scale.MessageRef
	until     time.Time
}

// liveViews runs the live views; each ends by itself.
type liveViews struct {
	announcer Announcer
	sampler   *sampler.Sampler
	statuses  *statuses
	clock     pace.Clock
	log       *slog.Logger
	requests  chan func(context.Context)
	slots     chan struct{}
}

func newLiveViews(c Config, samples *sampler.Sampler, statuses *statuses) *liveViews {
	return &liveViews{
		announcer: c.Announcer, sampler: samples, statuses: statuses, clock: c.Clock, log: c.Log,
		requests: make(chan func(context.Context), liveViewsMost), slots: make(chan struct{}, liveViewsMost),
	}
}

// run updates the live views until the context ends, and waits for them to stop.
func (v *liveViews) run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case follow := <-v.requests:
			group.Go(func() { follow(ctx) })
		}
	}
}

// start posts the view and passes it to run.
func (v *liveViews) start(ctx context.Context, view liveView) error {
	select {
	case v.slots <- struct{}{}:
	default:
		return &scale.Refusal{
			Code: "too_many_watches", Understood: "watch " + view.component.Name, Why: "Eight live views are open already.",
			Limit: "the bot's limit on live views", Next: "Wait until one ends, or look once.", Try: "/scale " + view.component.Name,
		}
	}
	ref, err := v.show(ctx, view)
	if err != nil {
		<-v.slots
		return err
	}
	view.ref = ref
	v.requests <- func(ctx context.Context) {
		defer func() { <-v.slots }()
		v.follow(ctx, view)
	}
	return nil
}

func (v *liveViews) show(ctx context.Context, view liveView) (scale.MessageRef, error) {
	v.sampler.Heat(view.component.Name, 2*liveViewEvery)
	return v.announcer.Live(ctx, v.statuses.sampled(ctx, view.component), view.until, view.ref)
}

// follow edits the view until its time is over. An edit that fails is not retried: the next one
// has newer numbers anyway.
func (v *liveViews) follow(ctx context.Context, view liveView) {
	ticker := v.clock.NewTicker(liveViewEvery, liveViewFloor)
	defer ticker.Stop()
	for v.clock.Now().Before(view.until) {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if _, err := v.show(ctx, view); err != nil {
			v.log.WarnContext(ctx, "a live view could not be updated", "component", view.component.Name, "error", err)
		}
	}
}
