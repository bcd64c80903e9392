package inbox

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/outbox"
	"github.com/scalebot/scalebot/internal/slackui/people"
)

const (
	// defaultSockets is how many connections the bot holds. In measurements with one connection,
	// what Slack sent while it was replaced was lost; with two, nothing was lost.
	defaultSockets = 2
	// defaultWorkers answer commands, and defaultQueue bounds what waits for them.
	defaultWorkers = 16
	defaultQueue   = 2048
	// answerTime bounds the work on one command or click.
	answerTime = 60 * time.Second
	// stopTime is how long running work gets at the end.
	stopTime = 10 * time.Second
	// An ack is due within three seconds, an answer within half an hour. So answers wait while
	// envelopes keep arriving: until none has come for lull, but at most for longestLull.
	lull        = 5 * time.Millisecond
	longestLull = 100 * time.Millisecond
)

// Handlers answer what comes from Slack.
type Handlers struct {
	Call  func(context.Context, commands.Call) commands.Answer
	Click func(context.Context, commands.Click) commands.Answer
	// Operation reads an operation for the adjust form; it may be nil.
	Operation func(ctx context.Context, id string) (ledger.Operation, error)
	// TurnAway receives every refusal that happens before the commands are called, so that it is
	// counted and recorded like any other; it may be nil.
	TurnAway func(ctx context.Context, verb string, act engine.Act, refusal *scale.Refusal)
}

// ListenerConfig is what a Listener needs besides the client. Zero values mean the
// defaults.
type ListenerConfig struct {
	Handlers  Handlers
	Directory *people.Directory
	Announcer *outbox.Announcer
	// Sockets is the number of connections, Workers how many commands are worked on
	// at once, Queue how many may wait.
	Sockets, Workers, Queue int
	// Dialer opens the WebSockets; nil means one fit for Slack.
	Dialer *websocket.Dialer
}

// Listener receives what people type and click, acknowledges it at once, and has it answered.
type Listener struct {
	client *api.Client
	cfg    ListenerConfig
	seen   *dedupe
	aloud  *pacer
	// jobs wait for a worker. urgent are jobs whose trigger expires after three seconds. sorry
	// are messages that tell people that the bot is busy.
	jobs, urgent, sorry chan job
	open                atomic.Int32
	heard               atomic.Int64 // when the last envelope came, as Unix nanoseconds
	trouble             atomic.Pointer[string]
}

// job is work for one delivery.
type job func(context.Context)

// NewListener returns a listener that is not connected yet; Run connects it.
func NewListener(c *api.Client, cfg ListenerConfig) *Listener {
	cfg.Sockets = orDefault(cfg.Sockets, defaultSockets)
	cfg.Workers = orDefault(cfg.Workers, defaultWorkers)
	cfg.Queue = orDefault(cfg.Queue, defaultQueue)
	return &Listener{
		client: c, cfg: cfg, seen: newDedupe(), aloud: newPacer(),
		jobs: make(chan job, cfg.Queue), urgent: make(chan job, 64), sorry: make(chan job, 64),
	}
}

func orDefault(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

// Ready reports whether at least one connection has had Slack's hello, and if not, why.
func (l *Listener) Ready() (ok bool, why string) {
	if l.open.Load() > 0 {
		return true, ""
	}
	if trouble := l.trouble.Load(); trouble != nil {
		return false, *trouble
	}
	return false, "no connection to Slack has said hello yet"
}

// opened changes the number of connections that have had Slack's hello.
func (l *Listener) opened(more int) {
	l.open.Add(int32(more))
	l.client.Count.Add(func(s *api.Stats) { s.Open += more })
}

// Run listens until the context ends, then finishes the work it has taken. It returns an error
// when Slack refuses the app for good, such as for a revoked token.
func (l *Listener) Run(ctx context.Context) error {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	workers := l.startWorkers(work)
	err := l.listen(ctx)
	// All sockets are closed, so nothing is added to the queues any more.
	close(l.jobs)
	close(l.urgent)
	close(l.sorry)
	grace := time.AfterFunc(stopTime, stop)
	defer grace.Stop()
	workers.Wait()
	return err
}

func (l *Listener) startWorkers(work context.Context) *sync.WaitGroup {
	var workers sync.WaitGroup
	crew := func(n int, queue <-chan job) {
		for range n {
			workers.Go(func() { l.serve(work, queue) })
		}
	}
	crew(l.cfg.Workers, l.jobs)
	crew(2, l.urgent)
	crew(1, l.sorry)
	return &workers
}

// serve runs the jobs of a queue. A panic in one job is logged and does not end the bot.
func (l *Listener) serve(work context.Context, queue <-chan job) {
	for j := range queue {
		func() {
			ctx, cancel := context.WithTimeout(work, answerTime)
			defer cancel()
			defer func() {
				if p := recover(); p != nil {
					l.client.Log.ErrorContext(ctx, "the work on a command or click panicked", "panic", fmt.Sprint(p))
				}
			}()
			l.awaitLull()
			j(ctx)
		}()
	}
}

// awaitLull lets the listener acknowledge a burst of envelopes first, when more of them wait than
// there are workers.
func (l *Listener) awaitLull() {
	end := time.Now().Add(longestLull)
	for len(l.jobs) > l.cfg.Workers && time.Now().Before(end) && time.Since(time.Unix(0, l.heard.Load())) < lull {
		time.Sleep(lull)
	}
}

// listen keeps all sockets until the context ends or one of them fails for good.
func (l *Listener) listen(ctx context.Context) error {
	sockets, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	failures := make(chan error, l.cfg.Sockets)
	var all sync.WaitGroup
	all.Go(func() { l.leave(ctx, sockets, cancel) })
	for range l.cfg.Sockets {
		all.Go(func() {
			if err := l.hold(sockets); err != nil {
				failures <- err
				cancel()
			}
		})
	}
	all.Wait()
	close(failures)
	var errs []error
	for err := range failures {
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// enqueue hands a job over without waiting; false when the queue is full.
func enqueue(queue chan<- job, j job) bool {
	select {
	case queue <- j:
		return true
	default:
		return false
	}
}
