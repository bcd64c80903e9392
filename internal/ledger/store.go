package ledger

import (
	"context"
	"time"
)

// Store keeps operations and episodes, each behind a port of its own. Package ledgertest is
// the contract of both as test suites.
type Store interface {
	Operations
	Episodes
	// Prune deletes final operations and closed episodes that ended before the given time. Of
	// each component it spares the newest keep, and always the very newest.
	Prune(ctx context.Context, keep int, before time.Time) error
}

// Operations keeps the operations of all components, changed by compare and swap.
type Operations interface {
	// Create stores a new operation. Its Number must be one more than the newest of its component
	// (1 for the first), otherwise the error is scale.ErrVersion. Where unreadable records hold
	// that number, it is stored under the next free one. The returned operation carries its
	// Number, ID and Version.
	Create(ctx context.Context, op Operation) (Operation, error)
	// Update replaces the stored operation if its version still is op.Version;
	// scale.ErrVersion when it is not, scale.ErrNotStored when there is none.
	Update(ctx context.Context, op Operation) (Operation, error)
	// Get returns one operation; the error is scale.ErrNotStored, or scale.ErrUnreadable for a
	// record that this version cannot read. Methods that return several operations skip
	// unreadable ones.
	Get(ctx context.Context, id string) (Operation, error)
	// Newest returns at most limit operations, newest first; an empty component means
	// all of them.
	Newest(ctx context.Context, component string, limit int) ([]Operation, error)
	// Between returns the operations that were requested in a span of time, newest first. Its
	// cost depends on the operations of those days, not on how many are stored.
	Between(ctx context.Context, from, to time.Time) ([]Operation, error)
	// Unfinished returns all operations that are not final, oldest first. Writes of this process
	// are visible at once; writes of another one after a minute at most.
	Unfinished(ctx context.Context) ([]Operation, error)

	// Changes receives a value some time after an operation was changed by any replica. A
	// change to a final state is reported only by the process that made it. One value may
	// stand for many changes.
	Changes() <-chan struct{}
}

// Episodes keeps the episodes of alerts, changed by compare and swap.
type Episodes interface {
	// CreateEpisode, UpdateEpisode and Episode do for episodes what Create, Update and Get do
	// for operations. The number of an episode counts per component and kind.
	CreateEpisode(ctx context.Context, e Episode) (Episode, error)
	UpdateEpisode(ctx context.Context, e Episode) (Episode, error)
	Episode(ctx context.Context, id string) (Episode, error)
	// NewestEpisode returns the newest episode of a component and kind, or
	// scale.ErrNotStored.
	NewestEpisode(ctx context.Context, component string, kind EpisodeKind) (Episode, error)
	// OpenEpisodes returns the open episodes of all components, and EndedEpisodes those that
	// ended in a span of time, both with the highest number first. The cost depends on how many
	// they return, not on how many are stored.
	OpenEpisodes(ctx context.Context) ([]Episode, error)
	EndedEpisodes(ctx context.Context, from, to time.Time) ([]Episode, error)

	// EpisodeChanges receives a value some time after an episode was changed by any replica.
	// One value may stand for many changes.
	EpisodeChanges() <-chan struct{}
}
