package engine

import (
	"context"

	"github.com/scalebot/scalebot/internal/ledger"
)

// dispatcher is the only reader of the store's two channels of changes. It tells the parts that
// remember stored records when to read them again.
type dispatcher struct {
	store ledger.Store
	// operations is called when any replica has changed an operation, episodes when any has
	// changed an episode. Neither function may block.
	operations, episodes func()
}

// run passes changes on until the context ends.
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
