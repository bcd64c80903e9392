package inbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/scalebot/scalebot/internal/slackui/api"
)

// busyText is what people read when the bot's queue is full.
const busyText = "scalebot is busy just now and did not take this. Please try again in a moment."

// delivery is a decoded envelope: the payload of its ack, and the work to do.
type delivery struct {
	// key identifies the delivery when Slack sends it again; job is nil when there is nothing
	// to do.
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

// receive handles one frame from Slack, received at the given time.
func (k *link) receive(ctx context.Context, data []byte, at time.Time) {
	var f frame
	if err := api.Glean(data, &f); err != nil {
		k.unreadable(ctx, f, delivery{}, at, err)
		return
	}
	switch f.Type {
	case frameHello:
		k.greet()
	case frameDisconnect:
		k.dismissed(ctx, f.Reason)
	default:
		d, err := k.listener.decode(f)
		if err != nil {
			k.unreadable(ctx, f, d, at, err)
			return
		}
		k.envelope(ctx, f, d, at)
	}
}

// unreadable acknowledges an envelope that cannot be decoded, so that Slack does not send it
// again and again.
func (k *link) unreadable(ctx context.Context, f frame, d delivery, at time.Time, why error) {
	l := k.listener
	l.client.Count.Add(func(s *api.Stats) { s.Malformed++ })
	l.client.Log.WarnContext(ctx, "a frame could not be read", "type", f.Type, "err", why)
	k.ack(ctx, f.EnvelopeID, d.reply, at)
}

// envelope handles one delivery. It hands the work to a worker without waiting, so that the ack
// goes out first. If the queue is full, it tells the person that the bot is busy.
func (k *link) envelope(ctx context.Context, f frame, d delivery, at time.Time) {
	l := k.listener
	l.heard.Store(at.UnixNano())
	l.client.Count.Received(f.Type)
	switch {
	case d.job == nil:
	case d.key != "" && !l.seen.first(d.key):
		l.client.Count.Add(func(st *api.Stats) { st.Duplicates++ })
	case enqueue(d.queue, d.job):
	default:
		l.seen.forget(d.key)
		l.client.Count.Add(func(st *api.Stats) { st.Overflow++ })
		if d.retried {
			return
		}
		d.reply = d.busyReply
		if d.busyJob != nil {
			enqueue(l.sorry, d.busyJob)
		}
	}
	k.ack(ctx, f.EnvelopeID, d.reply, at)
}

// decode reads the payload of an envelope. If there is no trigger id, it uses the envelope's id,
// which is unique as well. A delivery returned with an error is still acknowledged.
func (l *Listener) decode(f frame) (delivery, error) {
	switch f.Type {
	case frameSlash:
		var command slashCommand
		err := api.Glean(f.Payload, &command)
		if err != nil || command.ResponseURL == "" && (command.User == "" || command.Channel == "") {
			// The payload does not say whom to answer later, but the ack reaches the person who
			// typed.
			return delivery{reply: privately(strayCommand)}, cmp.Or(err, errors.New("a slash command says neither who typed it nor where to answer"))
		}
		command.Trigger = cmp.Or(command.Trigger, f.EnvelopeID)
		return l.slash(command), nil
	case frameInteractive:
		var in interaction
		if err := api.Glean(f.Payload, &in); err != nil {
			return delivery{}, fmt.Errorf("reading an interaction: %w", err)
		}
		in.Trigger = cmp.Or(in.Trigger, f.EnvelopeID)
		return l.interaction(in), nil
	case frameEvent:
		var h happening
		if err := api.Glean(f.Payload, &h); err != nil {
			return delivery{}, fmt.Errorf("reading an event: %w", err)
		}
		return l.event(h), nil
	}
	return delivery{}, fmt.Errorf("the type %q is not known", f.Type)
}

// privately is an ack whose text is shown at once to the person who typed the command.
func privately(text string) map[string]any {
	return map[string]any{"response_type": "ephemeral", "text": text}
}
