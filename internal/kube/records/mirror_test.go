package records

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/watch"
	clienttesting "k8s.io/client-go/testing"

	"github.com/scalebot/scalebot/internal/ledger"
)

// mirrored plays a store whose watch is in the test's hands; lists counts the lists of its
// operations.
func mirrored(t *testing.T, play func(t *testing.T, store, other *Store, events *watch.FakeWatcher, lists func() int)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		client, listed := dynamicClient(), &atomic.Int32{}
		var events *watch.FakeWatcher
		client.PrependReactor("list", "scalingoperations", func(clienttesting.Action) (bool, runtime.Object, error) { listed.Add(1); return false, nil, nil })
		client.PrependWatchReactor("scalingoperations", func(clienttesting.Action) (bool, watch.Interface, error) {
			if events == nil {
				events = watch.NewFakeWithChanSize(10, false)
				return true, events, nil
			}
			return true, watch.NewFake(), nil
		})
		store, other := NewStore(client, namespace, quiet), NewStore(client, namespace, quiet)
		done := make(chan error)
		ctx, stop := context.WithCancel(t.Context())
		go func() { done <- store.Run(ctx) }()
		synctest.Wait()
		play(t, store, other, events, func() int { return int(listed.Swap(0)) })
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

func open(t *testing.T, store *Store) []ledger.Operation {
	t.Helper()
	ops, err := store.Unfinished(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return ops
}

// What is unfinished is not listed again while a watch tells it, and what this process writes is
// there at once.
func TestTheMirrorIsAskedInsteadOfTheServer(t *testing.T) {
	mirrored(t, func(t *testing.T, store, other *Store, events *watch.FakeWatcher, lists func() int) {
		op, err := store.Create(t.Context(), manyPartitions(1))
		if err != nil {
			t.Fatal(err)
		}
		lists()
		if got := open(t, store); len(got) != 1 || got[0].Version != op.Version {
			t.Errorf("got %d operations, want the one just written", len(got))
		}
		theirs := manyPartitions(1)
		theirs.Component, theirs.Number = "event-ingester", 1
		if theirs, err = other.Create(t.Context(), theirs); err != nil {
			t.Fatal(err)
		}
		object, err := operationObject(theirs)
		if err != nil {
			t.Fatal(err)
		}
		lists()
		events.Add(object)
		synctest.Wait()
		if got := open(t, store); len(got) != 2 {
			t.Errorf("got %d operations, want the other replica's too", len(got))
		}
		events.Delete(object)
		synctest.Wait()
		if got := open(t, store); len(got) != 1 {
			t.Errorf("got %d operations, want that which has ended gone", len(got))
		}
		if n := lists(); n != 0 {
			t.Errorf("the server listed %d times, want never", n)
		}
	})
}

// A watch that broke without a sign hides an operation for a minute at most.
func TestASilentWatchIsFoundOut(t *testing.T) {
	mirrored(t, func(t *testing.T, store, other *Store, _ *watch.FakeWatcher, lists func() int) {
		if _, err := other.Create(t.Context(), manyPartitions(1)); err != nil {
			t.Fatal(err)
		}
		lists()
		if got := open(t, store); len(got) != 0 {
			t.Fatalf("got %d operations, want the watch to hide it", len(got))
		}
		time.Sleep(mirrorLasts)
		if got := open(t, store); len(got) != 1 {
			t.Errorf("got %d operations a minute later, want the one", len(got))
		}
		time.Sleep(2 * watchPause)
		lists()
		if got := open(t, store); len(got) != 1 || lists() != 0 {
			t.Errorf("got %d operations, want the one from a watch that was set up anew", len(got))
		}
	})
}

// A watch that has lost its position (410 Gone) mirrors nothing until everything was listed.
func TestAnExpiredWatchMirrorsNothing(t *testing.T) {
	mirrored(t, func(t *testing.T, store, other *Store, events *watch.FakeWatcher, lists func() int) {
		gone := apierrors.NewResourceExpired("too old resource version").Status()
		events.Error(&gone)
		synctest.Wait()
		if _, err := other.Create(t.Context(), manyPartitions(1)); err != nil {
			t.Fatal(err)
		}
		lists()
		if got := open(t, store); len(got) != 1 || lists() != 1 {
			t.Errorf("got %d operations, want them listed", len(got))
		}
	})
}
