package api

import (
	"context"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// DeliverTries bounds how often one message is sent when outcomes are unknown or Slack asks
	// the bot to slow down.
	DeliverTries = 4
	// lookupDelay is how long the bot waits, after a post with an unknown outcome, before it
	// searches the channel for the message.
	lookupDelay = time.Second
	// longestHold is the longest Retry-After that the bot waits for; a longer one is an error.
	longestHold = time.Minute
)

// Deliver posts a message exactly once, as far as Slack allows. When again is set, and after
// every unknown outcome, it searches for the message before it sends it.
func (c *Client) Deliver(ctx context.Context, m Message, again bool) (Sent, error) {
	variant := 0
	var err error
	for range DeliverTries {
		if again {
			if ref, found, lost := c.Find(ctx, m); found {
				return Sent{Ref: ref, Found: true}, nil
			} else if lost != nil && !scale.IsFault(lost, scale.FaultForbidden) {
				return Sent{}, lost
			}
		}
		if err = c.ready(ctx, "chat.postMessage"); err != nil {
			return Sent{}, err
		}
		var ref scale.MessageRef
		ref, err = c.post(ctx, m, m.Variants[variant])
		switch {
		case err == nil:
			return Sent{Ref: ref, Variant: variant}, nil
		case tooRich(err) && variant+1 < len(m.Variants):
			variant++
		case scale.IsFault(err, scale.FaultUnknownOutcome):
			again = true
			if Pause(ctx, lookupDelay) != nil {
				return Sent{}, err
			}
		case !scale.IsFault(err, scale.FaultThrottled):
			return Sent{}, err
		}
	}
	return Sent{}, err
}

// ready waits until Slack allows a call of the method again.
func (c *Client) ready(ctx context.Context, method string) error {
	left := c.hold.left(method)
	if left > longestHold {
		return &scale.Fault{Kind: scale.FaultThrottled, Doing: "calling " + method, Detail: "Slack asks to slow down", After: left}
	}
	if err := Pause(ctx, left); err != nil {
		return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "waiting to call " + method, Detail: "stopped waiting", Cause: err}
	}
	return nil
}

// Redraw edits a message with the richest variant that Slack accepts. It does not wait.
func (c *Client) Redraw(ctx context.Context, ref scale.MessageRef, m Message) error {
	if left := c.hold.left("chat.update"); left > 0 {
		return &scale.Fault{Kind: scale.FaultThrottled, Doing: "editing a message", Detail: "Slack asks to slow down", After: left}
	}
	var err error
	for _, variant := range m.Variants {
		if err = c.edit(ctx, ref, m.Key, variant); !tooRich(err) {
			return err
		}
	}
	return err
}
