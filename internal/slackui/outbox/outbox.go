package outbox

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"
	"time"

	"github.com/scalebot/scalebot/internal/scale"
	"github.com/scalebot/scalebot/internal/slackui/api"
)

const (
	// maxLanes bounds the channels served at once.
	maxLanes = 256
	// maxKnown bounds how many messages' locations are remembered.
	maxKnown = 4096
	// drainTime is how long waiting edits get to reach Slack at a shutdown.
	drainTime = 5 * time.Second
)

// location is one message of an operation or episode in one channel.
type location struct {
	channel string
	key     api.Key
}

// outbox paces messages to Slack. In each channel it sends at most one message or edit a
// second, only the newest content of a message, and new messages and outcomes before progress.
type outbox struct {
	client *api.Client

	mu        sync.Mutex
	lanes     map[string]*lane
	unstarted []*lane
	stopped   bool
	// known is where each message is; shown is the fingerprint of the content that Slack has.
	known *api.Recent[location, scale.MessageRef]
	shown *api.Recent[location, [sha256.Size]byte]
	// lost is why the outbox gave up on an edit of a message.
	lost *api.Recent[api.Key, error]

	wake chan struct{}
}

func newOutbox(c *api.Client) *outbox {
	return &outbox{
		client: c, lanes: map[string]*lane{}, wake: make(chan struct{}, 1),
		known: api.NewRecent[location, scale.MessageRef](maxKnown), shown: api.NewRecent[location, [sha256.Size]byte](maxKnown),
		lost: api.NewRecent[api.Key, error](maxKnown),
	}
}

// run works until the context ends, then sends what is still waiting, for at most drainTime.
func (o *outbox) run(ctx context.Context) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var workers sync.WaitGroup
	stopping := make(chan struct{})
	start := func() {
		for _, l := range o.drainUnstarted() {
			workers.Go(func() { o.serve(work, stopping, l) })
		}
	}
	for ctx.Err() == nil {
		start()
		select {
		case <-ctx.Done():
		case <-o.wake:
		}
	}
	o.stop()
	start()
	close(stopping)
	grace := time.AfterFunc(drainTime, stop)
	defer grace.Stop()
	workers.Wait()
}

func (o *outbox) drainUnstarted() []*lane {
	o.mu.Lock()
	defer o.mu.Unlock()
	started := o.unstarted
	o.unstarted = nil
	return started
}

// stop accepts no new work. It drops the leftovers: the next leader shows them again.
func (o *outbox) stop() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.stopped = true
	for _, l := range o.lanes {
		l.edits = slices.DeleteFunc(l.edits, func(e *edit) bool { return e.rank == leftover })
	}
}

// lane finds or opens the channel's lane; the mutex is held.
func (o *outbox) lane(channel string) (*lane, error) {
	if o.stopped {
		return nil, &scale.Fault{Kind: scale.FaultUnreachable, Doing: "writing to " + channel, Detail: "the bot is stopping"}
	}
	if l, ok := o.lanes[channel]; ok {
		return l, nil
	}
	if len(o.lanes) >= maxLanes {
		return nil, busy(channel)
	}
	l := &lane{channel: channel, wake: make(chan struct{}, 1)}
	o.lanes[channel] = l
	o.unstarted = append(o.unstarted, l)
	select {
	case o.wake <- struct{}{}:
	default:
	}
	return l, nil
}

func busy(channel string) error {
	return &scale.Fault{Kind: scale.FaultThrottled, Doing: "writing to " + channel, Detail: "too much is waiting to be written there", After: spacing}
}

// do runs a task when it is the channel's turn, and waits for it to end. The task must respect
// its context, which also ends when the outbox shuts down.
func (o *outbox) do(ctx context.Context, channel string, run func(context.Context)) error {
	t := &task{ctx: ctx, run: run, done: make(chan struct{})}
	o.mu.Lock()
	l, err := o.lane(channel)
	if err == nil && len(l.tasks) >= laneTasks {
		err = busy(channel)
	}
	if err == nil {
		l.tasks = append(l.tasks, t)
	}
	o.mu.Unlock()
	if err != nil {
		return err
	}
	l.poke()
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
	}
	if o.withdraw(l, t) {
		return &scale.Fault{Kind: scale.FaultUnreachable, Doing: "writing to " + channel, Detail: "stopped waiting for its turn", Cause: ctx.Err()}
	}
	<-t.done
	return nil
}

// withdraw takes a task out of the queue; false when it is running or done.
func (o *outbox) withdraw(l *lane, t *task) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i, other := range l.tasks {
		if other == t {
			l.tasks = append(l.tasks[:i:i], l.tasks[i+1:]...)
			return true
		}
	}
	return false
}

// enqueue queues the newest content of a message, unless Slack shows it already.
func (o *outbox) enqueue(e *edit) error {
	o.mu.Lock()
	l, err := o.lane(e.ref.Channel)
	if err != nil {
		o.mu.Unlock()
		return err
	}
	replaced, ok := l.put(e)
	o.mu.Unlock()
	if replaced {
		o.client.Count.Add(func(s *api.Stats) { s.Coalesced++ })
	}
	if !ok {
		return busy(e.ref.Channel)
	}
	l.poke()
	return nil
}

// newest is where the message is now. An earlier call may have posted it without storing where,
// or it was posted again because the old one was deleted.
func (o *outbox) newest(at location, ref scale.MessageRef) scale.MessageRef {
	o.mu.Lock()
	defer o.mu.Unlock()
	if known, ok := o.known.Get(at); ok {
		return known
	}
	return ref
}

// posted remembers where a message is and what it says.
func (o *outbox) posted(at location, m api.Message, done api.Sent) {
	fingerprint := m.Fingerprint()
	o.mu.Lock()
	defer o.mu.Unlock()
	o.known.Put(at, done.Ref)
	if !done.Found {
		o.shown.Put(at, fingerprint)
	}
}

// waits reports whether an edit of a message is queued or being sent.
func (o *outbox) waits(k api.Key) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.lanes {
		if l.waits(k) {
			return true
		}
	}
	return false
}

// lostCard is why the outbox gave up on the newest edit of an operation's card; nil if it did not
// give up.
func (o *outbox) lostCard(operation string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	err, _ := o.lost.Get(api.Key{Operation: operation, Step: "card"})
	return err
}
