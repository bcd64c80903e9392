package outbox

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

// serve is a lane's worker. It ends when the lane has been idle for laneIdle, when it is empty
// while the outbox is stopping, or when work is cancelled.
func (o *outbox) serve(work context.Context, stopping <-chan struct{}, l *lane) {
	for work.Err() == nil {
		t, e := o.nextOf(l)
		switch {
		case t != nil:
			o.runTask(work, t)
		case e != nil:
			sent := o.runEdit(work, l, e)
			o.mu.Lock()
			l.sending = nil
			o.mu.Unlock()
			if !sent {
				continue
			}
		default:
			if !o.idle(work, stopping, l) {
				return
			}
			continue
		}
		_ = api.Pause(work, spacing)
	}
	o.abandon(work, l)
}

func (o *outbox) nextOf(l *lane) (*task, *edit) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return l.next()
}

// idle waits for work; false means that the lane is closed.
func (o *outbox) idle(work context.Context, stopping <-chan struct{}, l *lane) bool {
	rest, _ := o.rest(l)
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-l.wake:
		return true
	case <-stopping:
		// An edit that failed before is tried once more before the end.
		if rest, waiting := o.rest(l); waiting {
			_ = api.Pause(work, min(rest, drainTime))
		}
	case <-work.Done():
	case <-timer.C:
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(l.tasks)+len(l.edits) > 0 {
		return true
	}
	delete(o.lanes, l.channel)
	return false
}

// rest is how long a lane may sleep, and whether edits wait for the end of that time.
func (o *outbox) rest(l *lane) (rest time.Duration, waiting bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return l.rest(), len(l.edits) > 0
}

// abandon ends the tasks that still wait when drainTime is over: it runs them with a context that
// has ended.
func (o *outbox) abandon(ended context.Context, l *lane) {
	o.mu.Lock()
	tasks := l.tasks
	l.tasks, l.edits = nil, nil
	delete(o.lanes, l.channel)
	o.mu.Unlock()
	for _, t := range tasks {
		t.run(ended)
		close(t.done)
	}
}

// runTask runs a task under its caller's context and the outbox's.
func (o *outbox) runTask(work context.Context, t *task) {
	ctx, cancel := context.WithCancel(t.ctx)
	defer cancel()
	defer context.AfterFunc(work, cancel)()
	defer close(t.done)
	t.run(ctx)
}

// runEdit brings one message up to date. It returns false when there is nothing to send. An edit
// that may succeed later is queued again.
func (o *outbox) runEdit(work context.Context, l *lane, e *edit) bool {
	at, fingerprint := location{e.ref.Channel, e.m.Key}, e.m.Fingerprint()
	if !e.resend && o.shows(at, fingerprint) {
		return false
	}
	err := o.client.Redraw(work, e.ref, e.m)
	if api.Gone(err) {
		err = o.anew(work, e)
	}
	if !o.recordEdit(l, e, fingerprint, err) {
		o.client.Log.WarnContext(work, "an edit failed and is not tried again", "channel", e.ref.Channel, "operation", e.m.Key.Operation, "err", err)
	}
	return true
}

// recordEdit records the result of an edit; false when it failed for good.
func (o *outbox) recordEdit(l *lane, e *edit, fingerprint [sha256.Size]byte, err error) bool {
	fault := scale.FaultOf(err)
	o.mu.Lock()
	defer o.mu.Unlock()
	switch {
	case err == nil:
		l.wait = 0
		o.shown.Put(location{e.ref.Channel, e.m.Key}, fingerprint)
		o.lost.Drop(e.m.Key)
	case fault != nil && (fault.Retryable() || fault.Kind == scale.FaultUnknownOutcome):
		l.putBack(e, fault.After)
	default:
		o.lost.Put(e.m.Key, err)
		return false
	}
	return true
}

// anew posts a message again that was deleted or cannot be edited any more, unless an earlier
// process has done so.
func (o *outbox) anew(ctx context.Context, e *edit) error {
	m := e.m
	m.Except = e.ref.TS
	done, err := o.client.Deliver(ctx, m, true)
	if err != nil {
		return err
	}
	o.mu.Lock()
	o.known.Put(location{e.ref.Channel, m.Key}, done.Ref)
	o.mu.Unlock()
	if done.Found {
		return o.client.Redraw(ctx, done.Ref, m)
	}
	return nil
}

// shows reports whether Slack is known to have exactly this content.
func (o *outbox) shows(at location, fingerprint [sha256.Size]byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now, ok := o.shown.Get(at)
	return ok && now == fingerprint
}
