package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// The parts of a component that a step reads afresh. All other parts come from the last sample,
// with their age: who owns a count and how much room there is are sampled every minute anyway.
const (
	// readDrift is what must be unchanged when a proposal is approved.
	readDrift = sampler.Broker | sampler.Workload | sampler.Owner
	// readRollout decides whether a change has settled.
	readRollout = sampler.Broker | sampler.Workload | sampler.Signals
	// readCount reads the current count and who set it; readOwner also reads who may set it
	// automatically, for example an autoscaler.
	readCount = sampler.Workload
	readOwner = sampler.Owner
	// readReport is what the checks of a report count.
	readReport = sampler.Broker | sampler.Workload | sampler.Usage | sampler.Signals
)

// observation is one component at one moment, with its past and the recommendation.
type observation struct {
	component scale.Component
	snapshot  scale.Snapshot
	past      []scale.Point
	advice    ledger.Recommendation
}

// observer reads components and judges what it has read.
type observer struct {
	sampler *sampler.Sampler
	records *records
	policy  scale.Policy
	advised *advised
}

// last is the component's last sample.
func (o *observer) last(component string) scale.Snapshot { return o.sampler.Snapshot(component) }

// past appends the component's points of the last hour and more (as far back as the rules read),
// oldest first, to the given slice, which may be nil.
func (o *observer) past(to []scale.Point, component string) []scale.Point {
	return o.sampler.AppendPast(to, component, o.sampler.LongestWindow())
}

// read reads parts of a component afresh. It judges nothing.
func (o *observer) read(ctx context.Context, component scale.Component, parts sampler.Parts) (scale.Snapshot, error) {
	snapshot, err := o.sampler.See(ctx, component, parts)
	return snapshot, unreadable(component, err)
}

// unreadable wraps the error of a component that could not be read; nil for nil.
func unreadable(component scale.Component, err error) error {
	if err == nil {
		return nil
	}
	return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "looking at " + component.Name, Cause: err}
}

// withOwner adds the present owner of the count to a snapshot in which somebody has changed the
// count.
func (o *observer) withOwner(ctx context.Context, component scale.Component, seen scale.Snapshot) scale.Snapshot {
	if named, err := o.read(ctx, component, readOwner); err == nil {
		seen.Owner = named.Owner
	}
	return seen
}

// settlement judges how far a rollout has come from what the watch on its workload reports.
// Before it ends a rollout it reads afresh, because a watch that broke without a sign shows an
// old state.
func (o *observer) settlement(ctx context.Context, component scale.Component, op ledger.Operation) (lever.Settlement, error) {
	seen, err := o.sampler.Glance(ctx, component, readRollout)
	if err != nil {
		return lever.Settlement{}, unreadable(component, err)
	}
	s := lever.Of(op).Settle(o.policy, seen)
	if !s.Done && s.Failed == "" {
		return s, nil
	}
	if seen, err = o.read(ctx, component, readRollout); err != nil {
		return lever.Settlement{}, err
	}
	if position := lever.Of(op).Where(seen).Position; position != lever.There && position != lever.Unknown {
		seen = o.withOwner(ctx, component, seen)
	}
	return lever.Of(op).Settle(o.policy, seen), nil
}

// observe reads a component afresh and judges it. It looks for the last scale-up only if it would
// recommend more workers.
func (o *observer) observe(ctx context.Context, component scale.Component) (observation, error) {
	snapshot, err := o.read(ctx, component, sampler.Everything)
	if err != nil {
		return observation{}, err
	}
	return o.judged(ctx, component, snapshot), nil
}

// withLastScaleUp adds the effect of the last scale-up to the observation, whatever is
// recommended.
func (o *observer) withLastScaleUp(ctx context.Context, seen observation) observation {
	if seen.snapshot.Tried != nil {
		return seen
	}
	if seen.snapshot.Tried = o.lastScaleUp(ctx, seen.component.Name); seen.snapshot.Tried == nil {
		return seen
	}
	return o.judged(ctx, seen.component, seen.snapshot)
}

// judged adds the past and the recommendation to a snapshot.
func (o *observer) judged(ctx context.Context, component scale.Component, snapshot scale.Snapshot) observation {
	past := o.past(nil, component.Name)
	judged := o.judge(ctx, component, &snapshot, past, o.lastScaleUp)
	return observation{component, snapshot, past, judged.Advice()}
}

// judge judges a snapshot with the given past. If it would recommend more workers, it asks
// lastScaleUp for the effect of the last scale-up and notes that on the snapshot.
func (o *observer) judge(
	ctx context.Context, component scale.Component, snapshot *scale.Snapshot, past []scale.Point, lastScaleUp func(context.Context, string) *scale.Tried,
) judge.Judgement {
	snapshot.Advised = o.advised.recall(*snapshot)
	judged := judge.Judge(component, o.policy, *snapshot, past)
	if judged.AsksForMore() && snapshot.Tried == nil {
		if snapshot.Tried = lastScaleUp(ctx, component.Name); snapshot.Tried != nil {
			judged = judged.Knowing(snapshot.Tried)
		}
	}
	o.advised.note(*snapshot, judged)
	return judged
}

// historyOf is the past of a component over the given length of time, oldest first.
func (o *observer) historyOf(component string, length time.Duration) []scale.Point {
	return o.sampler.Past(component, length)
}
