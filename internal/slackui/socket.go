package slackui

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/scalebot/scalebot/internal/scale"
)

// ackDeadline bounds the queueing of an ack: slack-go blocks for ever when its sender
// has stopped.
const ackDeadline = 2 * time.Second

// socket is one slack-go client and what is known of its connection. Only its drain
// goroutine touches it.
type socket struct {
	listener *Listener
	smc      *socketmode.Client
	restless func()
	hello    bool
	connects []time.Time
}

// drain empties the client's event channel; it must never wait for anything but an
// ack, or slack-go stops answering pings and the link is declared dead.
func (s *socket) drain(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-s.smc.Events:
			s.handle(ctx, event, time.Now())
		}
	}
}

func (s *socket) handle(ctx context.Context, event socketmode.Event, at time.Time) {
	l := s.listener
	switch event.Type {
	case socketmode.EventTypeConnecting:
		s.connecting(at)
	case socketmode.EventTypeConnected:
		l.client.count.add(func(st *Stats) { st.Connects++ })
	case socketmode.EventTypeHello:
		s.greeted()
	case socketmode.EventTypeConnectionError:
		s.refused(ctx, event)
	case socketmode.EventTypeErrorWriteFailed:
		l.client.count.add(func(st *Stats) { st.LostAcks++ })
		l.client.log.WarnContext(ctx, "an ack could not be sent")
	case socketmode.EventTypeErrorBadMessage:
		s.unreadable(ctx, event, at)
	case socketmode.EventTypeSlashCommand, socketmode.EventTypeInteractive, socketmode.EventTypeEventsAPI:
		s.envelope(ctx, event, at)
	}
}

// connecting notes an attempt; more than connectsPerMinute end the session.
func (s *socket) connecting(at time.Time) {
	s.closed()
	s.connects = append(s.connects, at)
	for len(s.connects) > 0 && at.Sub(s.connects[0]) > time.Minute {
		s.connects = s.connects[1:]
	}
	if len(s.connects) > connectsPerMinute {
		s.restless()
	}
}

func (s *socket) greeted() {
	if s.hello {
		return
	}
	s.hello = true
	s.listener.open.Add(1)
	s.listener.trouble.Store(nil)
	s.listener.client.count.add(func(st *Stats) { st.Open++ })
}

func (s *socket) closed() {
	if !s.hello {
		return
	}
	s.hello = false
	s.listener.open.Add(-1)
	s.listener.client.count.add(func(st *Stats) { st.Open-- })
}

// refused tells of a failed connect: slack-go tries for ever, also with a token that
// lacks the scope, so the reason must be seen in the bot's health.
func (s *socket) refused(ctx context.Context, event socketmode.Event) {
	failure, ok := event.Data.(*slack.ConnectionErrorEvent)
	if !ok || ctx.Err() != nil || errors.Is(failure.ErrorObj, context.Canceled) {
		// Our own stop is no trouble, and must not hide the trouble that caused it.
		return
	}
	fault := faultOf(failure.ErrorObj, "opening a socket to Slack", false)
	s.listener.complain(fault.Error())
	s.listener.client.count.failed("apps.connections.open", string(fault.Kind))
	level := s.listener.client.log.WarnContext
	if fault.Kind == scale.FaultForbidden {
		level = s.listener.client.log.ErrorContext
	}
	level(ctx, "a socket could not be opened", "detail", fault.Detail, "attempt", failure.Attempt)
}

// unreadable acknowledges what slack-go could not parse, so that Slack does not send
// it again and again.
func (s *socket) unreadable(ctx context.Context, event socketmode.Event, at time.Time) {
	s.listener.client.count.add(func(st *Stats) { st.Malformed++ })
	bad, ok := event.Data.(*socketmode.ErrorBadMessage)
	if !ok {
		return
	}
	var frame struct {
		EnvelopeID string `json:"envelope_id"`
		Type       string `json:"type"`
	}
	if json.Unmarshal(bad.Message, &frame) != nil || frame.EnvelopeID == "" {
		return
	}
	s.listener.client.log.WarnContext(ctx, "an envelope could not be read", "type", frame.Type, "err", bad.Cause)
	s.ack(ctx, frame.EnvelopeID, nil, at)
}

// ack acknowledges an envelope; nil payload means none.
func (s *socket) ack(ctx context.Context, id string, payload any, at time.Time) {
	// The stop must not cut off the ack of what was taken just before it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), ackDeadline)
	defer cancel()
	if err := s.smc.AckCtx(ctx, id, payload); err != nil {
		s.listener.client.count.add(func(st *Stats) { st.LostAcks++ })
		s.listener.client.log.WarnContext(ctx, "an envelope could not be acknowledged", "err", err)
		return
	}
	s.listener.client.count.acked(time.Since(at))
}
