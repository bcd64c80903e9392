package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// scaleUpSearched is how many of the newest operations are searched for the last scale-up.
const scaleUpSearched = 5

// lastScaleUp is the last scale-up of a component that is recent enough to matter, nil when there
// is none. It reads the operations one by one, newest first, because the newest one nearly always
// answers. It skips an operation that cannot be read. If the store does not answer, it returns
// nil: nothing can be approved without the store anyway.
func (o *observer) lastScaleUp(ctx context.Context, component string) *scale.Tried {
	found, err := o.records.store.Newest(ctx, component, 1)
	if len(found) == 0 || err != nil {
		return o.noScaleUp(ctx, component, err)
	}
	number := found[0].Number
	for range scaleUpSearched {
		oldest := found[len(found)-1].Request.At
		if t := lever.LastTried(found); t != nil || number <= 1 || o.records.clock.Since(oldest) > scaleUpMatters(o.policy) {
			return t
		}
		number--
		earlier, err := o.records.store.Get(ctx, ledger.OperationID(component, number))
		switch {
		case err == nil:
			found = append(found, earlier)
		case !errors.Is(err, scale.ErrUnreadable):
			return o.noScaleUp(ctx, component, err)
		}
	}
	return nil
}

// noScaleUp logs why no last scale-up is known, and returns nil.
func (o *observer) noScaleUp(ctx context.Context, component string, err error) *scale.Tried {
	if err != nil && ctx.Err() == nil {
		o.records.log.WarnContext(ctx, "the last scale-up could not be read", "component", component, "error", err)
	}
	return nil
}

// scaleUpMatters is for how long after its request a scale-up may still speak against another
// one: the time until its last verdict, plus the time for which a verdict holds.
func scaleUpMatters(p scale.Policy) time.Duration { return p.After.Hold + longestReport(p) }

// longestReport is how long after the request the last report on it may come.
func longestReport(p scale.Policy) time.Duration {
	longest := p.Times.Expiry + p.Rollout.Deadline
	for _, h := range p.Times.Horizons {
		longest = max(longest, p.Times.Expiry+h.After)
	}
	return longest
}

// newestFirst orders the operations of one component by their numbers, because the clocks of
// several replicas never agree.
func newestFirst(ops []ledger.Operation) {
	slices.SortFunc(ops, func(a, b ledger.Operation) int { return b.Number - a.Number })
}
