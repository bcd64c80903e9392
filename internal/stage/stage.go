package stage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/scalebot/scalebot/internal/app"
	"github.com/scalebot/scalebot/internal/demo"
	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/runbook"
	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/secret"
	"github.com/scalebot/scalebot/internal/slackemu"
)

// Config says what to run and how fast.
type Config struct {
	// Addr is where the page, the emulator and the world are served.
	Addr string
	// Speed is how many times faster than the wall the runbook's clock runs.
	Speed float64
	// Scenario is the incident to start with.
	Scenario string
	Log      *slog.Logger
	// Version is the version that the bot reports.
	Version string
	// Seed makes the simulated world repeatable; zero is a seed like any other.
	Seed uint64

	// brokers replace the simulated Kafka, for tests of a Kafka that does not answer.
	brokers []string
	// network is loopback, unless a test keeps all connections in memory.
	network network
}

// Stage is the running play.
type Stage struct {
	url     string
	world   *demo.World
	slack   *slackemu.Server
	server  *http.Server
	bot     *app.App
	face    net.Listener
	group   *errgroup.Group
	running context.Context
	stop    context.CancelFunc
}

// IncidentChannel is where alerts go.
const IncidentChannel = "C0INCIDENT"

// Scenarios lists the incidents that can be played.
func Scenarios() []string { return demo.Scenarios() }

// ReportTimes says how long the reports take at a speed, for people: "5 min, 15 min and 1 h" at
// speed 1.
func ReportTimes(speed float64) string {
	clock := pace.New(speed)
	var times []string
	for _, h := range runbook.Default().Policy.Times.Horizons {
		times = append(times, scale.Span(clock.Wall(h.After)))
	}
	return scale.Listed(times)
}

// patience is how long a person may take to press a button, in wall time: people do not
// run faster because the demo's clock does.
const patience = 90 * time.Second

// slowness is how old a reading may be in wall time before it counts as unknown: a busy
// machine does not answer faster because the demo's clock runs faster.
const slowness = 4 * time.Second

// Start starts the world, the Slack emulator and the bot, and returns once all of them run. They
// stop when ctx ends; the caller must call Close in any case.
func Start(ctx context.Context, config Config) (*Stage, error) {
	if !slices.Contains(Scenarios(), config.Scenario) {
		return nil, fmt.Errorf("there is no scenario %q; there are %s", config.Scenario, strings.Join(Scenarios(), ", "))
	}
	listener, err := config.network.listen(ctx, config.Addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (choose another with --addr): %w", config.Addr, err)
	}
	clock := pace.New(config.Speed)
	s := &Stage{url: "http://" + listener.Addr().String()}
	if err := s.build(ctx, config, clock, listener); err != nil {
		return nil, errors.Join(err, s.Close(), ignoreClosed(listener.Close()))
	}
	return s, nil
}

// StartEmulator serves the Slack emulator without a bot, for any other Slack app.
func StartEmulator(ctx context.Context, addr string) (*Stage, error) {
	listener, err := network{}.listen(ctx, addr)
	if err != nil {
		return nil, fmt.Errorf("listening on %s (choose another with --addr): %w", addr, err)
	}
	s := &Stage{url: "http://" + listener.Addr().String()}
	s.running, s.stop = context.WithCancel(ctx)
	s.group, s.running = errgroup.WithContext(s.running)
	s.slack = slackemu.New(slackemu.Config{AnyToken: true})
	s.slack.SetBaseURL(s.url)
	s.serve(listener, s.slack.Handler())
	return s, nil
}

