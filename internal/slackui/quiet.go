package slackui

import (
	"context"
	"time"
)

const (
	// quietTime is how long nothing has to have come before the sockets are closed, and
	// quietMost how long that is waited for.
	quietTime = 50 * time.Millisecond
	quietMost = 3 * time.Second
)

// leave closes the sockets after the stop, by ending their context. Slack cannot be told
// to stop sending, and what it has sent and has no ack for when a socket closes is lost to
// the person who typed it. So the last acks get a moment to leave, and the sockets close
// when nothing has come for a while. Until then what comes is taken as ever.
func (l *Listener) leave(ctx, sockets context.Context, closeAll func()) {
	select {
	case <-ctx.Done():
	case <-sockets.Done():
		return
	}
	defer closeAll()
	if pause(sockets, ackTime) != nil {
		return
	}
	for last := time.Now().Add(quietMost); time.Now().Before(last); {
		rest := time.Until(time.Unix(0, l.heard.Load()).Add(quietTime))
		if rest <= 0 || pause(sockets, rest) != nil {
			return
		}
	}
}
