package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/scale"
)

// alarmShown is the version under which the board remembers that the channel was told of
// a broken glass; there is nothing to tell twice.
const alarmShown = "told"

func alarmID(op scale.Operation) string { return op.ID + "/break-glass" }

// alarmDue reports whether the channel has still to be told that somebody broke the
// glass. It waits for nothing: the change goes ahead meanwhile.
func (r *Runner) alarmDue(op scale.Operation) bool {
	_, broken := op.BrokeGlass()
	return broken && op.Alarm.IsZero() && r.board.due(alarmID(op), alarmShown)
}

// alarm tells the channel that one person carries a risky change alone, and records
// where. Only the runner does it, so that it is told once; an earlier post whose
// recording was lost is looked up.
func (r *Runner) alarm(ctx context.Context, op scale.Operation) scale.Operation {
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
	told, err := r.change(ctx, op, func(op scale.Operation) (scale.Operation, error) {
		op.Alarm = ref
		return op, nil
	})
	return r.unless(ctx, err, op, told)
}
