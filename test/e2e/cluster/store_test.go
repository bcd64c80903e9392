package cluster_test

import (
	"context"
	"github.com/scalebot/scalebot/internal/kube/records"
	"github.com/scalebot/scalebot/internal/ledger"
	"strings"
	"testing"

	"github.com/scalebot/scalebot/internal/ledger/ledgertest"
	"github.com/scalebot/scalebot/test/e2e/cluster"
)

// TestStoreKeepsTheContract runs the suite of all stores on the real API server, as the bot's service account: compare and swap is the
// server's own here, and what goes through the schema of the custom resources comes back whole.
func TestStoreKeepsTheContract(t *testing.T) {
	client := as(t, bot).dynamic
	ledgertest.Run(t, func(t *testing.T) ledger.Store {
		kubectl(t, "delete", "scalingoperations,scalingepisodes", "--all")
		store := records.NewStore(client, cluster.Namespace, quiet)
		follow(t, store)
		return store
	})
}

// follow lets a store watch until the test ends.
func follow(t *testing.T, store *records.Store) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- store.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("following the store: %v", err)
		}
	})
}

// What one replica stores wakes another one, through the API server's watch.
func TestAnotherReplicaIsWoken(t *testing.T) {
	kubectl(t, "delete", "scalingoperations,scalingepisodes", "--all")
	here, there := records.NewStore(as(t, bot).dynamic, cluster.Namespace, quiet), records.NewStore(as(t, bot).dynamic, cluster.Namespace, quiet)
	follow(t, there)
	op := operation("download-worker", 1)
	stored, err := here.Create(t.Context(), op)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, time30, func(context.Context) error {
		select {
		case <-there.Changes():
			return nil
		default:
			return errNotWoken
		}
	})
	got, err := there.Get(t.Context(), stored.ID)
	if err != nil || got.Version != stored.Version {
		t.Errorf("the other replica reads version %q, %v, want %q", got.Version, err, stored.Version)
	}
}

// kubectl shows the trail to people: who, what and how it ended.
func TestPeopleReadTheTrailWithKubectl(t *testing.T) {
	kubectl(t, "delete", "scalingoperations", "--all")
	if _, err := records.NewStore(as(t, bot).dynamic, cluster.Namespace, quiet).Create(t.Context(), operation("download-worker", 1)); err != nil {
		t.Fatal(err)
	}
	out := kubectl(t, "get", "scalingoperations")
	for _, want := range []string{"COMPONENT", "CHANGE", "FROM", "STATE", "replicas", "download-worker-1", "proposed", "Ana", "6", "9"} {
		if !strings.Contains(out, want) {
			t.Errorf("kubectl prints\n%s\nwithout %q", out, want)
		}
	}
}
