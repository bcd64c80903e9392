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

// Config is what an engine is made of.
type Config struct {
	Book      *runbook.Book
	Kafka     sampler.Kafka
	Cluster   sampler.Cluster
	Metrics   sampler.Metrics
	Hand      Hand
	Store     ledger.Store
	Announcer Announcer
	Directory Directory
	// SignalsAtOnce is of how many components the workers' signals are read at the same time;
	// 0 means 8.
	SignalsAtOnce int
	// Leader is nil when this process is the only one.
	Leader Leader
	// Meter may be nil.
	Meter Meter
	// Clock is the clock of every stored time and of every duration of the runbook.
	Clock pace.Clock
	Log   *slog.Logger
}

// Engine is desk, runner, sampler and episodes around one store.
type Engine struct {
	*core
	desk     *Desk
	runner   *Runner
	episodes *episodes
	watches  *watches
}

// core is what the verbs share.
type core struct {
	Config
	policy  scale.Policy
	sampler *sampler.Sampler
	board   *board
	term    *term
	advised *advised
}

// longRound is how long a part of a round may take when a server does not answer.
const longRound = 8 * time.Second

// New puts an engine together. Nothing runs until Run, but the desk may be used before
// and sees an unknown world until the first sample.
func New(c Config) *Engine {
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
	shared := &core{Config: c, policy: c.Book.Policy, term: &term{}, advised: &advised{}}
	// A server that does not answer delays a part until its deadline, on the wall's clock. A
	// demo that runs fast must not call the earlier reading stale because of that.
	shared.policy.Times.Stale = shared.atLeast(shared.policy.Times.Stale, longRound)
	shared.policy.Times.Gap = shared.atLeast(shared.policy.Times.Gap, longRound)
	shared.sampler = sampler.New(&sampler.Config{
		Book: c.Book, Policy: shared.policy, Kafka: c.Kafka, Cluster: c.Cluster, Metrics: c.Metrics,
		SignalsAtOnce: c.SignalsAtOnce, Clock: c.Clock, Log: c.Log,
	})
	shared.board = newBoard(shared)
	e := &Engine{core: shared, runner: newRunner(shared), episodes: newEpisodes(shared), watches: newWatches(shared)}
	e.desk = &Desk{
		core: shared, watches: e.watches, asks: newQuota(quotaSize, quotaSpan), channels: newQuota(channelSize, quotaSpan),
		loud: newQuota(loudSize, quotaSpan), denied: newQuota(deniedSize, deniedSpan),
	}
	e.runner.ask = e.desk.again
	return e
}

// Desk takes orders.
func (e *Engine) Desk() *Desk { return e.desk }

// Sampler tells what was seen last.
func (e *Engine) Sampler() *sampler.Sampler { return e.sampler }

// Run samples, carries out operations and follows episodes until the context ends. It
// finishes the steps in progress before it returns.
func (e *Engine) Run(ctx context.Context) error {
	defer e.term.over()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return e.sampler.Run(ctx, e.episodes.follow) })
	group.Go(func() error { return e.runner.run(ctx, e.episodes.forget) })
	group.Go(func() error { return e.watches.run(ctx) })
	group.Go(func() error { return e.board.run(ctx) })
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

// bot is the author of events nobody decided.
var bot = scale.Person{ID: "scalebot", Name: "scalebot"}

// atLeast is a duration of the runbook's clock that takes at least the given wall time:
// systems and people do not run faster because the demo's clock does.
func (c *core) atLeast(d, wall time.Duration) time.Duration {
	return max(d, time.Duration(float64(wall)*c.Clock.Speed()))
}

// component finds a component by its name or an alias.
func (c *core) component(word string) (scale.Component, error) {
	component, ok := c.Book.Component(word)
	if !ok {
		return component, &scale.Refusal{
			Code: scale.RefusedNotFound, Understood: word, Why: "There is no such component in the runbook.",
			Limit: "components: " + listed(c.Book.Names()), Next: "Look at the fleet to see the names.", Try: "/scale",
		}
	}
	return component, nil
}
