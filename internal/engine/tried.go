package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/judge"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// triedSearched is how many operations back the last scale-up is looked for.
const triedSearched = 5

// tried is the last scale-up of a component that still matters, nil when there is none.
// It is read one by one, newest first, because the newest one nearly always answers; what
// cannot be read is stepped over. A store that does not answer leaves it out: nothing can be
// approved without the store.
func (c *core) tried(ctx context.Context, component string) *scale.Tried {
	found, err := c.Store.Newest(ctx, component, 1)
	if len(found) == 0 || err != nil {
		return c.untried(ctx, component, err)
	}
	number := found[0].Number
	for range triedSearched {
		if t := lever.LastTried(found); t != nil || number <= 1 || c.Clock.Since(found[len(found)-1].Request.At) > c.triedWithin() {
			return t
		}
		number--
		earlier, err := c.Store.Get(ctx, ledger.OperationID(component, number))
		switch {
		case err == nil:
			found = append(found, earlier)
		case !errors.Is(err, scale.ErrUnreadable):
			return c.untried(ctx, component, err)
		}
	}
	return nil
}

// untried is that none is known, with the reason in the log.
func (c *core) untried(ctx context.Context, component string, err error) *scale.Tried {
	if err != nil && ctx.Err() == nil {
		c.Log.WarnContext(ctx, "the last scale-up could not be read", "component", component, "error", err)
	}
	return nil
}

// triedWithin is how long after it was asked for a change may still speak against another
// one: as long as its last verdict may take to come, and as long as that holds.
func (c *core) triedWithin() time.Duration { return c.policy.After.Hold + longestReport(c.policy) }

// longestReport is how long after the request the last verdict on it may come.
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

// judged is a snapshot with the past and the recommendation. What the last scale-up did
// is asked for only where more workers would be recommended, or where somebody asks.
func (c *core) judged(ctx context.Context, component scale.Component, snapshot scale.Snapshot) look {
	return c.judgedBy(ctx, component, snapshot, c.tried)
}

func (c *core) judgedBy(ctx context.Context, component scale.Component, snapshot scale.Snapshot, tried func(context.Context, string) *scale.Tried) look {
	past := c.sampler.Past(component.Name, c.longestWindow())
	judged := c.judgement(ctx, component, &snapshot, past, tried)
	return look{component, snapshot, past, judged.Advice()}
}

// judgement judges a snapshot by the past that is given. What the last scale-up did is noted on the
// snapshot where it was asked for.
func (c *core) judgement(
	ctx context.Context, component scale.Component, snapshot *scale.Snapshot, past []scale.Point, tried func(context.Context, string) *scale.Tried,
) judge.Judgement {
	snapshot.Advised = c.advised.recall(*snapshot)
	judged := judge.Judge(component, c.policy, *snapshot, past)
	if judged.AsksForMore() && snapshot.Tried == nil {
		if snapshot.Tried = tried(ctx, component.Name); snapshot.Tried != nil {
			judged = judged.Knowing(snapshot.Tried)
		}
	}
	c.advised.note(*snapshot, judged)
	return judged
}
