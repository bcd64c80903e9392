package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// What a step has to see. What it does not name is as it was sampled last, with its age: who
// owns a count and how much room there is are read every minute anyway.
const (
	// seeDrift is what an approval is held against.
	seeDrift = sampler.Broker | sampler.Workload | sampler.Owner
	// seeRollout is what tells whether a change has settled.
	seeRollout = sampler.Broker | sampler.Workload | sampler.Signals
	// seeCount is who set the count to what, and seeOwner who may have done it of its own accord.
	seeCount = sampler.Workload
	seeOwner = sampler.Owner
	// seeReport is what the checks of a report count.
	seeReport = sampler.Broker | sampler.Workload | sampler.Usage | sampler.Signals
)

// see reads parts of a component afresh. It judges nothing.
func (c *core) see(ctx context.Context, component scale.Component, parts sampler.Parts) (scale.Snapshot, error) {
	snapshot, err := c.sampler.See(ctx, component, parts)
	return snapshot, unseen(component, err)
}

// unseen says what could not be seen; nil when all could.
func unseen(component scale.Component, err error) error {
	if err == nil {
		return nil
	}
	return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "looking at " + component.Name, Cause: err}
}

// named is what was seen of a count that somebody has set, with who owns it now.
func (r *Runner) named(ctx context.Context, component scale.Component, seen scale.Snapshot) scale.Snapshot {
	if named, err := r.see(ctx, component, seeOwner); err == nil {
		seen.Owner = named.Owner
	}
	return seen
}

// settlement judges how far a rollout has come by what the watch over its workload tells. What
// ends it rests on a fresh reading: a watch that broke without a sign tells of a world that was.
func (r *Runner) settlement(ctx context.Context, component scale.Component, op ledger.Operation) (lever.Settlement, error) {
	seen, err := r.sampler.Glance(ctx, component, seeRollout)
	if err != nil {
		return lever.Settlement{}, unseen(component, err)
	}
	s := lever.Of(op).Settle(r.policy, seen)
	if !s.Done && s.Failed == "" {
		return s, nil
	}
	if seen, err = r.see(ctx, component, seeRollout); err != nil {
		return lever.Settlement{}, err
	}
	if position := lever.Of(op).Where(seen).Position; position != lever.There && position != lever.Unknown {
		seen = r.named(ctx, component, seen)
	}
	return lever.Of(op).Settle(r.policy, seen), nil
}
