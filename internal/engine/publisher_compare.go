package engine

import (
	"context"
	"time"
)

const (
	// compareEvery is how often the publisher asks whether messages that it has handed over have
	// reached Slack, in wall time.
	compareEvery = time.Second
	// lastComparisons is how long a stop waits for that.
	lastComparisons = 3 * time.Second
)

// run compares what has reached Slack with what is stored. An edit may wait for its turn.
// Meanwhile the leader may show a newer version, and then the late edit covers it without the
// leader's knowing. So a replica that does not lead shows the newest version again after its
// own edits, also after those it handed over just before it stops.
func (p *publisher) run(ctx context.Context) error {
	ticker := time.NewTicker(compareEvery)
	defer ticker.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-ticker.C:
			p.compare(ctx)
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastComparisons)
	defer cancel()
	for last.Err() == nil && p.compare(last) {
		select {
		case <-last.Done():
		case <-ticker.C:
		}
	}
	return nil
}

// compare shows the newest version of each message that has reached Slack, where that is another
// one; true when more messages are on their way. On the leader the runner does this for all cards.
func (p *publisher) compare(ctx context.Context) (more bool) {
	defer p.survive(ctx, "comparing cards with the store")
	for _, id := range p.messages.handedOver() {
		// The comparison is taken before the question, so that a version that is handed over in
		// between is compared too.
		showNewest := p.messages.takeComparison(id)
		switch {
		case showNewest == nil:
		case p.announcer.Waiting(id):
			p.messages.compareLater(id, showNewest)
			more = true
		case !p.leader.Leading():
			showNewest(ctx)
		}
	}
	return more
}
