package ledgertest

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
)

func woken(t *testing.T, what string, changes <-chan struct{}) {
	t.Helper()
	select {
	case <-changes:
	case <-time.After(10 * time.Second):
		t.Errorf("no wake within 10 s of a change of %s", what)
	}
}

// WakesApart checks that a change wakes those who wait for its kind and nobody else. The store
// must be new and must not follow a server, because a watch may report a change twice and late.
func WakesApart(t *testing.T, s ledger.Store) {
	create(t, s, operation("download-worker", 1))
	woken(t, "an operation", s.Changes())
	undisturbed(t, "an operation", s.EpisodeChanges())
	createEpisode(t, s)
	woken(t, "an episode", s.EpisodeChanges())
	undisturbed(t, "an episode", s.Changes())
}

func undisturbed(t *testing.T, what string, others <-chan struct{}) {
	t.Helper()
	select {
	case <-others:
		t.Errorf("a change of %s wakes who waits for others", what)
	default:
	}
}
