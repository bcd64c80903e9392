package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
)

const (
	// The leader compares the newest finished operations with what people see, because whoever
	// ended one may have failed to show it, or crashed. It looks at those that ended within
	// reconcileWithin: the last report on a change comes no later than that after it was asked
	// for.
	reconcileRecent = 50
	reconcileWithin = 24 * time.Hour
	// reconcileEvery is how often it does so after a change, and while a card is not known to
	// be right; reconcileIdle is how often otherwise.
	reconcileEvery = 15 * time.Second
	reconcileIdle  = 2 * time.Minute
	// sureAfter is how long after an operation's end its card is shown once more, in wall time:
	// every earlier edit has reached Slack by then.
	sureAfter = 90 * time.Second
)

// reconcileDue reports whether the leader should look at the finished operations again.
func (r *Runner) reconcileDue(now time.Time) bool {
	r.mu.Lock()
	careful := r.careful
	r.mu.Unlock()
	every := reconcileIdle
	if careful || !r.changed.Before(r.reconciled) {
		every = reconcileEvery
	}
	return now.Sub(r.reconciled) >= r.atLeast(every, every)
}

// reconcile shows the newest finished operations as they are stored. It costs nothing
// for those that this process has shown.
func (r *Runner) reconcile(ctx context.Context) {
	recent, err := r.recent(ctx, 2*reconcileWithin)
	if err != nil {
		r.Log.WarnContext(ctx, "recent operations could not be read", "error", err)
	}
	careful := err != nil
	for _, op := range recent[:min(reconcileRecent, len(recent))] {
		careful = r.reconcileOne(ctx, op) || careful
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.careful = careful
}

// recent are the operations that were asked for within the given time, newest first. The clocks
// of replicas differ, so that the newest may have a time in the future.
func (c *core) recent(ctx context.Context, back time.Duration) ([]ledger.Operation, error) {
	now := c.Clock.Now()
	return c.Store.Between(ctx, now.Add(-back), now.Add(time.Hour))
}

// reconcileOne shows one of them, and reports whether it has to be looked at again soon.
func (r *Runner) reconcileOne(ctx context.Context, op ledger.Operation) (again bool) {
	ended := r.Clock.Since(op.Last().At)
	if !op.State().Final() || ended >= reconcileWithin {
		return false
	}
	// The replica that ended it is about to show it.
	if ended < r.atLeast(deskGrace, deskGrace) && !r.board.owes(op.ID) {
		return true
	}
	sure := ended >= r.atLeast(sureAfter, sureAfter)
	if sure {
		r.board.makeSure(op.ID)
	}
	op = r.show(ctx, op)
	_, owed := asideOwed(op)
	return !sure || owed || r.board.pending(op.ID, op.Version)
}
