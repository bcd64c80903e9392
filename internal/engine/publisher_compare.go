package engine

import (
	"context"
	"time"
)

const (
	// compareEvery is how often the publisher checks whether the messages that it handed to the
	// announcer have reached Slack, in wall time.
	compareEvery = time.Second
	// lastComparisons is how long a shutdown waits for these checks.
	lastComparisons = 3 * time.Second
)

// run compares the messages that have reached Slack with what is stored. An edit may wait for its
// turn in the channel. If the leader shows a newer version meanwhile, the late edit covers it and
// the leader does not know. So a replica that does not lead shows the newest version again after
// its own edits, also after edits that it handed over just before it stops.
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

// compare shows the newest version of each message that has reached Slack with an older one. It
// returns true when more messages are on their way. On the leader the runner does this for all
// cards.
func (p *publisher) compare(ctx context.Context) (more bool) {
	defer p.survive(ctx, "comparing cards with the store")
	for _, id := range p.messages.handedOver() {
		// Take the comparison before asking whether the edit has arrived, so that a version
		// handed over in between is compared too.
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
