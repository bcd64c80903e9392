package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

// triedSearched is how many operations back the last scale-up is looked for.
const triedSearched = 5

// tried is the last scale-up of a component that still matters, nil when there is none.
// It is read one by one, newest first, because the newest one nearly always answers. A
// store that does not answer leaves it out: nothing can be approved without the store.
func (c *core) tried(ctx context.Context, component string) *scale.Tried {
	found, err := c.Store.Newest(ctx, component, 1)
	longest := c.policy.After.Hold + longestReport(c.policy)
	for range triedSearched {
		if err != nil || len(found) == 0 {
			break
		}
		op := found[len(found)-1]
		if t := scale.LastTried(found); t != nil || op.Number <= 1 || c.Clock.Since(op.Request.At) > longest {
			return t
		}
		var earlier scale.Operation
		if earlier, err = c.Store.Get(ctx, scale.OperationID(component, op.Number-1)); err == nil {
			found = append(found, earlier)
		}
	}
	if err != nil && ctx.Err() == nil {
		c.Log.WarnContext(ctx, "the last scale-up could not be read", "component", component, "error", err)
	}
	return nil
}

// longestReport is how long after the request the last verdict on it may come.
func longestReport(p scale.Policy) time.Duration {
	longest := p.Times.Expiry + p.Rollout.Deadline
	for _, h := range p.Times.Horizons {
		longest = max(longest, p.Times.Expiry+h.After)
	}
	return longest
}

// judged is a snapshot with the past and the recommendation. What the last scale-up did
// is asked for only where more workers would be recommended, or where somebody asks.
func (c *core) judged(ctx context.Context, component scale.Component, snapshot scale.Snapshot) look {
	past := c.sampler.Past(component.Name, c.longestWindow())
	advice := scale.Recommend(component, c.policy, snapshot, past)
	if advice.Action == scale.ScaleUp && snapshot.Tried == nil {
		if snapshot.Tried = c.tried(ctx, component.Name); snapshot.Tried != nil {
			advice = scale.Recommend(component, c.policy, snapshot, past)
		}
	}
	return look{component, snapshot, past, advice}
}
