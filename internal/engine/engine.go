package engine

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/sampler"
	"github.com/scalebot/scalebot/internal/scale"
)

// Config holds what an engine needs.
type Config struct {
	Book      *runbook.Book
	Kafka     sampler.Kafka
	Cluster   sampler.Cluster
	Metrics   sampler.Metrics
	Hand      Hand
	Store     ledger.Store
	Announcer Announcer
	Directory Directory
	// SignalsAtOnce is for how many components the workers' signals are read at the same time; 0
	// means 8.
	SignalsAtOnce int
	// Leader is nil when this process is the only one.
	Leader Leader
	// Meter may be nil.
	Meter Meter
	// Clock is the clock of every stored time and of every duration of the runbook.
	Clock pace.Clock
	Log   *slog.Logger
}

// Engine combines desk, runner, sampler and episodes around one store.
type Engine struct {
	desk     *Desk
	runner   *Runner
	episodes *episodes
	views    *liveViews
	// changes tells runner and episodes that the store has changed.
	changes   *dispatcher
	publisher *publisher
	sampler   *sampler.Sampler
	term      *term
}

// parts are what the runner and the episodes share.
type parts struct {
	records   *records
	observer  *observer
	publisher *publisher
	term      *term
}

// longRound is how long one part of a sampling round may take when a server does not answer.
const longRound = 8 * time.Second

// New makes an engine. Nothing runs until Run. The desk may be used before that, but it knows
// nothing of any component until the first sample.
func New(c Config) *Engine {
	c = c.withDefaults()
	policy := c.policy()
	e := &Engine{term: &term{}}
	e.sampler = sampler.New(&sampler.Config{
		Book: c.Book, Policy: policy, Kafka: c.Kafka, Cluster: c.Cluster, Metrics: c.Metrics,
		SignalsAtOnce: c.SignalsAtOnce, Clock: c.Clock, Log: c.Log,
	})
	messages := newMessages(c.Clock, c.Log)
	stored := &records{store: c.Store, meter: c.Meter, clock: c.Clock, log: c.Log, written: messages.written}
	observer := &observer{sampler: e.sampler, records: stored, policy: policy, advised: &advised{}}
	e.publisher = newPublisher(c, stored, messages, e.sampler.Survive)
	statuses := &statuses{store: c.Store, records: stored, observer: observer, components: c.Book.Components, log: c.Log}
	e.views = newLiveViews(c, e.sampler, statuses)
	e.desk = &Desk{
		book: c.Book, policy: policy, clock: c.Clock, log: c.Log, meter: c.Meter, store: c.Store, hand: c.Hand,
		records: stored, observer: observer, publisher: e.publisher, access: newAccess(c), statuses: statuses, views: e.views,
		recorded: newQuota(recordedSize, quotaSpan),
	}
	leading := parts{records: stored, observer: observer, publisher: e.publisher, term: e.term}
	e.runner = newRunner(c, policy, leading, e.desk.proposeAgain)
	e.episodes = newEpisodes(c, policy, leading)
	e.changes = &dispatcher{store: c.Store, operations: e.runner.wake, episodes: e.episodes.listAgain}
	return e
}

// withDefaults fills in the optional fields.
func (c Config) withDefaults() Config {
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Leader == nil {
		c.Leader = alone{}
	}
	if c.SignalsAtOnce <= 0 {
		c.SignalsAtOnce = sampler.SignalsAtOnce
	}
	if c.Meter == nil {
		c.Meter = unmetered{}
	}
	return c
}

// policy adapts the runbook's policy to this clock. A server that does not answer delays a part
// of a round until its deadline, which is in wall time. In a demo that runs fast, that delay must
// not make the earlier reading count as stale.
func (c Config) policy() scale.Policy {
	p := c.Book.Policy
	p.Times.Stale = c.Clock.AtLeast(p.Times.Stale, longRound)
	p.Times.Gap = c.Clock.AtLeast(p.Times.Gap, longRound)
	return p
}

// Desk takes orders.
func (e *Engine) Desk() *Desk { return e.desk }

// Sampler has the newest readings of every component.
func (e *Engine) Sampler() *sampler.Sampler { return e.sampler }

// Run samples, carries out operations and follows episodes until the context ends. It
// finishes the steps in progress before it returns.
func (e *Engine) Run(ctx context.Context) error {
	defer e.term.over()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.sampler.Run(ctx, e.episodes.follow) })
	group.Go(func() error { return e.runner.run(ctx) })
	group.Go(func() error { return e.changes.run(ctx) })
	group.Go(func() error { return e.views.run(ctx) })
	group.Go(func() error { return e.publisher.run(ctx) })
	return group.Wait()
}

// alone is the leader of a single process.
type alone struct{}

func (alone) Leading() bool { return true }

type unmetered struct{}

func (unmetered) Decision(string, string, string) {}

func (unmetered) Entered(string, ledger.State) {}

func (unmetered) Effect(string, string) {}

func (unmetered) Reported(string, string, scale.Verdict, bool) {}

func (unmetered) Unreported(string, string, string) {}

// bot is the author of events that no person decided.
var bot = scale.Person{ID: "scalebot", Name: "scalebot"}
