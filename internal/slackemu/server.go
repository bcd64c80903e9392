package slackemu

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"

	"github.com/scalebot/scalebot/internal/pace"
)

// Config configures a Server.
type Config struct {
	// Clock sets the messages' timestamps. The protocol's own timers (ack, ping, response_url,
	// trigger) always use the wall clock.
	Clock pace.Clock
	// World is the workspace; the zero value is DefaultWorld.
	World World
	// Log receives errors of connections; nil discards them.
	Log *slog.Logger
	// RateFactor multiplies Slack's published rate limits. Zero means 2: Slack guarantees its
	// published numbers as a minimum and usually allows more.
	RateFactor float64
	// AnyToken accepts every token with the right prefix, xoxb- or xapp-, so that an app can
	// connect here with the tokens it has.
	AnyToken bool
}

// Server is one Slack workspace with one app. Its zero value is not usable; make it
// with New and end it with Close.
type Server struct {
	clock pace.Clock
	log   *slog.Logger
	team  Team
	app   App
	any   bool // Config.AnyToken.

	ctx   context.Context // ends with Close; owned by the server, not by a request.
	stop  context.CancelFunc
	life  sync.Mutex // guards ended, so that nothing starts while Close waits.
	ended bool
	work  sync.WaitGroup

	hub     *hub
	faults  *faults
	limits  *limits
	traffic *traffic
	watch   *watchers

	mu       sync.Mutex // guards everything below; never held across I/O.
	base     string
	users    map[string]User
	channels map[string]*conversation
	order    []string // channel ids as people see them.
	groups   map[string]Group
	files    store[*upload]
	views    store[*view]
	hooks    store[*hook]
	triggers store[*trigger]
	homes    map[string]*view // by user.
	retrying int              // events that wait to be repeated.
	ids      int
}

// New makes a workspace. It opens no connection and starts no goroutine.
func New(cfg Config) *Server {
	if cfg.World.Team.ID == "" {
		cfg.World = DefaultWorld()
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.RateFactor <= 0 {
		cfg.RateFactor = 2
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &Server{
		clock: cfg.Clock, log: cfg.Log, team: cfg.World.Team, app: cfg.World.App, any: cfg.AnyToken, ctx: ctx, stop: stop,
		faults: newFaults(), limits: newLimits(cfg.RateFactor), traffic: newTraffic(cfg.Clock), watch: newWatchers(),
		users: map[string]User{}, channels: map[string]*conversation{}, groups: map[string]Group{}, homes: map[string]*view{},
		files: newStore[*upload](maxFiles), views: newStore[*view](200), hooks: newStore[*hook](2_000), triggers: newStore[*trigger](2_000),
	}
	s.hub = newHub(s)
	s.populate(cfg.World)
	return s
}

func (s *Server) populate(w World) {
	for _, u := range w.Users {
		s.users[u.ID] = u
	}
	for _, c := range w.Channels {
		c.Members = append([]string(nil), c.Members...)
		s.channels[c.ID] = &conversation{Channel: c}
		s.order = append(s.order, c.ID)
	}
	for _, g := range w.Groups {
		g.Members = append([]string(nil), g.Members...)
		s.groups[g.ID] = g
	}
}

// SetBaseURL sets the address at which the handler can be reached, such as
// "http://127.0.0.1:8090". It is the start of every response_url. Other addresses in answers to
// the app start with the host that the app used, because clients refuse to upload to another
// host.
func (s *Server) SetBaseURL(base string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base = strings.TrimSuffix(base, "/")
}

// Run waits for the context to end and then closes the server.
func (s *Server) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	s.Close()
	return nil
}

// Close ends all sockets and event streams and waits for everything the server has
// started. It may be called more than once.
func (s *Server) Close() {
	s.life.Lock()
	s.ended = true
	s.life.Unlock()
	s.stop()
	s.hub.closeAll()
	s.work.Wait()
}

// enter registers the caller as work that Close waits for; the caller must call s.work.Done. It
// returns false if the server is closing.
func (s *Server) enter() bool {
	s.life.Lock()
	defer s.life.Unlock()
	if s.ended {
		return false
	}
	s.work.Add(1)
	return true
}

// start runs a function that Close waits for, unless the server is closing.
func (s *Server) start(run func()) {
	if !s.enter() {
		return
	}
	go func() {
		defer s.work.Done()
		run()
	}()
}

// BotToken is the token for the Web API, "xoxb-…".
func (s *Server) BotToken() string { return s.app.BotToken }

// AppToken is the token for apps.connections.open, "xapp-…".
func (s *Server) AppToken() string { return s.app.AppToken }

// Connections is the number of open Socket Mode connections that get envelopes.
func (s *Server) Connections() int { return s.hub.count() }

// address is the base for links in an answer to the app's request. The lock is held.
func (s *Server) address(r *http.Request) string {
	scheme, _, secure := strings.Cut(s.base, "://")
	if !secure {
		scheme = "http"
	}
	return scheme + "://" + r.Host
}

// hookAddress is the base for links in a payload that a person's request r causes. The
// lock is held.
func (s *Server) hookAddress(r *http.Request) string {
	if s.base != "" {
		return s.base
	}
	return s.address(r)
}

// post adds a message to a channel and notifies open pages. The caller holds the lock.
func (s *Server) post(c *conversation, p *post) *post {
	c.add(s.clock.Now(), p)
	s.changed()
	return p
}

// changed tells open pages to read again. The caller may hold the lock or not.
func (s *Server) changed() { s.watch.notify() }

// secret is a random name for a ticket, a response_url or a trigger that nobody can guess.
func secret() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24.
	return hex.EncodeToString(b[:])
}

// nextID is a new id in Slack's form, such as F000001. The caller holds the lock.
func (s *Server) nextID(prefix string) string {
	s.ids++
	return fmt.Sprintf("%s%06X", prefix, s.ids)
}
