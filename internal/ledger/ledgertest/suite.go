// Package ledgertest is the contract of ledger.Store as a test suite. Every store runs
// it, so that the demo's memory and the cluster's custom resources can be trusted
// alike.
package ledgertest

import (
	"testing"
	"time"

	"github.com/scalebot/scalebot/internal/ledger"
)

var start = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

// Run checks a store; open returns a new, empty one for each check.
func Run(t *testing.T, open func(t *testing.T) ledger.Store) {
	Operations(t, func(t *testing.T) ledger.Operations { return open(t) })
	Episodes(t, func(t *testing.T) ledger.Episodes { return open(t) })
	t.Run("pruning keeps the newest", func(t *testing.T) { pruning(t, open(t)) })
}

func pruning(t *testing.T, s ledger.Store) {
	for number := 1; number <= 4; number++ {
		step(t, s, create(t, s, operation("download-worker", number)), ledger.Declined)
	}
	create(t, s, operation("event-ingester", 1))
	if err := s.Prune(t.Context(), 2, start); err != nil {
		t.Fatal(err)
	}
	if got, _ := s.Newest(t.Context(), "", 10); len(got) != 5 {
		t.Errorf("pruning what is too young left %v", ids(got))
	}
	if err := s.Prune(t.Context(), 2, start.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Newest(t.Context(), "download-worker", 10)
	same(t, "after pruning", got, err, "download-worker-4", "download-worker-3")
	if err := s.Prune(t.Context(), 0, start.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err = s.Newest(t.Context(), "", 10)
	if err != nil || len(got) != 2 {
		t.Errorf("pruning everything left %v, %v; want the newest of each component", ids(got), err)
	}
}
