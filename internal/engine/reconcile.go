package engine

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// The newest finished operations are compared with what people see now and then:
	// whoever ended them may not have got to showing it, or not have lived to. Those are
	// meant that have ended within reconcileWithin; the last report on a change comes no
	// more than that after it was asked for.
	reconcileRecent = 50
	reconcileWithin = 24 * time.Hour
	// reconcileEvery is how often that is done after a change, and as long as a card is to be
	// looked after; reconcileIdle when nothing is known of that would have to be done.
	reconcileEvery = 15 * time.Second
	reconcileIdle  = 2 * time.Minute
	// sureAfter is how long after its end, in wall time, a card is shown a last time:
	// whatever edit was still on its way has arrived by then.
	sureAfter = 90 * time.Second
)

// reconcileDue reports whether the finished operations are to be looked at again.
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

// recent are the operations that were asked for within a while, newest first. Clocks of
// replicas differ, so that the newest may be from a moment to come.
func (c *core) recent(ctx context.Context, back time.Duration) ([]scale.Operation, error) {
	now := c.Clock.Now()
	return c.Store.Between(ctx, now.Add(-back), now.Add(time.Hour))
}

// reconcileOne shows one of them, and reports whether it has to be looked at again soon.
func (r *Runner) reconcileOne(ctx context.Context, op scale.Operation) (again bool) {
	ended := r.Clock.Since(op.Last().At)
	if !op.State().Final() || ended >= reconcileWithin {
		return false
	}
	// Whoever ended it is about to show it.
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
