package records

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	dynamicfake "k8s.io/client-go/dynamic/fake"

	"github.com/scalebot/scalebot/internal/kube/kubetest"
	"github.com/scalebot/scalebot/internal/ledger"
	"github.com/scalebot/scalebot/internal/scale"
)

func numbered(number int) ledger.Operation {
	op := manyPartitions(1)
	op.Number, op.ID = number, ledger.OperationID(op.Component, number)
	op.Events = append(op.Events, ledger.Event{State: ledger.Declined, At: seenAt})
	return op
}

func createUpTo(t *testing.T, store *Store, from, to int) {
	t.Helper()
	for number := from; number <= to; number++ {
		if _, err := store.Create(t.Context(), numbered(number)); err != nil {
			t.Fatal(err)
		}
	}
}

func wantNewest(t *testing.T, store *Store, number int) {
	t.Helper()
	got, err := store.Newest(t.Context(), "download-worker", 1)
	if err != nil || len(got) != 1 || got[0].Number != number {
		t.Errorf("the newest: got %d operations, %v; want number %d", len(got), err, number)
	}
}

func lists(client *dynamicfake.FakeDynamicClient) (n int) {
	for _, c := range client.Actions() {
		if c.GetVerb() == "list" {
			n++
		}
	}
	return n
}

// The newest record costs two small reads and no list of the history, however long that
// is, also of what another replica has added; after a pruning it is found all the same.
func TestTheNewestIsCheap(t *testing.T) {
	client := dynamicClient()
	here, there := NewStore(client, namespace, quiet), NewStore(client, namespace, quiet)
	createUpTo(t, there, 1, 8)
	wantNewest(t, here, 8)
	client.ClearActions()
	wantNewest(t, here, 8)
	createUpTo(t, there, 9, 10)
	wantNewest(t, here, 10)
	if n := lists(client); n != 0 {
		t.Errorf("the newest took %d lists, want none", n)
	}
	createUpTo(t, there, 11, 10+2*climbsMost) // too many to climb.
	wantNewest(t, here, 10+2*climbsMost)
	createUpTo(t, there, 11+2*climbsMost, 14+2*climbsMost)
	if err := there.Prune(t.Context(), 1, seenAt.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	wantNewest(t, here, 14+2*climbsMost)
	wantNewest(t, there, 14+2*climbsMost)
}

// That there is none is as cheap, and lasts no longer than that.
func TestNoEpisodeIsCheap(t *testing.T) {
	client := dynamicClient()
	here, there := NewStore(client, namespace, quiet), NewStore(client, namespace, quiet)
	none := func() {
		t.Helper()
		if _, err := here.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert); !errors.Is(err, scale.ErrNotStored) {
			t.Errorf("got %v, want that none is stored", err)
		}
	}
	none()
	client.ClearActions()
	none()
	if calls := kubetest.Calls(client.Actions()); len(calls) != 1 || calls[0].Verb != "get" {
		t.Errorf("calls: got %v, want one small read", calls)
	}
	made, err := there.CreateEpisode(t.Context(), ledger.Episode{Component: "download-worker", Kind: ledger.EpisodeAlert, Number: 1, OpenedAt: seenAt})
	if err != nil {
		t.Fatal(err)
	}
	made.ClosedAt = seenAt.Add(time.Minute)
	if made, err = there.UpdateEpisode(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	got, err := here.NewestEpisode(t.Context(), "download-worker", ledger.EpisodeAlert)
	if err != nil || got.Open() || got.Version != made.Version {
		t.Errorf("got %+v, %v; want the closed one of the other replica", got, err)
	}
}

// A newest record that somebody broke by hand does not hide the one before it.
func TestABrokenNewestIsLeftOut(t *testing.T) {
	store := NewStore(dynamicClient(), namespace, quiet)
	createUpTo(t, store, 1, 2)
	broken, err := store.operations.Get(t.Context(), ledger.OperationID("download-worker", 2), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	broken.Object["spec"] = map[string]any{"component": "download-worker"}
	if _, err := store.operations.Update(t.Context(), broken, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	wantNewest(t, store, 1)
	wantNewest(t, store, 1)
}
