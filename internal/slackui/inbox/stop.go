package inbox

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// quietTime is how long nothing must have arrived before the bot closes its connections at a
	// stop; quietMost is how long it waits for such a quiet time.
	quietTime = 50 * time.Millisecond
	quietMost = 3 * time.Second
)

// leave closes the connections at a stop, by ending their context. The bot cannot tell Slack to
// stop sending, and after the close frame it cannot acknowledge. What arrives then is carried
// out, but the person who typed it reads that it failed. So leave waits until nothing has arrived
// for quietTime, and handles what arrives until then as usual.
func (l *Listener) leave(ctx, sockets context.Context, closeAll func()) {
	select {
	case <-ctx.Done():
	case <-sockets.Done():
		return
	}
	defer closeAll()
	if api.Pause(sockets, quietTime) != nil {
		return
	}
	for last := time.Now().Add(quietMost); time.Now().Before(last); {
		rest := time.Until(time.Unix(0, l.heard.Load()).Add(quietTime))
		if rest <= 0 || api.Pause(sockets, rest) != nil {
			return
		}
	}
}
