package engine

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// runnerEvery is how often the runner checks what is due when nothing wakes it, on the
	// runbook's clock and at least in wall time.
	runnerEvery = time.Second
	runnerFloor = 200 * time.Millisecond
	// stepsAtOnce bounds the operations worked on at the same moment.
	stepsAtOnce = 16
	// stepTimeout is the deadline of one step, in wall time.
	stepTimeout = time.Minute
	// openEvery is how often, in wall time, the unfinished operations are read again although the
	// store has reported no change.
	openEvery = 10 * time.Second
	// deskGrace is how long the replica that took an order has to post its card before the leader
	// does, in wall time. It is longer than storing the order and the first attempt may take, and
	// allows for clocks that differ.
	deskGrace = 2 * announceTimeout
	// Finished operations are retained for a time, and the newest ones of each component longer.
	retainOperations = 100
	retainFor        = 90 * 24 * time.Hour
	pruneEvery       = time.Hour
)

// Runner carries operations out, on the leader only: expiry, write, rollout, reverts, reports. It
// can lose its memory at any time: every step starts from what is stored and ends by storing
//
type Runner struct {
	book      *runbook.Book
	policy    scale.Policy
	clock     pace.Clock
	log       *slog.Logger
	meter     Meter
	leader    Leader
	announcer Announcer
	hand      Hand
	store     ledger.Store
	sampler   *sampler.Sampler
	records   *records
	observer  *observer
	publisher *publisher
	messages  *messages
	term      *term
	// proposeAgain makes a new proposal for an approved operation whose component has changed.
	proposeAgain func(ctx context.Context, op ledger.Operation)
	// changes is signalled when the store has reported a changed operation.
	changes chan struct{}

	mu sync.Mutex
	// busy holds the operations that have a step in progress.
	busy map[string]bool
	// made holds the reports that this process has made and not tried to post yet. A replica that
	// crashed may have posted any other report, so those are searched in Slack first.
	made map[string]bool
	// checked is when an open proposal was last compared with the component.
	checked map[string]time.Time
	// pauses space out retries after failures.
	pauses map[string]pause

	// attempted is when a write with an unknown outcome was last sent; since is when this process
	// began to lead.
	attempted map[string]lostWrite
	since     time.Time
	// closed holds the changes after which the rollback of the change before them is known to be
	// withdrawn.
	closed map[string]bool
	// superseded holds the changes that have superseded everything older.
	superseded map[string]bool

	// unfinished says that a card could still be wrong after the last reconciling.
	unfinished bool

	// Only the loop of run uses the fields below.
	open       []ledger.Operation
	read       time.Time
	changed    time.Time
	reconciled time.Time
	pruned     time.Time
}

func newRunner(c Config, policy scale.Policy, p parts, proposeAgain func(context.Context, ledger.Operation)) *Runner {
	return &Runner{
		book: c.Book, policy: policy, clock: c.Clock, log: c.Log, meter: c.Meter, leader: c.Leader, announcer: c.Announcer, hand: c.Hand, store: c.Store,
		sampler: p.observer.sampler, records: p.records, observer: p.observer, publisher: p.publisher, messages: p.publisher.messages, term: p.term,
		proposeAgain: proposeAgain, changes: make(chan struct{}, 1),
		busy: map[string]bool{}, made: map[string]bool{}, checked: map[string]time.Time{}, pauses: map[string]pause{}, attempted: map[string]lostWrite{}, closed: map[string]bool{}, superseded: map[string]bool{},
	}
}

// wake has the runner read the unfinished operations again. It does not block.
func (r *Runner) wake() {
	select {
	case r.changes <- struct{}{}:
	default:
	}
}

// run makes steps until the context ends, and finishes the steps in progress.
func (r *Runner) run(ctx context.Context) error {
	var steps sync.WaitGroup
	defer steps.Wait()
	slots := make(chan struct{}, stepsAtOnce)
	ticker := r.clock.NewTicker(runnerEvery, runnerFloor)
	defer ticker.Stop()
	for {
		if r.leads(ctx) {
			r.pass(ctx, &steps, slots)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-r.changes:
			r.read = time.Time{}
		case <-ticker.C:
		}
	}
}

