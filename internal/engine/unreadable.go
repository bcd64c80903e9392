package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

// warned adds a warning to a proposal whose number is higher than expected: there are records
// between it and the last readable operation that this version cannot read. The component may
// still be changed, but whoever approves has to know that one of those records may be a running
// change.
func (d *Desk) warned(ctx context.Context, op ledger.Operation, wanted int) ledger.Operation {
	if op.Number <= wanted {
		return op
	}
	what := ledger.OperationID(op.Component, wanted) + " is"
	if last := op.Number - 1; last > wanted {
		what = fmt.Sprintf("%s to %s are", ledger.OperationID(op.Component, wanted), ledger.OperationID(op.Component, last))
	}
	warning := what + " stored in a form that this version of the bot cannot read, so whether that change is still under way is not known."
	warned, err := d.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op.Plan.Warnings = append(op.Plan.Warnings[:len(op.Plan.Warnings):len(op.Plan.Warnings)], warning)
		return op, nil
	})
	if err != nil {
		d.log.WarnContext(ctx, "a warning on a proposal could not be stored", "operation", op.ID, "warning", warning, "error", err)
		return op
	}
	return warned
}

// allRead returns an error unless every change after op could be read: the numbers from op to
// the newest have no gap, and no unreadable record has the number after the newest. newer are
// the changes that were read, newest first; the oldest of them may be missing.
func (r *records) allRead(ctx context.Context, op ledger.Operation, newer []ledger.Operation) error {
	next := op.Number + 1
	if len(newer) > 0 {
		next = newer[0].Number + 1
	}
	for i, later := range newer {
		if i > 0 && later.Number != newer[i-1].Number-1 {
			return fmt.Errorf("reading what came before %s: %w", newer[i-1].ID, scale.ErrUnreadable)
		}
	}
	if n := len(newer); n > 0 && n < newerSearched && newer[n-1].Number != op.Number+1 {
		return fmt.Errorf("reading what came before %s: %w", newer[n-1].ID, scale.ErrUnreadable)
	}
	_, err := r.store.Get(ctx, ledger.OperationID(op.Component, next))
	if errors.Is(err, scale.ErrNotStored) {
		return nil
	}
	return err
}
