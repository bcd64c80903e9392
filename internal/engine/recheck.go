package engine

import (
	"context"
	"maps"
	"time"
)

const (
	// recheckEvery is how often looks that were handed over are asked after, in wall time.
	recheckEvery = time.Second
	// lastLooks is how long a stop waits for them.
	lastLooks = 3 * time.Second
)

// recheck notes that a look was handed over: once it has reached Slack, it is to be held
// against what is stored by then.
func (b *board) recheck(id string, newest func(context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sent) < shownKept {
		b.sent[id] = newest
	}
}

// run holds what has reached Slack against what is stored. An edit waits for its turn;
// meanwhile the leader may have shown a newer look, which the late one covers, and the
// leader cannot know. So whoever does not lead makes sure, also of what it handed over
// just before it stops.
func (b *board) run(ctx context.Context) error {
	ticker := time.NewTicker(recheckEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			b.overtaken(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastLooks)
	defer cancel()
	for last.Err() == nil && b.overtaken(last) {
		select {
		case <-last.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// overtaken shows the newest look of whatever has reached Slack, where it is another one;
// true when more is on its way. The leader's runner does that for all there is.
func (b *board) overtaken(ctx context.Context) (more bool) {
	defer b.survive(ctx, "looking after cards")
	b.mu.Lock()
	sent := maps.Clone(b.sent)
	b.mu.Unlock()
	for id, newest := range sent {
		if b.Announcer.Waiting(id) {
			more = true
			continue
		}
		b.mu.Lock()
		delete(b.sent, id)
		b.mu.Unlock()
		if !b.Leader.Leading() {
			newest(ctx)
		}
	}
	return more
}
