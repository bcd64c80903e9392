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
// to stop sending, and what comes after the goodbye cannot be acknowledged any more: it is
// acted on, but whoever typed it reads that it failed. So the sockets close when nothing
// has come for a while. Until then what comes is taken as ever.
func (l *Listener) leave(ctx, sockets context.Context, closeAll func()) {
	select {
	case <-ctx.Done():
	case <-sockets.Done():
		return
	}
	defer closeAll()
	if pause(sockets, quietTime) != nil {
		return
	}
	for last := time.Now().Add(quietMost); time.Now().Before(last); {
		rest := time.Until(time.Unix(0, l.heard.Load()).Add(quietTime))
		if rest <= 0 || pause(sockets, rest) != nil {
			return
		}
	}
}
