package api

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/scalebot/scalebot/internal/pace"
)

// CallTimeout bounds one Web API call. Slack itself gives up after 30 s; after ten seconds the
// bot rather searches for the message than waits longer.
const CallTimeout = 10 * time.Second

// Config is what a Client needs to reach Slack.
type Config struct {
	// BotToken (xoxb-…) posts; AppToken (xapp-…, scope connections:write) opens the
	// sockets.
	BotToken string
	AppToken string
	// APIURL is the Web API's base with a trailing slash; empty means slack.com.
	APIURL string
	// HTTP makes all calls; nil means a new client. A client without a timeout gets one, because
	// slack-go sets none.
	HTTP *http.Client
	// Clock is what message timestamps are compared with; see [pace.Clock].
	Clock pace.Clock
	// Log receives what the bot cannot say in Slack; nil discards it.
	Log *slog.Logger
}

// Identity is who the bot is, from auth.test.
type Identity struct {
	Team       string
	Enterprise string
	User       string
	Name       string
	Bot        string
	// Scopes are what the bot token may do; empty when Slack did not say.
	Scopes []string
}

// Client calls Slack's Web API. Every call has a deadline, is counted, and fails with
// a *scale.Fault.
type Client struct {
	api  *slack.Client
	HTTP *http.Client
	// base is the Web API's address with a trailing slash. sign puts the token of a method on a
	// request; the token never appears in printed values.
	base string
	sign func(r *http.Request, method string)

	Clock pace.Clock
	Log   *slog.Logger
	self  atomic.Pointer[Identity]
	hold  holds
	Count counters
}

// NewClient returns a client that has not called Slack yet; [Client.Connect] does.
func NewClient(cfg Config) *Client {
	web := &http.Client{Timeout: CallTimeout}
	if cfg.HTTP != nil {
		own := *cfg.HTTP
		own.Timeout = cmp.Or(own.Timeout, CallTimeout)
		web = &own
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	options := []slack.Option{slack.OptionHTTPClient(web)}
	if cfg.APIURL != "" {
		options = append(options, slack.OptionAPIURL(cfg.APIURL))
	}
	return &Client{
		api: slack.New(cfg.BotToken, options...), HTTP: web, base: cmp.Or(cfg.APIURL, slack.APIURL),
		sign: func(r *http.Request, method string) {
			token := cfg.BotToken
			if method == OpenMethod {
				token = cfg.AppToken
			}
			r.Header.Set("Authorization", "Bearer "+token)
		},
		Clock: cfg.Clock, Log: log,
	}
}

// Connect asks Slack who the bot is (auth.test). It must succeed before anything else uses the
// client: the team id shows who is external, and the bot's id shows which messages are its own.
func (c *Client) Connect(ctx context.Context) (Identity, error) {
	var answer struct {
		Team       string `json:"team_id"`
		Enterprise string `json:"enterprise_id"`
		UserID     string `json:"user_id"`
		User       string `json:"user"`
		Bot        string `json:"bot_id"`
	}
	var header http.Header
	err := c.Read(ctx, "auth.test", "asking Slack who the bot is", func(ctx context.Context) (err error) {
		header, err = c.Ask(ctx, "auth.test", nil, &answer)
		if err == nil && (answer.Team == "" || answer.UserID == "") {
			err = fmt.Errorf("%w: it names no team or no user", ErrNoAnswer)
		}
		return err
	})
	if err != nil {
		return Identity{}, err
	}
	self := Identity{
		Team: answer.Team, Enterprise: answer.Enterprise,
		User: answer.UserID, Name: answer.User, Bot: answer.Bot,
		Scopes: strings.FieldsFunc(header.Get("X-OAuth-Scopes"), func(r rune) bool { return r == ',' || r == ' ' }),
	}
	c.self.Store(&self)
	return self, nil
}

// CheckSocket asks Slack whether the app token may open a socket, without opening one.
func (c *Client) CheckSocket(ctx context.Context) error {
	return c.Read(ctx, OpenMethod, "asking Slack for a socket", func(ctx context.Context) error {
		_, err := c.SocketAddress(ctx)
		return err
	})
}

// OpenMethod is the one method that takes the app token.
const OpenMethod = "apps.connections.open"

// SocketAddress asks for the address of a socket. The address contains a ticket; whoever has it
// can connect as this app.
func (c *Client) SocketAddress(ctx context.Context) (string, error) {
	var answer struct {
		URL string `json:"url"`
	}
	if _, err := c.Ask(ctx, OpenMethod, nil, &answer); err != nil {
		return "", err
	}
	if answer.URL == "" {
		return "", fmt.Errorf("%w: it has no address of a socket", ErrNoAnswer)
	}
	return answer.URL, nil
}

// Self is the identity that Connect read; before that it is the zero Identity.
func (c *Client) Self() Identity {
	if self := c.self.Load(); self != nil {
		return *self
	}
	return Identity{}
}

// Name is how people mention the bot.
func (c *Client) Name() string { return cmp.Or(c.Self().Name, "scalebot") }

// Read makes a call that may be repeated without harm.
func (c *Client) Read(ctx context.Context, method, doing string, call func(context.Context) error) error {
	return c.do(ctx, method, doing, false, call)
}

// write makes a call that must not happen twice. A broken connection then means an unknown
// outcome, not a plain failure.
func (c *Client) write(ctx context.Context, method, doing string, call func(context.Context) error) error {
	return c.do(ctx, method, doing, true, call)
}

func (c *Client) do(ctx context.Context, method, doing string, once bool, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	err := call(ctx)
	if err == nil {
		return nil
	}
	fault := FaultOf(err, doing, once)
	c.Count.Failed(method, string(fault.Kind))
	if fault.After > 0 {
		c.hold.until(method, time.Now().Add(fault.After))
	}
	if !errors.Is(err, context.Canceled) {
		c.Log.WarnContext(ctx, "a call to Slack failed", "method", method, "kind", fault.Kind, "detail", fault.Detail)
	}
	return fault
}
