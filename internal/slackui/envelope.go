package slackui

import (
	"cmp"
	"context"
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

// envelope takes one delivery. Handing it to a worker does not wait, so the ack goes
// out at once, before any work; and what no worker can take is not silently lost.
func (s *socket) envelope(ctx context.Context, event socketmode.Event, at time.Time) {
	l := s.listener
	l.heard.Store(at.UnixNano())
	l.client.count.received(string(event.Type))
	d := l.decode(event)
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
	s.ack(ctx, envelopeID(event), d.reply, at)
}

func (l *Listener) decode(event socketmode.Event) delivery {
	switch data := event.Data.(type) {
	case slack.SlashCommand:
		data.TriggerID = cmp.Or(data.TriggerID, envelopeID(event))
		return l.slash(data)
	case slack.InteractionCallback:
		data.TriggerID = cmp.Or(data.TriggerID, envelopeID(event))
		return l.interaction(data)
	case slackevents.EventsAPIEvent:
		return l.event(data)
	}
	return delivery{}
}

// envelopeID stands in for a trigger id that is missing: it is as unique.
func envelopeID(event socketmode.Event) string {
	if event.Request == nil {
		return ""
	}
	return event.Request.EnvelopeID
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