// leads starts and ends the term with the lead. A new leader forgets what it remembers of an
// earlier term, because another leader may have acted since. A process that has lost the lead
// gives up its steps; the new leader makes them again.
func (r *Runner) leads(ctx context.Context) bool {
	if !r.leader.Leading() {
		r.term.over()
		return false
	}
	if r.term.begin(ctx) {
		r.mu.Lock()
		r.since = r.clock.Now()
		r.mu.Unlock()
		r.reconciled = time.Time{}
		r.messages.distrustAll()
	}
	return true
}

// pass starts one step for every unfinished operation that has none in progress. A step is
// finished when ctx ends, but not when the term ends.
func (r *Runner) pass(ctx context.Context, steps *sync.WaitGroup, slots chan struct{}) {
	if !r.refresh(ctx) {
		return
	}
	term := r.term.now()
	if now := r.clock.Now(); r.reconcileDue(now) && r.claim("") {
		r.reconciled = now
		steps.Go(func() {
			// Pruning stops when the lead is lost or the process stops: the next leader prunes
			// too.
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer context.AfterFunc(term, cancel)()
			defer r.release("")
			r.reconcile(ctx)
		})
	}
	for _, op := range r.open {
		if r.resting(op) || !r.claim(op.ID) {
			continue
		}
		select {
		case slots <- struct{}{}:
			steps.Go(func() {
				defer func() { <-slots; r.release(op.ID) }()
				r.step(term, op)
			})
		default:
			r.release(op.ID)
		}
	}
	r.prune(ctx)
}

// refresh reads the unfinished operations again when something has changed, and from time to
// time.
func (r *Runner) refresh(ctx context.Context) bool {
	now := r.clock.Now()
	if !r.read.IsZero() && now.Sub(r.read) < r.clock.AtLeast(openEvery, openEvery) {
		return true
	}
	open, err := r.store.Unfinished(ctx)
	if err != nil {
		r.log.WarnContext(ctx, "unfinished operations could not be read", "error", err)
		return false
	}
	if slices.ContainsFunc(r.open, func(before ledger.Operation) bool {
		return !slices.ContainsFunc(open, func(now ledger.Operation) bool { return now.ID == before.ID })
	}) {
		r.changed = now // the replica that ended an operation may not have shown it
	}
	r.open, r.read = open, now
	r.forget(open)
	return true
}

func (r *Runner) claim(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id] {
		return false
	}
	r.busy[id] = true
	return true
}

func (r *Runner) release(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, id)
}

// resting reports whether an operation only waits and nothing is due, so that most of an hour
// costs nothing.
func (r *Runner) resting(op ledger.Operation) bool {
	now := r.clock.Now()
	// The desk that made a proposal shows it, and may be doing so right now.
	due := r.messages.due(op.ID, op.Version) && !(op.State() == ledger.Proposed && r.publisher.publishing(op.ID))
	if due || r.alarmDue(op) || r.publisher.lostCardDue(op) {
		return false
	}
	switch op.State() {
	case ledger.Proposed:
		return now.Before(op.Request.ExpiresAt) && !r.checkDue(op.ID, now)
	case ledger.Settling:
		return now.Sub(op.Rollout().Now.At) < r.policy.Times.Live
	case ledger.Watching:
		if !slices.ContainsFunc(op.Reports, unposted) {
			return false // every report is posted, but the end could not be stored
		}
		return !r.revertCheckDue(op, now) && !slices.ContainsFunc(op.Reports, func(report ledger.Report) bool {
			return unposted(report) && (!report.Pending() || !now.Before(report.Due))
		})
	case ledger.Approved, ledger.Applying, ledger.Done, ledger.Failed, ledger.Superseded, ledger.Declined, ledger.Cancelled, ledger.Expired, ledger.Replaced:
	}
	return false
}

// forget drops what is remembered of operations that have ended.
func (r *Runner) forget(open []ledger.Operation) {
	ids := map[string]bool{}
	for _, op := range open {
		ids[op.ID] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.checked, func(id string, _ time.Time) bool { return !ids[id] })
	maps.DeleteFunc(r.attempted, func(id string, _ lostWrite) bool { return !ids[id] })
	maps.DeleteFunc(r.pauses, func(id string, _ pause) bool { return !ids[id] })
	maps.DeleteFunc(r.closed, func(id string, _ bool) bool { return !ids[id] })
	maps.DeleteFunc(r.superseded, func(id string, _ bool) bool { return !ids[id] })
	if len(r.made) > maxMessages {
		clear(r.made) // a forgotten report is searched in Slack once more
	}
}

