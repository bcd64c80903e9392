package slackui

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"
)

const (
	// readLimit bounds an incoming frame; slack-go's default is no limit.
	readLimit = 1 << 20
	// connectsPerMinute is how often one socket may connect before it has to rest:
	// slack-go reconnects without any pause when Slack keeps hanging up.
	connectsPerMinute = 20
	firstRest         = 5 * time.Second
	longestRest       = 5 * time.Minute
)

// errRestless means that a socket connected too often.
var errRestless = errors.New("slack hangs up again and again")

// keep holds one socket open until the context ends. It returns an error only when
// trying again cannot help.
func (l *Listener) keep(ctx context.Context, number int) error {
	rest := firstRest
	for {
		began := time.Now()
		err := l.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if fatal(err) {
			l.complain("Slack refuses the app: " + slackCode(err))
			return faultOf(err, "keeping a socket to Slack open", false)
		}
		if time.Since(began) > longestRest {
			rest = firstRest
		}
		l.client.log.WarnContext(ctx, "a socket rests before it connects again", "socket", number, "rest", rest, "err", err)
		if pause(ctx, rest) != nil {
			return nil
		}
		rest = min(2*rest, longestRest)
	}
}

// fatal reports whether slack-go gave up because the credentials are refused.
func fatal(err error) bool {
	switch slackCode(err) {
	case "invalid_auth", "account_inactive", "not_authed", "token_revoked":
		return true
	}
	return false
}

func (l *Listener) complain(why string) { l.trouble.Store(&why) }

// session runs one slack-go client until it ends or connects too often.
func (l *Listener) session(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	smc := socketmode.New(l.client.api,
		socketmode.OptionDialer(l.dialer()), socketmode.OptionReadLimit(readLimit),
		socketmode.OptionLog(log.New(io.Discard, "", 0)))
	s := &socket{listener: l, smc: smc, restless: func() { cancel(errRestless) }}
	var drain sync.WaitGroup
	drain.Go(func() { s.drain(ctx) })
	err := smc.RunContext(ctx)
	// A client that ended by itself leaves its queue behind, and the ack of what is in
	// it can go nowhere.
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	cancel(nil)
	drain.Wait()
	s.closed()
	return err
}

// dialer keeps slack-go's large write buffer, because Slack seems not to join
// fragmented frames, and adds a keep-alive, because slack-go never pings.
func (l *Listener) dialer() *websocket.Dialer {
	if l.cfg.Dialer != nil {
		own := *l.cfg.Dialer
		own.WriteBufferSize = max(own.WriteBufferSize, 32<<10)
		return &own
	}
	tcp := &net.Dialer{Timeout: callTimeout, KeepAlive: 15 * time.Second}
	return &websocket.Dialer{
		Proxy: http.ProxyFromEnvironment, HandshakeTimeout: callTimeout,
		WriteBufferSize: 32 << 10, NetDialContext: tcp.DialContext,
	}
}