func (s *Stage) build(ctx context.Context, config Config, clock pace.Clock, listener net.Listener) error {
	s.running, s.stop = context.WithCancel(ctx)
	s.group, s.running = errgroup.WithContext(s.running)
	var err error
	if s.world, err = demo.Start(s.running, demo.Config{
		Clock: clock, Log: config.Log, Seed: config.Seed, Listen: config.network.Pods, Kafka: config.network.Kafka,
	}); err != nil {
		return fmt.Errorf("building the pretend world: %w", err)
	}
	s.slack = slackemu.New(slackemu.Config{Clock: clock, Log: config.Log})
	s.slack.SetBaseURL(s.url)
	mux := http.NewServeMux()
	mux.Handle("/world/", s.world.Handler())
	mux.Handle("/", s.slack.Handler())
	s.serve(listener, mux)
	if err := s.startBot(config, clock); err != nil {
		return err
	}
	if err := s.world.Play(config.Scenario); err != nil {
		return fmt.Errorf("playing %s: %w", config.Scenario, err)
	}
	return nil
}

// serve puts everything under one address.
func (s *Stage) serve(listener net.Listener, handler http.Handler) {
	s.server = &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	s.group.Go(func() error { return ignoreClosed(s.server.Serve(listener)) })
	s.group.Go(func() error { return s.slack.Run(s.running) })
}

// startBot starts the real bot and connects it to the emulator and the world.
func (s *Stage) startBot(config Config, clock pace.Clock) error {
	brokers := config.brokers
	if brokers == nil {
		brokers = s.world.Brokers()
	}
	var err error
	if s.face, err = config.network.listen(s.running, "127.0.0.1:0"); err != nil {
		return fmt.Errorf("listening for the bot's own face: %w", err)
	}
	s.bot, err = app.New(s.running, app.Config{
		SlackBotToken: secret.Text(s.slack.BotToken()), SlackAppToken: secret.Text(s.slack.AppToken()), SlackAPIURL: s.url + "/api/",
		SlackChannel: IncidentChannel, KafkaBrokers: brokers, Namespace: demo.Namespace, Store: app.StoreMemory,
	}, app.Parts{
		Kubernetes: s.world.Kubernetes(), Dynamic: s.world.Dynamic(), PodMetrics: s.world.PodMetrics(),
		Book: patient(clock), Clock: clock, Listener: s.face, Log: config.Log, Version: config.Version,
		Network: config.network.Bot,
	})
	if err != nil {
		return fmt.Errorf("starting the bot: %w", err)
	}
	s.group.Go(func() error { return s.bot.Run(s.running) })
	return nil
}

// patient is the embedded runbook, changed in two ways: proposals wait at least patience in wall
// time, and readings are valid for at least slowness.
func patient(clock pace.Clock) *runbook.Book {
	book := *runbook.Default()
	least := time.Duration(float64(patience) * clock.Speed())
	times := &book.Policy.Times
	times.Expiry, times.CriticalExpiry = max(times.Expiry, least), max(times.CriticalExpiry, least)
	times.Stale = max(times.Stale, time.Duration(float64(slowness)*clock.Speed()))
	return &book
}

// URL is the address of the page.
func (s *Stage) URL() string { return s.url }

// BotURL is the address of the bot's own probes and metrics.
func (s *Stage) BotURL() string { return "http://" + s.face.Addr().String() }

// Wait runs until the context ends or something fails.
func (s *Stage) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-s.running.Done():
		if ctx.Err() != nil {
			return nil // everything that runs also ends with the context
		}
		_ = s.server.Close() // a part has failed, and the server runs until it is closed
		return s.group.Wait()
	}
}

// closeTimeout bounds the end of the HTTP server in wall time; open pages hold a stream.
const closeTimeout = 3 * time.Second

// Close stops everything and waits for it.
func (s *Stage) Close() error {
	if s.stop == nil {
		return nil
	}
	s.stop()
	if s.server != nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.running), closeTimeout)
		defer cancel()
		if s.server.Shutdown(ctx) != nil {
			_ = s.server.Close()
		}
	}
	err := s.group.Wait()
	if s.slack != nil {
		s.slack.Close()
	}
	if s.world != nil {
		s.world.Close()
	}
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func ignoreClosed(err error) error {
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
