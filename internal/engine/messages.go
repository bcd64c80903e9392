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
	// announceTimeout ends one attempt, in wall time; an edit may have to wait for its turn in
	// the channel.
	announceTimeout = 20 * time.Second
	firstBackoff    = time.Second
	longestBackoff  = time.Minute
	// maxMessages bounds how many messages a process remembers.
	maxMessages = 2000
)

// content is what Slack is known to show in a message.
type content int

const (
	// nothingYet means that this process has not tried to show anything in it.
	nothingYet content = iota
	// notKnown means that it may show anything or nothing: an attempt of this process failed, or
	// another replica may have edited it since.
	notKnown
	// aVersion means that it shows one version of the record, or that Slack has refused that
	// version for good: either way there is no use in sending it again.
	aVersion
)

// message is what this process knows of one message in Slack: the card of an operation or
// episode, a report, an alarm or a private note.
type message struct {
	content content
	// version is what it shows while content is aVersion. A later version that could not be shown
	// leaves it as it is.
	version string
	// failed says that the last attempt did not succeed, or that another replica may have edited
	// the message since. The next attempt searches Slack before it posts ([MaybePosted]).
	failed bool
	// retryAt is when to try again, pause what was waited before that.
	retryAt time.Time
	pause   time.Duration
	// created says that this process has created the operation, so that it alone knows that there
	// is no card yet and may post one; begun says that it has begun to.
	created, begun bool
	// compare shows the newest stored version. It is set from when a version was handed to the
	// announcer until that has reached Slack and was compared with what is stored by then.
	compare func(context.Context)
	// written is the version of the record that this process has stored last; attempted says that
	// it has tried to show something since.
	written   string
	attempted bool
	// repeated says that the message was shown once more after the end of the operation or
	// episode.
	repeated bool
}

// distrusted is the message after another replica may have edited it.
func (m message) distrusted() message {
	if m.content != nothingYet {
		m.content, m.version, m.failed, m.retryAt, m.pause = notKnown, "", true, time.Time{}, 0
	}
	return m
}

// messages is what this process knows of the messages in Slack. It answers every question about
// them: what is shown, who may post, when to try again, what is left to compare.
type messages struct {
	clock pace.Clock
	log   *slog.Logger

	mu sync.Mutex
	of map[string]message
}

func newMessages(clock pace.Clock, log *slog.Logger) *messages {
	return &messages{clock: clock, log: log, of: map[string]message{}}
}

// at is what is known of one message.
func (m *messages) at(id string) message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.of[id]
}

// edit changes what is known of one message.
func (m *messages) edit(id string, change func(message) message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(id, change(m.of[id]))
}

// put stores what is known of one message; mu is held. When there are too many, those are
// forgotten for which nothing is left to do, and if need be all: what is forgotten is shown once
// more, or searched in Slack once more, which is harmless.
func (m *messages) put(id string, one message) {
	if _, known := m.of[id]; !known && len(m.of) >= maxMessages {
		maps.DeleteFunc(m.of, func(_ string, one message) bool { return one.compare == nil && (one.begun || !one.created) })
		if len(m.of) >= maxMessages {
			clear(m.of)
		}
	}
	m.of[id] = one
}

// due reports whether this version should be shown now.
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

// begin reports whether the card of an operation is this process's to post, because it has created
// the operation or tried to show it before, and whether this is the first attempt. Calling it
// counts as that attempt.
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

// notShown notes a failure. After a definite refusal this version is not tried again; after any
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
			// The caller stopped waiting; the next attempt has to find out whether the post
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

// distrustAll is for a process that begins to lead: the leader before may have shown an older
// version after this process had shown a newer one.
func (m *messages) distrustAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, one := range m.of {
		one = one.distrusted()
		one.written = "" // nor is it known who has stored the record last.
		m.of[id] = one
	}
}

// repeat has a message shown once more, and only once: a replica that has crashed since may have
// sent a late edit with an older version, and nobody else can know.
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

// compareLater notes that a version was handed to the announcer; compare shows the newest stored
// version and is called once the one that was handed over has reached Slack.
func (m *messages) compareLater(id string, compare func(context.Context)) {
	m.edit(id, func(one message) message { one.compare = compare; return one })
}

// takeComparison returns the comparison that is left to do for a message, nil when there is none, and
// forgets it.
func (m *messages) takeComparison(id string) (compare func(context.Context)) {
	m.edit(id, func(one message) message { compare, one.compare = one.compare, nil; return one })
	return compare
}

// handedOver are the ids of the messages that were handed to the announcer and not compared since.
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
