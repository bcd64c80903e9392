package slackui

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"
)

// busyText is what people read when more is waiting than the bot can hold.
const busyText = "scalebot is busy just now and did not take this. Please try again in a moment."

// delivery is one envelope, decoded: what to answer it with and what to do about it.
type delivery struct {
	// key tells it from its own redelivery; job is nil when nothing is to be done.
	key   string
	queue chan job
	job   job
	// reply is the payload of the ack, nil for none.
	reply any
	// busyReply is the ack's payload and busyJob what to do when the queue is full.
	// retried says that Slack delivers it again when it is not acknowledged.
	busyReply any
	busyJob   job
	retried   bool
}

// take handles one frame from Slack that came at a time.
func (k *link) take(ctx context.Context, frame []byte, at time.Time) {
	var request socketmode.Request
	if err := json.Unmarshal(frame, &request); err != nil {
		k.unreadable(ctx, frame, at, err)
		return
	}
	switch request.Type {
	case socketmode.RequestTypeHello:
		k.greet()
	case socketmode.RequestTypeDisconnect:
		k.dismissed(ctx, request.Reason)
	default:
		d, err := k.listener.decode(request)
		if err != nil {
			k.unreadable(ctx, frame, at, err)
			return
		}
		k.envelope(ctx, request, d, at)
	}
}

// unreadable acknowledges what cannot be understood, so that Slack does not send it again
// and again.
func (k *link) unreadable(ctx context.Context, frame []byte, at time.Time, why error) {
	l := k.listener
	l.client.count.add(func(s *Stats) { s.Malformed++ })
	var envelope struct {
		EnvelopeID string `json:"envelope_id"`
		Type       string `json:"type"`
	}
	if json.Unmarshal(frame, &envelope) != nil || envelope.EnvelopeID == "" {
		return
	}
	l.client.log.WarnContext(ctx, "an envelope could not be read", "type", envelope.Type, "err", why)
	k.ack(ctx, envelope.EnvelopeID, nil, at)
}

// envelope takes one delivery. Handing it to a worker does not wait, so the ack goes
// out at once, before any work; and what no worker can take is not silently lost.
func (k *link) envelope(ctx context.Context, request socketmode.Request, d delivery, at time.Time) {
	l := k.listener
	l.heard.Store(at.UnixNano())
	l.client.count.received(request.Type)
	switch {
	case d.job == nil:
	case d.key != "" && !l.seen.first(d.key):
		l.client.count.add(func(st *Stats) { st.Duplicates++ })
	case enqueue(d.queue, d.job):
	default:
		l.seen.forget(d.key)
		l.client.count.add(func(st *Stats) { st.Overflow++ })
		if d.retried {
			return
		}
		d.reply = d.busyReply
		if d.busyJob != nil {
			enqueue(l.sorry, d.busyJob)
		}
	}
	k.ack(ctx, request.EnvelopeID, d.reply, at)
}

// decode reads the payload of an envelope. The envelope's id stands in for a trigger id
// that is missing: it is as unique.
func (l *Listener) decode(request socketmode.Request) (delivery, error) {
	switch request.Type {
	case socketmode.RequestTypeSlashCommands:
		var command slack.SlashCommand
		if err := json.Unmarshal(request.Payload, &command); err != nil {
			return delivery{}, fmt.Errorf("reading a slash command: %w", err)
		}
		command.TriggerID = cmp.Or(command.TriggerID, request.EnvelopeID)
		return l.slash(command), nil
	case socketmode.RequestTypeInteractive:
		var callback slack.InteractionCallback
		if err := json.Unmarshal(request.Payload, &callback); err != nil {
			return delivery{}, fmt.Errorf("reading an interaction: %w", err)
		}
		callback.TriggerID = cmp.Or(callback.TriggerID, request.EnvelopeID)
		return l.interaction(callback), nil
	case socketmode.RequestTypeEventsAPI:
		event, err := slackevents.ParseEvent(request.Payload, slackevents.OptionNoVerifyToken())
		if err != nil {
			return delivery{}, fmt.Errorf("reading an event: %w", err)
		}
		return l.event(event), nil
	}
	return delivery{}, fmt.Errorf("the type %q is not known", request.Type)
}

func (l *Listener) interaction(in slack.InteractionCallback) delivery {
	switch in.Type {
	case slack.InteractionTypeBlockActions:
		return l.pressed(in)
	case slack.InteractionTypeViewSubmission:
		return l.submitted(in)
	}
	// Shortcuts, closed views and the like need an ack and nothing else.
	return delivery{}
}
