package engine

import (
	"context"
	"sync"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

// fleet holds what is stored of all components at one moment, read in lists. Each list is read at
// most once, and only when it is needed, so that hundreds of components cost as much as one. A
// fleet serves one round or one answer and is then dropped: no decision rests on an old list, and
// every change is stored by compare and swap.
type fleet struct {
	unfinished func(context.Context) map[string][]ledger.Operation
	recent     func(context.Context) map[string][]ledger.Operation
}

// fleet returns a fleet that has read nothing yet.
func (r *records) fleet(p scale.Policy) *fleet {
	return &fleet{
		unfinished: once(func(ctx context.Context) map[string][]ledger.Operation {
			return r.byComponent(ctx, "unfinished operations", r.store.Unfinished)
		}),
		recent: once(func(ctx context.Context) map[string][]ledger.Operation {
			return r.byComponent(ctx, "recent operations", func(ctx context.Context) ([]ledger.Operation, error) {
				return r.recent(ctx, scaleUpMatters(p))
			})
		}),
	}
}

// once makes a call a single time, with the context of the first caller.
func once[T any](call func(context.Context) T) func(context.Context) T {
	var first sync.Once
	var value T
	return func(ctx context.Context) T {
		first.Do(func() { value = call(ctx) })
		return value
	}
}

// byComponent groups a list by component, the highest number first. It returns nil when the list
// cannot be read.
func (r *records) byComponent(ctx context.Context, what string, list func(context.Context) ([]ledger.Operation, error)) map[string][]ledger.Operation {
	all, err := list(ctx)
	if err != nil {
		if ctx.Err() == nil {
			r.log.WarnContext(ctx, "operations could not be read", "which", what, "error", err)
		}
		return nil
	}
	of := map[string][]ledger.Operation{}
	for _, op := range all {
		of[op.Component] = append(of[op.Component], op)
	}
	for _, ops := range of {
		newestFirst(ops)
	}
	return of
}

// underWay is the newest operation of a component that is not final; nil when there is none.
// known is false when that could not be read.
func (f *fleet) underWay(ctx context.Context, component string) (op *ledger.Operation, known bool) {
	all := f.unfinished(ctx)
	if of := all[component]; len(of) > 0 {
		return &of[0], true
	}
	return nil, all != nil
}

// lastScaleUp is the last scale-up of a component that is recent enough to matter, nil when there
// is none.
func (f *fleet) lastScaleUp(ctx context.Context, component string) *scale.Tried {
	of := f.recent(ctx)[component]
	return lever.LastTried(of[:min(len(of), scaleUpSearched)])
}
