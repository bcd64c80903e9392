package engine

import (
	"context"
	"maps"
	"time"
)

const (
	// recheckEvery is how often the board asks whether handed-over cards have reached Slack, in
	// wall time.
	recheckEvery = time.Second
	// lastLooks is how long a stop waits for that.
	lastLooks = 3 * time.Second
)

// recheck notes that a card was handed to the announcer. Once it has reached Slack, run
// compares it with what is stored by then.
func (b *board) recheck(id string, newest func(context.Context)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.sent) < shownKept {
		b.sent[id] = newest
	}
}

// run compares what has reached Slack with what is stored. An edit may wait for its turn.
// Meanwhile the leader may show a newer version, and then the late edit covers it without the
// leader's knowing. So a replica that does not lead shows the newest version again after its
// own edits, also after those it handed over just before it stops.
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

// overtaken shows the newest version of each card that has reached Slack, where that is another
// one; true when more edits are on their way. On the leader the runner does this for all cards.
func (b *board) overtaken(ctx context.Context) (more bool) {
	defer b.sampler.Survive(ctx, "looking after cards")
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