// step moves one operation on by one step, within stepTimeout. A step that has begun is finished
// when the process stops, but not when the lead is lost.
func (r *Runner) step(term context.Context, listed ledger.Operation) {
	ctx, cancel := context.WithTimeout(term, stepTimeout)
	defer cancel()
	defer r.sampler.Survive(ctx, "step of "+listed.ID)
	op, err := r.newest(ctx, listed)
	if err != nil {
		r.log.WarnContext(ctx, "operation could not be read", "operation", listed.ID, "error", err)
		return
	}
	component, known := r.book.Component(op.Component)
	if !known {
		r.show(ctx, r.orphaned(ctx, op))
		return
	}
	switch op.State() {
	case ledger.Proposed:
		op = r.followProposal(ctx, component, op)
	case ledger.Approved, ledger.Applying:
		op = r.carryOut(ctx, component, op)
	case ledger.Settling:
		op = r.settle(ctx, component, op)
	case ledger.Watching:
		op = r.watch(ctx, component, op)
	case ledger.Done, ledger.Failed, ledger.Superseded, ledger.Declined, ledger.Cancelled, ledger.Expired, ledger.Replaced:
	}
	r.show(ctx, op)
}

// newest returns an operation as it is stored. Once the count is set, a version that this process
// stored last in this term need not be read again. From then on a wrong version does no harm: the
// record is changed by compare and swap, and a report is stored before it is posted.
func (r *Runner) newest(ctx context.Context, listed ledger.Operation) (ledger.Operation, error) {
	if state := listed.State(); (state == ledger.Settling || state == ledger.Watching) && r.messages.wroteLast(listed.ID, listed.Version) {
		return listed, nil
	}
	return r.store.Get(ctx, listed.ID)
}

// show updates the card. Before that it posts the alarm if somebody broke the glass.
func (r *Runner) show(ctx context.Context, op ledger.Operation) ledger.Operation {
	return r.publisher.operation(ctx, r.alarm(ctx, op))
}

// orphaned ends an operation whose component is not in the runbook any more.
func (r *Runner) orphaned(ctx context.Context, op ledger.Operation) ledger.Operation {
	const code, why = "component_removed", "the component is not in the runbook any more"
	if op.State() == ledger.Applying && r.mayLand(op) {
		return op
	}
	if op.State() != ledger.Proposed {
		return r.fail(ctx, op, code, why)
	}
	expired, err := r.records.enter(ctx, op, ledger.Event{State: ledger.Expired, By: bot, Code: code, Note: why})
	return r.unless(ctx, err, op, expired)
}

// prune deletes old finished operations.
func (r *Runner) prune(ctx context.Context) {
	now := r.clock.Now()
	if now.Sub(r.pruned) < pruneEvery {
		return
	}
	r.pruned = now
	if err := r.store.Prune(ctx, retainOperations, now.Add(-retainFor)); err != nil {
		r.log.WarnContext(ctx, "old operations were not pruned", "error", err)
	}
}

// fail ends an operation with the reason, and closes the reports that are still due.
func (r *Runner) fail(ctx context.Context, op ledger.Operation, code, why string) ledger.Operation {
	failed, err := r.records.changeInState(ctx, op, func(op ledger.Operation) (ledger.Operation, error) {
		op = closeReports(op, "the change failed: "+why)
		return op.To(ledger.Event{State: ledger.Failed, At: r.clock.Now(), By: bot, Code: code, Note: why})
	})
	if err != nil {
		r.log.WarnContext(ctx, "the failure of an operation could not be stored", "operation", op.ID, "error", err)
		return op
	}
	return failed
}

// closeReports notes on every report that is still due why it will not come.
func closeReports(op ledger.Operation, why string) ledger.Operation {
	op.Reports = append([]ledger.Report(nil), op.Reports...)
	for i := range op.Reports {
		if unposted(op.Reports[i]) {
			op.Reports[i].Closed = why
		}
	}
	return op
}
