package slackui

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// deliverTries bounds how often one message is sent when outcomes stay unknown or
	// Slack asks to slow down.
	deliverTries = 4
	// settleTime is how long the bot waits, after a post whose outcome is unknown, before it
	// looks for the message in the channel.
	settleTime = time.Second
	// longestHold is the longest Retry-After that the bot waits for; a longer one is an error.
	longestHold = time.Minute
)

// deliver posts a message exactly once as far as Slack allows: when again is set, and after
// every unknown outcome, it looks for the message before it sends it.
func (c *Client) deliver(ctx context.Context, m message, again bool) (sent, error) {
	look := 0
	var err error
	for range deliverTries {
		if again {
			if ref, found, lost := c.find(ctx, m); found {
				return sent{ref: ref, found: true}, nil
			} else if lost != nil && !scale.IsFault(lost, scale.FaultForbidden) {
				return sent{}, lost
			}
		}
		if err = c.ready(ctx, "chat.postMessage"); err != nil {
			return sent{}, err
		}
		var ref scale.MessageRef
		ref, err = c.post(ctx, m, m.looks[look])
		switch {
		case err == nil:
			return sent{ref: ref, look: look}, nil
		case tooRich(err) && look+1 < len(m.looks):
			look++
		case scale.IsFault(err, scale.FaultUnknownOutcome):
			again = true
			if pause(ctx, settleTime) != nil {
				return sent{}, err
			}
		case !scale.IsFault(err, scale.FaultThrottled):
			return sent{}, err
		}
	}
	return sent{}, err
}

// ready waits until Slack lets the method be called again.
func (c *Client) ready(ctx context.Context, method string) error {
	left := c.hold.left(method)
	if left > longestHold {
		return &scale.Fault{Kind: scale.FaultThrottled, Doing: "calling " + method, Detail: "Slack asks to slow down", After: left}
	}
	if err := pause(ctx, left); err != nil {
		return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "waiting to call " + method, Detail: "stopped waiting", Cause: err}
	}
	return nil
}

// redraw edits a message with the richest look that Slack accepts. It does not wait.
func (c *Client) redraw(ctx context.Context, ref scale.MessageRef, m message) error {
	if left := c.hold.left("chat.update"); left > 0 {
		return &scale.Fault{Kind: scale.FaultThrottled, Doing: "editing a message", Detail: "Slack asks to slow down", After: left}
	}
	var err error
	for _, look := range m.looks {
		if err = c.edit(ctx, ref, m.key, look); !tooRich(err) {
			return err
		}
	}
	return err
}
