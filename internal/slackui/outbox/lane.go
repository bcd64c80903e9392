package outbox

import (
	"context"
	"slices"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// spacing is the least wall time between two messages to one channel; Slack allows
	// about one a second.
	spacing = time.Second
	// laneIdle is how long a lane without work remains.
	laneIdle = 10 * time.Minute
	// laneTasks and laneEdits bound how many tasks and edits wait for one channel.
	laneTasks = 64
	laneEdits = 256
	// leftoverPause is the time between two edits of rank leftover. Slack's limit on edits is for
	// the whole workspace, and most leftovers already look right.
	leftoverPause = 5 * time.Second
	// worstWait is the longest pause between tries of an edit.
	worstWait = 30 * time.Second
)

// task is a new message for a channel; its caller waits for it.
type task struct {
	ctx  context.Context
	run  func(context.Context)
	done chan struct{}
}

// edit is the newest content of a message that is posted already.
type edit struct {
	ref  scale.MessageRef
	m    api.Message
	rank rank
	// resend says that the edit must be sent even if the content is the same, because Slack may
	// show something else than this process sent last.
	resend bool
}

// sameMessage reports whether both edits are for the same message.
func (e *edit) sameMessage(other *edit) bool {
	return other.m.Key == e.m.Key && other.ref.TS == e.ref.TS
}

// standFor takes over from an older edit of the same message: its rank if that is higher, and
// resend.
func (e *edit) standFor(older *edit) {
	e.rank, e.resend = max(e.rank, older.rank), e.resend || older.resend
}

// rank orders the waiting edits: the highest goes first.
type rank int

const (
	// leftover is the final state of an operation that ended a while ago. It is shown again
	// because the replica that ended it may have crashed before showing it. After a start there
	// are many.
	leftover rank = iota
	// progress is a step of a running change, outcome its end.
	progress
	outcome
)

// lane is the queue of one channel. The outbox's mutex guards it.
type lane struct {
	channel string
	tasks   []*task
	edits   []*edit
	// sending is the edit that is being sent.
	sending *edit
	wake    chan struct{}
	// wait is the pause after the last failed edit, editsAt when edits may go on. New
	// messages do not wait for them.
	wait    time.Duration
	editsAt time.Time
	// leftoversAt is when the next leftover may be sent.
	leftoversAt time.Time
}

// poke wakes the lane's worker.
func (l *lane) poke() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// next takes the next work: new messages first, then edits by rank.
func (l *lane) next() (*task, *edit) {
	if len(l.tasks) > 0 {
		t := l.tasks[0]
		l.tasks = l.tasks[1:]
		return t, nil
	}
	now := time.Now()
	if len(l.edits) == 0 || now.Before(l.ready()) {
		return nil, nil
	}
	at := 0
	for i, e := range l.edits {
		if e.rank > l.edits[at].rank {
			at = i
		}
	}
	e := l.edits[at]
	if e.rank == leftover {
		l.leftoversAt = now.Add(leftoverPause)
	}
	l.edits = append(l.edits[:at:at], l.edits[at+1:]...)
	l.sending = e
	return nil, e
}

// waits reports whether an edit of a message is queued or being sent.
func (l *lane) waits(k api.Key) bool {
	return l.sending != nil && l.sending.m.Key == k || slices.ContainsFunc(l.edits, func(e *edit) bool { return e.m.Key == k })
}

// put queues an edit in place of an older one of the same message. replaced reports whether there
// was one; ok is false when the queue is full.
func (l *lane) put(e *edit) (replaced, ok bool) {
	if i := slices.IndexFunc(l.edits, e.sameMessage); i >= 0 {
		e.standFor(l.edits[i])
		l.edits[i] = e
		return true, true
	}
	if len(l.edits) >= laneEdits {
		return false, false
	}
	if e.rank == leftover && l.leftoversAt.IsZero() {
		l.leftoversAt = time.Now().Add(leftoverPause)
	}
	l.edits = append(l.edits, e)
	return false, true
}

// ready is when the next edit may be sent.
func (l *lane) ready() time.Time {
	news := slices.ContainsFunc(l.edits, func(e *edit) bool { return e.rank > leftover })
	if news || l.leftoversAt.Before(l.editsAt) {
		return l.editsAt
	}
	return l.leftoversAt
}

// putBack queues a failed edit again, unless a newer one replaced it. Further edits wait for
// a growing pause, or for as long as Slack asks.
func (l *lane) putBack(e *edit, after time.Duration) {
	l.wait = min(max(2*l.wait, spacing), worstWait)
	l.editsAt = time.Now().Add(max(l.wait, after))
	if i := slices.IndexFunc(l.edits, e.sameMessage); i >= 0 {
		l.edits[i].standFor(e)
		return
	}
	l.edits = append([]*edit{e}, l.edits...)
}

// rest is how long a worker without work may sleep.
func (l *lane) rest() time.Duration {
	if len(l.edits) == 0 {
		return laneIdle
	}
	return max(time.Millisecond, time.Until(l.ready()))
}
