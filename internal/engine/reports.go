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
	// lateAfter is from when a report counts as late; lateWall in wall time.
	lateAfter = 2 * time.Minute
	lateWall  = 15 * time.Second
	// pastBefore is how much of the time before the write the reports look at.
	pastBefore = 20 * time.Minute
	// postFor is how long a made report is tried to be posted.
	postFor = 2 * time.Hour
)

// report makes and posts the reports that are due, and ends the operation after the
// last one. Judging comes first and is stored, so that what was seen at that time is
// what is posted, however long posting takes.
func (r *Runner) report(ctx context.Context, component scale.Component, op ledger.Operation) ledger.Operation {
	for i := range op.Reports {
		one := op.Reports[i]
		if one.Pending() && !r.Clock.Now().Before(one.Due) {
			op = r.judge(ctx, component, op, i)
		}
		if one = op.Reports[i]; !one.MadeAt.IsZero() && one.Posted.IsZero() && one.Closed == "" {
			op = r.post(ctx, op, i)
		}
	}
	if op.State() != ledger.Watching || slices.ContainsFunc(op.Reports, unposted) {
		return op
	}
	done, err := r.enter(ctx, op, ledger.Event{State: ledger.Done, By: bot})
	return r.unless(ctx, err, op, done)
}

func unposted(report ledger.Report) bool { return report.Posted.IsZero() && report.Closed == "" }

// judge fills in one report and stores it.
func (r *Runner) judge(ctx context.Context, component scale.Component, op ledger.Operation, i int) ledger.Operation {
	seen, err := r.see(ctx, component, seeReport)
	if err != nil {
		return op
	}
	now := r.Clock.Now()
	past := r.sampler.Past(component.Name, now.Sub(op.Rollout().WrittenAt)+pastBefore)
	made := lever.Of(op).Report(component, r.policy, i, seen, past)
	made.MadeAt = now
	made.Late = now.Sub(made.Due) > r.atLeast(lateAfter, lateWall)
	stored, err := r.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
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
	r.mark(reportKey(op.ID, i))
	return stored
}

func reportKey(id string, i int) string { return fmt.Sprintf("%s/%d", id, i) }

// mark remembers that this process knows the whole story of a post.
func (r *Runner) mark(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.posted[key] = true
}

// take reports whether this process knows the whole story of a post, and forgets it:
// should this attempt fail, the next one has to look it up.
func (r *Runner) take(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := r.posted[key]
	delete(r.posted, key)
	return known
}

// post brings a made report into the thread, once: an attempt whose outcome nobody
// recorded is looked up first.
func (r *Runner) post(ctx context.Context, op ledger.Operation, i int) ledger.Operation {
	key := reportKey(op.ID, i)
	if !r.board.due(key, "made") {
		return op
	}
	unsure := !r.take(key)
	ref, err := r.Announcer.Report(ctx, op, i, unsure)
	closed := ""
	if err != nil {
		r.board.notShown(ctx, key, "made", err)
		if !final(err) && r.Clock.Since(op.Reports[i].MadeAt) < postFor {
			return op
		}
		closed = "it could not be posted: " + err.Error()
	}
	posted, err := r.change(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op.Reports = slices.Clone(op.Reports)
		op.Reports[i].Posted, op.Reports[i].Closed = ref, closed
		return op, nil
	})
	if err != nil {
		return r.unless(ctx, err, op, posted)
	}
	if closed == "" {
		report := posted.Reports[i]
		r.Meter.Reported(op.Component, report.Horizon, report.Verdict, report.Late)
	}
	return posted
}

// final reports whether trying again cannot help.
func final(err error) bool {
	return scale.IsFault(err, scale.FaultRejected) || scale.IsFault(err, scale.FaultForbidden) || scale.IsFault(err, scale.FaultNotFound)
}
