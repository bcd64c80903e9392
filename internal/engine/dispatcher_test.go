package engine

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/scalebot/scalebot/internal/change"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/memstore"
)

// A change of an operation wakes only the part that remembers operations; a change of an episode
// wakes only the part that remembers episodes.
func TestTheStoresNewsReachThoseWhoRemember(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := memstore.New()
		var operations, episodes atomic.Int32
		d := &dispatcher{store: store, operations: func() { operations.Add(1) }, episodes: func() { episodes.Add(1) }}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.run(ctx) }()
		want := func(when string, wantOperations, wantEpisodes int32) {
			t.Helper()
			synctest.Wait()
			if operations.Load() != wantOperations || episodes.Load() != wantEpisodes {
				t.Errorf("%s: got %d and %d calls, want %d and %d", when, operations.Load(), episodes.Load(), wantOperations, wantEpisodes)
			}
		}
		want("at rest", 0, 0)
		if _, err := store.CreateEpisode(ctx, ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1}); err != nil {
			t.Fatal(err)
		}
		want("after a change of an episode", 0, 1)
		operation := ledger.Operation{Component: "download-worker", Number: 1, Steps: ledger.StepsOf(change.Step{Do: change.Replicas{From: 6, To: 9}})}
		if _, err := store.Create(ctx, operation); err != nil {
			t.Fatal(err)
		}
		want("after a change of an operation", 1, 1)
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the dispatcher ended with %v", err)
		}
	})
}
