package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// dispatcher is the only reader of the store's two channels of changes. It passes the news on to
// those who remember what is stored and have to read it again.
type dispatcher struct {
	store ledger.Store
	// operations is called when an operation was changed by any replica, episodes when an episode
	// was. Neither may block.
	operations, episodes func()
}

// run passes news on until the context ends.
func (d *dispatcher) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.store.Changes():
			d.operations()
		case <-d.store.EpisodeChanges():
			d.episodes()
		}
	}
}
