package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// alarmVersion marks an alarm as posted in messages. It never changes, because an alarm is posted
// once.
const alarmVersion = "posted"

func alarmID(op ledger.Operation) string { return op.ID + "/break-glass" }

// alarmDue reports whether the alarm that somebody broke the glass still has to be posted. The
// change itself does not wait for the alarm.
func (r *Runner) alarmDue(op ledger.Operation) bool {
	_, broken := op.BrokeGlass()
	return broken && op.Alarm.IsZero() && r.messages.due(alarmID(op), alarmVersion)
}

// alarm posts in the channel that one person approved a risky change alone, and stores where the
// message is. Only the runner posts it, so it is posted once. If an earlier post may exist whose
// location was not stored, alarm searches Slack for it first.
func (r *Runner) alarm(ctx context.Context, op ledger.Operation) ledger.Operation {
	if !r.alarmDue(op) {
		return op
	}
	post, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	ref, err := r.announcer.Alarm(post, op, MaybePosted)
	if err != nil {
		r.messages.notShown(ctx, alarmID(op), alarmVersion, err)
		return op
	}
	r.messages.shown(alarmID(op), alarmVersion)
	posted, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op.Alarm = ref
		return op, nil
	})
	return r.unless(ctx, err, op, posted)
}
