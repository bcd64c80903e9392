package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// alarmShown is the version under which the board remembers that the channel was told of a
// broken glass. It never changes, because this is told once.
const alarmShown = "told"

func alarmID(op ledger.Operation) string { return op.ID + "/break-glass" }

// alarmDue reports whether the channel must still be told that somebody broke the glass. The
// change itself does not wait for that.
func (r *Runner) alarmDue(op ledger.Operation) bool {
	_, broken := op.BrokeGlass()
	return broken && op.Alarm.IsZero() && r.board.due(alarmID(op), alarmShown)
}

// alarm tells the channel that one person carries a risky change alone, and stores the
// message's place. Only the runner does this, so that it is told once. It looks in Slack for an
// earlier post whose place was not stored.
func (r *Runner) alarm(ctx context.Context, op ledger.Operation) ledger.Operation {
	if !r.alarmDue(op) {
		return op
	}
	post, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	ref, err := r.Announcer.Alarm(post, op, true)
	if err != nil {
		r.board.notShown(ctx, alarmID(op), alarmShown, err)
		return op
	}
	r.board.wasShown(alarmID(op), alarmShown)
	told, err := r.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op.Alarm = ref
		return op, nil
	})
	return r.unless(ctx, err, op, told)
}
