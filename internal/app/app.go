package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	metricsclient "k8s.io/metrics/pkg/client/clientset/versioned"

	"github.com/scalebot/scalebot/internal/commands"
	"github.com/scalebot/scalebot/internal/engine"
	"github.com/scalebot/scalebot/internal/kafka"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/slackui/api"
	"github.com/scalebot/scalebot/internal/slackui/inbox"
	"github.com/scalebot/scalebot/internal/slackui/outbox"
)

// Parts are the outside systems that a caller may provide. A nil part is made from the
// configuration.
type Parts struct {
	Kubernetes kubernetes.Interface
	Dynamic    dynamic.Interface
	PodMetrics metricsclient.Interface
	// Book replaces the runbook file.
	Book *runbook.Book
	// Clock is the wall clock, except in a demo that runs faster.
	Clock pace.Clock
	// Listener serves the probes and metrics instead of HTTPAddr.
	Listener net.Listener
	// Network is how the parts that the caller does not provide connect to outside systems.
	Network Network
	// Identity names this replica in the election. Empty means host and process, which several
	// replicas in one process would share.
	Identity string
	Log      *slog.Logger
	// Version is what the version command prints.
	Version string
}

// Network says how to connect to outside systems. A nil field means the ordinary network. Tests
// set the fields to keep all connections in memory.
type Network struct {
	// Slack makes the Web API calls; SlackSocket opens the sockets.
	Slack       *http.Client
	SlackSocket *websocket.Dialer
	// Kafka opens connections to brokers.
	Kafka func(ctx context.Context, network, address string) (net.Conn, error)
	// Metrics asks Prometheus or the pods.
	Metrics *http.Client
}

// App is the bot, assembled and not yet running.
type App struct {
	config   Config
	parts    Parts
	cleanups cleanups

	engine    *engine.Engine
	slack     *api.Client
	listener  *inbox.Listener
	announcer *outbox.Announcer
	leader    *leader
	registry  *prometheus.Registry
	// components is the number of components.
	components int
	// background are functions that run until the end, beside everything else.
	background []func(context.Context) error
}

const (
	// startTimeout bounds the first call to Slack, stopTimeout the clean-ups.
	startTimeout = 15 * time.Second
	stopTimeout  = 10 * time.Second
	// deafAfter is how long the sampler may finish no round before the liveness probe fails, in
	// wall time. Even a round in which nothing answers ends long before that.
	deafAfter = 2 * time.Minute
)

// New assembles the bot. It reads the runbook file and calls Slack once, so that a wrong token or
// file is an error at once. Kafka and the cluster may be unreachable at this time.
//
// All wiring is in this one function on purpose: it shows what depends on what.
func New(ctx context.Context, config Config, parts Parts) (*App, error) {
	if parts.Log == nil {
		parts.Log = slog.New(slog.DiscardHandler)
	}
	a := &App{config: config, parts: parts, registry: prometheus.NewRegistry()}
	book, err := a.book()
	if err != nil {
		return nil, err
	}
	if err := a.connectCluster(); err != nil {
		return nil, err
	}
	reader, err := a.kafka()
	if err != nil {
		return nil, err
	}
	a.cleanups.add("the Kafka client", func(context.Context) error { reader.Close(); return nil })
	signals, err := a.signals(book.Policy.Times.RateWindow)
	if err != nil {
		return nil, a.abandon(err)
	}
	if err := a.connectSlack(ctx); err != nil {
		return nil, a.abandon(err)
	}
	store, err := a.store()
	if err != nil {
		return nil, a.abandon(err)
	}
	store = a.traced(store, book)
	directory := a.directory(book)
	a.announcer = outbox.NewAnnouncer(outbox.Config{
		Client: a.slack, AlertChannel: config.SlackChannel, Snoozes: book.Policy.Alert.Snoozes, People: directory,
	})
	a.leader = a.elect()
	cluster := a.cluster()
	a.engine = engine.New(engine.Config{
		Book: book, Kafka: reader, Metrics: signals, Store: store, Announcer: a.announcer, Directory: directory,
		Cluster: cluster, Hand: cluster, SignalsAtOnce: a.signalsAtOnce(),
		Leader: a.leader, Meter: newMeter(a.registry, book.Names()), Clock: parts.Clock, Log: parts.Log,
	})
	handler := &commands.Handler{Desk: a.engine.Desk(), Book: book, Version: parts.Version, Log: parts.Log}
	a.listener = inbox.NewListener(a.slack, inbox.ListenerConfig{
		Handlers:  inbox.Handlers{Call: handler.Call, Click: handler.Click, Operation: a.engine.Desk().Operation, TurnAway: a.engine.Desk().TurnAway},
		Directory: directory, Announcer: a.announcer, Dialer: parts.Network.SlackSocket,
	})
	a.components = len(book.Components)
	a.observe(book)
	return a, nil
}

