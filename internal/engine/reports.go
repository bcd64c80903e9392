package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/lever"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// lateAfter is after how much delay a report counts as late; lateWall is the least in
	// wall time.
	lateAfter = 2 * time.Minute
	lateWall  = 15 * time.Second
	// pastBefore is how much of the time before the write the reports count.
	pastBefore = 20 * time.Minute
	// postFor is how long the bot tries to post a report that it has made.
	postFor = 2 * time.Hour
)

// report makes and posts the reports that are due, and ends the operation after the last one. It
// judges first and stores the result, so that the posted report says what was seen at that time,
// however long posting takes.
func (r *Runner) report(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	for i := range op.Reports {
		report := op.Reports[i]
		if report.Pending() && !r.clock.Now().Before(report.Due) {
			op = r.judge(ctx, component, op, i)
		}
		if report = op.Reports[i]; !report.MadeAt.IsZero() && report.Posted.IsZero() && report.Closed == "" {
			op = r.post(ctx, op, i)
		}
	}
	if op.State() != ledger.Watching || slices.ContainsFunc(op.Reports, unposted) {
		return op
	}
	done, err := r.records.enter(ctx, op, ledger.Event{State: ledger.Done, By: bot})
	return r.unless(ctx, err, op, done)
}

func unposted(report ledger.Report) bool { return report.Posted.IsZero() && report.Closed == "" }

// judge fills in one report and stores it.
func (r *Runner) judge(ctx context.Context, component scale.Component, op ledger.Operation, i int) ledger.Operation {
	seen, err := r.observer.read(ctx, component, readReport)
	if err != nil {
		return op
	}
	now := r.clock.Now()
	past := r.observer.historyOf(component.Name, now.Sub(op.Rollout().WrittenAt)+pastBefore)
	made := lever.Of(op).Report(component, r.policy, i, seen, past)
	made.MadeAt = now
	made.Late = now.Sub(made.Due) > r.clock.AtLeast(lateAfter, lateWall)
	stored, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		if !op.Reports[i].Pending() {
			return op, fmt.Errorf("report %s of %s is not pending any more", made.Horizon, op.ID)
		}
		op.Reports = slices.Clone(op.Reports)
		op.Reports[i] = made
		return op, nil
	})
	if err != nil {
		return r.unless(ctx, err, op, stored)
	}
	r.wasMade(reportKey(op.ID, i))
	return stored
}

func reportKey(id string, i int) string { return fmt.Sprintf("%s/%d", id, i) }

// wasMade notes that this process has made a report and has not posted it yet.
func (r *Runner) wasMade(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made[key] = true
}

// beginPost says what is known of a report that is about to be posted. At the first attempt, the
// process that made the report knows that it is not posted yet. After a failed attempt it has to
// search.
func (r *Runner) beginPost(key string) Knowledge {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.made[key] {
		return MaybePosted
	}
	delete(r.made, key)
	return Known
}

// post posts a report in the thread, once. If the outcome of an earlier attempt was not recorded,
// it searches Slack for the report first.
func (r *Runner) post(ctx context.Context, op ledger.Operation, i int) ledger.Operation {
	key := reportKey(op.ID, i)
	if !r.messages.due(key, "made") {
		return op
	}
	ref, err := r.announcer.Report(ctx, op, i, r.beginPost(key))
	closed := ""
	if err != nil {
		r.messages.notShown(ctx, key, "made", err)
		if !final(err) && r.clock.Since(op.Reports[i].MadeAt) < postFor {
			return op
		}
		closed = "it could not be posted: " + err.Error()
	}
	posted, err := r.records.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op.Reports = slices.Clone(op.Reports)
		op.Reports[i].Posted, op.Reports[i].Closed = ref, closed
		return op, nil
	})
	if err != nil {
		return r.unless(ctx, err, op, posted)
	}
	if closed == "" {
		report := posted.Reports[i]
		r.meter.Reported(op.Component, report.Horizon, report.Verdict, report.Late)
	}
	return posted
}

// final reports whether trying again cannot help.
func final(err error) bool {
	return scale.IsFault(err, scale.FaultRejected) || scale.IsFault(err, scale.FaultForbidden) || scale.IsFault(err, scale.FaultNotFound)
}
