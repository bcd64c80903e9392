package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// closeWayBack notes on a failed change that a later change has taken effect, as its rollback or
// otherwise, so that its card does not offer a rollback that would be refused. Every step of the
// later change calls it, in case the process that wrote crashed before it did so. Once done, it
// reads nothing more.
func (r *Runner) closeWayBack(ctx context.Context, by ledger.Operation) {
	if r.wayBackClosed(by.ID, false) {
		return
	}
	op, found, err := r.writtenBefore(ctx, by)
	if err == nil && found && op.State() == ledger.Failed && op.Rollout().RolledBackBy == "" && op.Rollout().OvertakenBy == "" {
		op, err = r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
			return op.WithStep(func(s *ledger.Step) {
				if by.Request.Undoes == op.ID {
					s.Rollout.RolledBackBy = by.ID
				} else {
					s.Rollout.OvertakenBy = by.ID
				}
			}), nil
		})
		if err == nil {
			r.publisher.operation(ctx, op)
		}
	}
	if err != nil {
		r.log.WarnContext(ctx, "could not note on an earlier failed change that a later one took effect", "by", by.ID, "error", err)
		return
	}
	r.wayBackClosed(by.ID, true)
}

// wayBackClosed reports whether this process has called closeWayBack for the given change; done
// records that it has.
func (r *Runner) wayBackClosed(id string, done bool) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if done {
		r.closed[id] = true
	}
	return r.closed[id]
}

// writtenBefore is the newest earlier change of the component that took effect; found is false
// when there is none among the recent ones.
func (r *Runner) writtenBefore(ctx context.Context, by ledger.Operation) (op ledger.Operation, found bool, err error) {
	if id := by.Request.Undoes; id != "" {
		op, err = r.store.Get(ctx, id)
		return op, err == nil, err
	}
	if by.Number <= 1 {
		return op, false, nil
	}
	recent, err := r.store.Newest(ctx, by.Component, newerSearched)
	for _, op := range recent {
		if op.Number < by.Number && op.Written() {
			return op, true, err
		}
	}
	return op, false, err
}
