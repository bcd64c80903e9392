package inbox

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// readLimit bounds an incoming frame; the library's default is no limit.
	readLimit = 1 << 20
	// A successor opens at once, up to quickTries times in a row. After that each attempt waits
	// longer than the one before, from firstRest to longestRest. The count starts again after a
	// connection that lasted for steady.
	quickTries  = 3
	firstRest   = 500 * time.Millisecond
	longestRest = time.Minute
	steady      = time.Minute
)

// hold keeps one connection open until the context ends. When Slack wants it replaced, the
// successor opens while the old one is still read. hold returns an error only when retrying
// cannot help.
func (l *Listener) hold(ctx context.Context) error {
	var links sync.WaitGroup
	defer links.Wait()
	for tries := 1; ctx.Err() == nil; tries++ {
		began := time.Now()
		conn, err := l.dial(ctx)
		var after time.Duration
		switch {
		case err == nil:
			k := newLink(l, conn)
			links.Go(func() { k.read(ctx) })
			<-k.retired
		case fatal(err):
			l.complain("Slack refuses the app: " + api.SlackCode(err))
			return api.FaultOf(err, "keeping a socket to Slack open", false)
		default:
			after = l.refused(ctx, err)
		}
		if time.Since(began) > steady {
			tries = 0
		}
		_ = api.Pause(ctx, max(after, restAfter(tries)))
	}
	return nil
}

// restAfter is how long to wait after a number of attempts in a row: nothing at first, then twice
// as long each time, with some randomness, so that several replicas do not reconnect at the same
// moment.
func restAfter(tries int) time.Duration {
	if tries <= quickTries {
		return 0
	}
	rest := longestRest
	if doubled := tries - quickTries - 1; doubled < 10 {
		rest = min(firstRest<<doubled, longestRest)
	}
	return rest - rand.N(rest/4)
}

// fatal reports whether the credentials are refused for good.
func fatal(err error) bool {
	switch api.SlackCode(err) {
	case "invalid_auth", "account_inactive", "not_authed", "token_revoked":
		return true
	}
	return false
}

func (l *Listener) complain(why string) { l.trouble.Store(&why) }

// refused records why a connection could not be opened. The bot keeps trying, even with a token
// that lacks the scope, so its health check must show the reason. It returns how long Slack asks
// the bot to wait.
func (l *Listener) refused(ctx context.Context, err error) time.Duration {
	if ctx.Err() != nil {
		// The context ended because the bot stops. That is no failure, and must not hide an
		// earlier one.
		return 0
	}
	fault := api.FaultOf(err, "opening a socket to Slack", false)
	l.complain(fault.Error())
	l.client.Count.Failed(api.OpenMethod, string(fault.Kind))
	level := l.client.Log.WarnContext
	if fault.Kind == scale.FaultForbidden {
		level = l.client.Log.ErrorContext
	}
	level(ctx, "a socket could not be opened", "detail", fault.Detail)
	return fault.After
}

// dial opens one WebSocket. Whoever has its address can connect as this app, so no error may
// contain it.
func (l *Listener) dial(ctx context.Context) (*websocket.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*api.CallTimeout)
	defer cancel()
	address, err := l.client.SocketAddress(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := url.Parse(address); err != nil {
		return nil, errors.New("the address of the socket that Slack gave cannot be read")
	}
	conn, answer, err := l.dialer().DialContext(ctx, address, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil && answer != nil {
		return nil, fmt.Errorf("%w: %s", err, answer.Status)
	}
	if err != nil {
		return nil, err
	}
	l.client.Count.Add(func(s *api.Stats) { s.Connects++ })
	return conn, nil
}

// dialer returns a dialer with keep-alive. Its write buffer is larger than the largest ack,
// because Slack seems not to join fragmented frames.
func (l *Listener) dialer() *websocket.Dialer {
	if l.cfg.Dialer != nil {
		own := *l.cfg.Dialer
		own.WriteBufferSize = max(own.WriteBufferSize, 32<<10)
		return &own
	}
	tcp := &net.Dialer{Timeout: api.CallTimeout, KeepAlive: 15 * time.Second}
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: api.CallTimeout,
		WriteBufferSize: 32 << 10, NetDialContext: tcp.DialContext,
	}
}
