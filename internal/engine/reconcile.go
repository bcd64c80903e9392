package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
)

const (
	// The leader compares the newest finished operations with their cards, because the replica
	// that ended one may have failed to show it, or crashed. It checks operations that ended
	// within reconcileWithin, which covers the last report on a change.
	// for.
	reconcileRecent = 50
	reconcileWithin = 24 * time.Hour
	// reconcileEvery is how often it does so after a change, and while a card may be wrong;
	// reconcileIdle is how often otherwise.
	reconcileEvery = 15 * time.Second
	reconcileIdle  = 2 * time.Minute
	// repeatAfter is how long after an operation's end its card is shown once more, in wall time:
	// every earlier edit has reached Slack by then.
	repeatAfter = 90 * time.Second
)

// reconcileDue reports whether the leader should check the finished operations again.
func (r *Runner) reconcileDue(now time.Time) bool {
	r.mu.Lock()
	unfinished := r.unfinished
	r.mu.Unlock()
	every := reconcileIdle
	if unfinished || !r.changed.Before(r.reconciled) {
		every = reconcileEvery
	}
	return now.Sub(r.reconciled) >= r.clock.AtLeast(every, every)
}

// reconcile shows the newest finished operations as they are stored. It costs nothing
// for those that this process has shown.
func (r *Runner) reconcile(ctx context.Context) {
	recent, err := r.records.recent(ctx, 2*reconcileWithin)
	if err != nil {
		r.log.WarnContext(ctx, "recent operations could not be read", "error", err)
	}
	unfinished := err != nil
	for _, op := range recent[:min(reconcileRecent, len(recent))] {
		unfinished = r.reconcileOne(ctx, op) || unfinished
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unfinished = unfinished
}

// reconcileOne shows one finished operation, and reports whether to check it again soon.
func (r *Runner) reconcileOne(ctx context.Context, op ledger.Operation) (soon bool) {
	ended := r.clock.Since(op.Last().At)
	if !op.State().Final() || ended >= reconcileWithin {
		return false
	}
	// The replica that ended the operation is about to show it.
	if ended < r.clock.AtLeast(deskGrace, deskGrace) && !r.messages.failed(op.ID) {
		return true
	}
	late := ended >= r.clock.AtLeast(repeatAfter, repeatAfter)
	if late {
		r.messages.repeat(op.ID)
	}
	op = r.show(ctx, op)
	_, untold := untoldLostCard(op)
	return !late || untold || !r.messages.current(op.ID, op.Version)
}
