package engine

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/pace"
	"github.com/scalebot/scalebot/internal/scale"
)

const (
	// announceTimeout is the deadline of one attempt, in wall time; an edit may have to wait for
	// its turn in the channel.
	announceTimeout = 20 * time.Second
	firstBackoff    = time.Second
	longestBackoff  = time.Minute
	// maxMessages bounds how many messages a process remembers.
	maxMessages = 2000
)

// content is what Slack is known to show in a message.
type content int

const (
	// nothingYet means that this process has not tried to show anything in the message.
	nothingYet content = iota
	// notKnown means that the message may show any version or none: an attempt of this process
	// failed, or another replica may have edited it since.
	notKnown
	// aVersion means that the message shows a known version of the record, or that Slack has
	// refused that version for good. Either way there is no use in sending that version again.
	aVersion
)

// message is what this process knows of one message in Slack: the card of an operation or
// episode, a report, an alarm or a private note.
type message struct {
	content content
	// version is what the message shows while content is aVersion. It stays as it is when a later
	// version could not be shown.
	version string
	// failed says that the last attempt did not succeed, or that another replica may have edited
	// the message since. The next attempt searches Slack before it posts ([MaybePosted]).
	failed bool
	// retryAt is when to try again; pause is how long the last wait was.
	retryAt time.Time
	pause   time.Duration
	// created says that this process has created the operation. So it alone knows that there is
	// no card yet, and may post one. begun says that it has begun to post it.
	created, begun bool
	// compare shows the newest stored version. It is set when a version is handed to the
	// announcer, and cleared when that version has reached Slack and was compared with the stored
	// one.
	compare func(context.Context)
	// written is the version of the record that this process has stored last. attempted says that
	// it has tried to show a version since.
	written   string
	attempted bool
	// repeated says that the message was shown once more after the operation or episode had
	// ended.
	repeated bool
}

// distrusted is what is still known of the message after another replica may have edited it.
func (m message) distrusted() message {
	if m.content != nothingYet {
		m.content, m.version, m.failed, m.retryAt, m.pause = notKnown, "", true, time.Time{}, 0
	}
	return m
}

// messages is what this process knows of the messages in Slack: what each shows, who may post it,
// when to try again, and which ones still have to be compared with the store.
type messages struct {
	clock pace.Clock
	log   *slog.Logger

	mu sync.Mutex
	of map[string]message
}

func newMessages(clock pace.Clock, log *slog.Logger) *messages {
	return &messages{clock: clock, log: log, of: map[string]message{}}
}

// at returns what is known of a message.
func (m *messages) at(id string) message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[id]
}

// edit changes what is known of a message.
func (m *messages) edit(id string, change func(message) message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(id, change(m.of[id]))
}

// put stores what is known of a message; the caller holds mu. When there are too many messages,
// it forgets those that need no more work and, if that is not enough, all. A forgotten message is
// shown or searched in Slack once more, which is harmless.
func (m *messages) put(id string, one message) {
	if _, known := m.of[id]; !known && len(m.of) >= maxMessages {
		maps.DeleteFunc(m.of, func(_ string, one message) bool { return one.compare == nil && (one.begun || !one.created) })
		if len(m.of) >= maxMessages {
			clear(m.of)
		}
	}
	m.of[id] = one
}

// due reports whether to show this version now.
func (m *messages) due(id, version string) bool {
	one := m.at(id)
	return one.content == nothingYet || !one.shows(version) && !m.clock.Now().Before(one.retryAt)
}

// shows reports whether Slack shows this version, or has refused it for good.
func (m message) shows(version string) bool { return m.content == aVersion && m.version == version }

// current reports whether there is no use in showing this version, now or later.
func (m *messages) current(id, version string) bool { return m.at(id).shows(version) }

// failed reports whether this process has tried to show something and did not succeed, or another
// replica may have edited the message since.
func (m *messages) failed(id string) bool { return m.at(id).failed }

// created notes that this process has just created an operation.
func (m *messages) created(id string) {
	m.edit(id, func(one message) message { one.created, one.begun = true, false; return one })
}

// written notes which version of a record this process has just stored.
func (m *messages) written(id, version string) {
	m.edit(id, func(one message) message { one.written, one.attempted = version, false; return one })
}

// wroteLast reports whether a version is what this process has stored last.
func (m *messages) wroteLast(id, version string) bool {
	return version != "" && m.at(id).written == version
}

// justWritten reports whether a version is what this process has stored last, and nothing was
// shown since.
func (m *messages) justWritten(id, version string) bool {
	return m.wroteLast(id, version) && !m.at(id).attempted
}

// begin reports whether this process may post the card of an operation, because it created the
// operation or tried to show it before. first is true for the first attempt. A call counts as
// that attempt.
func (m *messages) begin(id string) (mine, first bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	one := m.of[id]
	first = one.created && !one.begun
	if first {
		one.begun = true
		m.of[id] = one
	}
	return one.created || one.content != nothingYet, first
}

// shown notes that Slack shows this version.
func (m *messages) shown(id, version string) {
	m.edit(id, func(one message) message {
		one.content, one.version, one.failed, one.retryAt, one.pause = aVersion, version, false, time.Time{}, 0
		one.attempted = true
		return one
	})
}

// notShown notes a failure. A version that Slack refused for good is not tried again; after any
// other failure it is tried again, with growing pauses.
func (m *messages) notShown(ctx context.Context, id, version string, err error) {
	m.log.WarnContext(ctx, "a card or report could not be shown in Slack", "id", id, "error", err)
	m.edit(id, func(one message) message {
		one.failed, one.attempted = true, true
		if one.content == nothingYet {
			one.content = notKnown
		}
		switch {
		case errors.Is(err, context.Canceled):
			// The caller stopped waiting. The next attempt has to find out whether the post
			// arrived.
		case final(err):
			one.content, one.version, one.retryAt = aVersion, version, time.Time{}
		default:
			one.pause = min(max(2*one.pause, firstBackoff), longestBackoff)
			wait := one.pause
			if fault := scale.FaultOf(err); fault != nil {
				wait = max(wait, fault.After)
			}
			one.retryAt = m.clock.Now().Add(m.clock.AtLeast(wait, wait))
		}
		return one
	})
}

// distrustAll is called when a process begins to lead: the previous leader may have shown an
// older version after this process had shown a newer one.
func (m *messages) distrustAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, one := range m.of {
		one = one.distrusted()
		one.written = "" // which process stored the record last is not known either
		m.of[id] = one
	}
}

// repeat has a message shown once more, and only once. A replica that has crashed since may have
// sent a late edit with an older version, and no other replica can know.
func (m *messages) repeat(id string) {
	m.edit(id, func(one message) message {
		if one.repeated {
			return one
		}
		one = one.distrusted()
		one.repeated = true
		return one
	})
}

// compareLater notes that a version was handed to the announcer. compare shows the newest stored
// version; it is called once the version that was handed over has reached Slack.
func (m *messages) compareLater(id string, compare func(context.Context)) {
	m.edit(id, func(one message) message { one.compare = compare; return one })
}

// takeComparison removes and returns the pending comparison of a message, nil when there is none.
func (m *messages) takeComparison(id string) (compare func(context.Context)) {
	m.edit(id, func(one message) message { compare, one.compare = one.compare, nil; return one })
	return compare
}

// handedOver returns the ids of the messages that were handed to the announcer and not compared
// since.
func (m *messages) handedOver() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []string
	for id, one := range m.of {
		if one.compare != nil {
			ids = append(ids, id)
		}
	}
	return ids
}