// Components is how many components the runbook lists.
func (a *App) Components() int { return a.components }

// abandon cleans up after a failed start.
func (a *App) abandon(err error) error { return errors.Join(err, a.cleanups.close(stopTimeout)) }

// book is the runbook: the caller's, the one from the file, or the embedded one.
func (a *App) book() (*runbook.Book, error) {
	book := a.parts.Book
	switch {
	case book != nil:
	case a.config.RunbookFile == "":
		book = runbook.Default()
	default:
		var err error
		if book, err = runbook.Load(a.config.RunbookFile); err != nil {
			return nil, fmt.Errorf("reading the runbook file:\n%w", err)
		}
	}
	return book.With(a.config.Namespace), nil
}

func (a *App) kafka() (*kafka.Reader, error) {
	c := a.config
	reader, err := kafka.New(kafka.Config{
		Brokers: c.KafkaBrokers, TLS: c.KafkaTLS, SASLMechanism: c.KafkaSASLMechanism, SASLUsername: c.KafkaSASLUsername,
		SASLPassword: c.KafkaSASLPassword.Reveal(), Dialer: a.parts.Network.Kafka, Clock: a.parts.Clock, Log: a.parts.Log,
	})
	if err != nil {
		return nil, fmt.Errorf("setting up Kafka: %w", err)
	}
	return reader, nil
}

// connectSlack calls Slack once, so that a token that does not work is reported at the start.
func (a *App) connectSlack(ctx context.Context) error {
	a.slack = a.slackClient()
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if _, err := a.slack.Connect(ctx); err != nil {
		return fmt.Errorf("connecting to Slack: %w", err)
	}
	return nil
}

// Run runs the bot until the context ends. Then it first stops taking commands, and finishes the
// work in progress.
func (a *App) Run(ctx context.Context) error {
	listener := a.parts.Listener
	if listener == nil {
		var err error
		if listener, err = (&net.ListenConfig{}).Listen(ctx, "tcp", a.config.HTTPAddr); err != nil {
			return a.abandon(fmt.Errorf("listening on HTTP_ADDR %s: %w", a.config.HTTPAddr, err))
		}
	}
	server := &http.Server{Handler: a.Handler(), ReadHeaderTimeout: 5 * time.Second}
	group, running := errgroup.WithContext(ctx)
	group.Go(func() error { return ignoreClosed(server.Serve(listener)) })
	a.work(group, running)
	for _, run := range a.background {
		group.Go(func() error { return run(running) })
	}
	group.Go(func() error {
		<-running.Done()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(running), stopTimeout)
		defer cancel()
		return server.Shutdown(ctx)
	})
	a.parts.Log.InfoContext(ctx, "running", "version", a.parts.Version, "http", listener.Addr().String())
	err := group.Wait()
	return errors.Join(err, a.cleanups.close(stopTimeout))
}

// work runs everything that writes to Slack. The other parts may still announce something while
// they finish after the stop, so the announcer stops last. The lead is held until all of them
// have stopped; otherwise the next leader would do the same work at the same time.
func (a *App) work(group *errgroup.Group, running context.Context) {
	speaking, stopSpeaking := context.WithCancel(context.WithoutCancel(running))
	var speakers sync.WaitGroup
	for _, run := range []func(context.Context) error{a.engine.Run, a.listener.Run} {
		speakers.Add(1)
		group.Go(func() error { defer speakers.Done(); return run(running) })
	}
	group.Go(func() error { speakers.Wait(); stopSpeaking(); return nil })
	leading, stepDown := context.WithCancel(context.WithoutCancel(running))
	group.Go(func() error { defer stepDown(); return a.announcer.Run(speaking) })
	group.Go(func() error { return a.leader.run(leading) })
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Handler serves /healthz, /readyz and /metrics.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /healthz", probe([]Condition{{"sampler", a.alive()}}))
	mux.Handle("GET /readyz", probe([]Condition{{"slack", a.listener.Ready}, {"sampler", a.sampled}}))
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.registry, promhttp.HandlerOpts{}))
	return mux
}

// sampled reports whether the first sample of every component has been taken.
func (a *App) sampled() (bool, string) {
	if a.engine.Sampler().LastSample().IsZero() {
		return false, "the first sample is not taken yet"
	}
	return true, ""
}

// alive reports whether the sampler still finishes rounds. A round also ends when nothing
// answers, so an unreachable Kafka does not restart the bot.
func (a *App) alive() func() (bool, string) {
	started := a.parts.Clock.Now()
	limit := time.Duration(float64(deafAfter) * a.parts.Clock.Speed())
	return func() (bool, string) {
		last := a.engine.Sampler().LastSample()
		if last.IsZero() {
			last = started
		}
		if age := a.parts.Clock.Since(last); age > limit {
			return false, "no sample for " + age.Round(time.Second).String()
		}
		return true, ""
	}
}
